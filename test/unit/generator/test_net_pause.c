/*-------------------------------------------------------------------------
 *
 * test_net_pause.c
 *	  Training and making rows can be interrupted at short intervals, and
 *	  done again after that.
 *
 *-------------------------------------------------------------------------
 */
#include <setjmp.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_training.h"
#include "core/net/forest_net_kernel.h"

#include "net_support.h"
#include "unit.h"

static uint64_t pauses;
static uint64_t pause_to_leave;	/* 0: none */
static jmp_buf leave;

/* In the place of the core's own. */
void
forest_pause(void)
{
	if (++pauses == pause_to_leave)
		longjmp(leave, 1);
}

static NetTable table;
static Trained left;
static const ForestTrainingOptions *const options[] = {&few_steps_vae,
&few_steps_gan};

static void
test_left(void)
{
	Trained		whole;
	static uint8_t *wanted;		/* static: longjmp leaves locals undefined */
	static uint8_t *found;
	size_t		len;

	net_table_mixed(&table, 150, 51);
	claim("a generator trained after attempts that were left is the same");
	for (int method = 0; method < 2; method++)
	{
		static uint64_t all;

		pauses = 0;
		wanted = generator_bytes(trained_init(&whole, &table,
											  options[method]), &len);
		all = pauses;
		(void) trained_begin(&left, &table, options[method],
							 forest_net_kernel());
		for (unit_case = 1; unit_case < all; unit_case += all / 20)
		{
			pauses = 0;
			pause_to_leave = unit_case;
			if (setjmp(leave) == 0)
			{
				forest_training_begin(&left.training, &left.coded,
									  options[method], forest_net_kernel(),
									  left.memory);
				while (forest_training_run(&left.training, 10))
					;
			}
		}
		pause_to_leave = 0;
		forest_training_begin(&left.training, &left.coded, options[method],
							  forest_net_kernel(), left.memory);
		while (forest_training_run(&left.training, 10))
			;
		found = generator_bytes(&left.training.generator, &len);
		REQUIRE(memcmp(wanted, found, len) == 0);
		printf("# %llu pauses\n", (unsigned long long) all);
		free(wanted);
		free(found);
		trained_free(&whole);
		trained_free(&left);
	}
	free(table.values);
	proven();
}

static void
test_wide(void)
{
	static const ForestTrainingOptions one_step = {FOREST_METHOD_VAE, 1,
	FOREST_NO_LABEL, 1};
	const uint32_t n_columns = 300;
	uint32_t   *types = allocate(n_columns * sizeof(uint32_t));
	uint32_t   *n_categories = allocate(n_columns * sizeof(uint32_t));
	NetTable	t;
	Trained		trained;
	ForestRng	rng;

	claim("a step on a wide table pauses for every few million products");
	forest_rng_init(&rng, 52, 0);
	net_table_init(&t, 100, 1);
	free(t.values);
	t.values = allocate(100 * n_columns * sizeof(double));
	for (uint32_t c = 0; c < n_columns; c++)
	{
		types[c] = FOREST_FLOAT8;
		n_categories[c] = 0;
	}
	for (uint32_t i = 0; i < 100 * n_columns; i++)
		t.values[i] = forest_rng_double(&rng);
	t.table = (ForestTable) {t.values, 100, n_columns, types, n_categories};
	(void) trained_begin(&trained, &t, &one_step, forest_net_kernel());
	pauses = 0;
	(void) forest_training_run(&trained.training, 1);
	/* 6 products a weight and row, of which 2^22 are one piece */
	REQUIRE(pauses >= 3 * trained.training.generator.vae.n * 128 / (1 << 22) +
			n_columns);
	trained_free(&trained);
	free(t.values);
	free(types);
	free(n_categories);
	proven();
}

int
main(void)
{
	test_left();
	test_wide();
	return unit_done();
}
