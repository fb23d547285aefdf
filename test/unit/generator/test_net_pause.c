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
#include "core/base/forest_sort.h"
#include "core/generator/forest_around.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_training.h"
#include "core/generator/forest_whole.h"
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
static const ForestTrainingOptions options[] = {
	{FOREST_METHOD_VAE, UNIT_AMOUNT(12, 4), FOREST_NO_LABEL, 5},
	{FOREST_METHOD_GAN, UNIT_AMOUNT(6, 2), 5, 5},
};

/* How many attempts are left, at pauses from the first to the last. */
#define ATTEMPTS	UNIT_AMOUNT(20, 7)

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
											  &options[method]), &len);
		all = pauses;
		(void) trained_begin(&left, &table, &options[method],
							 forest_net_kernel());
		for (unit_case = 1; unit_case < all; unit_case += all / ATTEMPTS)
		{
			pauses = 0;
			pause_to_leave = unit_case;
			if (setjmp(leave) == 0)
			{
				forest_training_begin(&left.training, &left.coded,
									  &options[method], forest_net_kernel(),
									  left.memory);
				while (forest_training_run(&left.training, 10))
					;
			}
		}
		pause_to_leave = 0;
		forest_training_begin(&left.training, &left.coded, &options[method],
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

/* A table of so many booleans, by turns true and false. */
static ForestTable
many_booleans(uint32_t n_rows, uint32_t n_columns)
{
	uint32_t   *types = allocate(n_columns * sizeof(uint32_t));
	uint32_t   *n_categories = allocate(n_columns * sizeof(uint32_t));
	double	   *values = allocate((size_t) n_rows * n_columns *
								  sizeof(double));

	for (uint32_t c = 0; c < n_columns; c++)
	{
		types[c] = FOREST_BOOL;
		n_categories[c] = 0;
	}
	for (size_t i = 0; i < (size_t) n_rows * n_columns; i++)
		values[i] = (double) (i / n_columns % 2);
	return (ForestTable) {values, n_rows, n_columns, types, n_categories};
}

static void
many_free(const ForestTable *t)
{
	free((void *) t->types);
	free((void *) t->n_categories);
	free((void *) t->values);
}

static void
test_columns(void)
{
	const uint32_t n_columns = 500;
	ForestTable t = many_booleans(40, n_columns);
	void	   *memory = allocate((size_t) forest_table_size(&t));
	void	   *scratch = allocate((size_t) forest_table_scratch_size(&t));
	ForestCoded coded;

	claim("coding a table of few rows pauses at each of its columns");
	pauses = 0;
	forest_table_code(&t, memory, scratch, &coded);
	REQUIRE(pauses >= n_columns);
	free(scratch);
	free(memory);
	many_free(&t);
	proven();
}

static void
test_values(void)
{
	const uint32_t n_rows = 10 * FOREST_PAUSE_STEPS;
	ForestPair *atoms = allocate(n_rows * sizeof(ForestPair));
	ForestRankKnot *knots = allocate(FOREST_RANK_KNOTS *
									 sizeof(ForestRankKnot));

	claim("each pass over a column's values pauses");
	for (uint32_t i = 0; i < n_rows; i++)
		atoms[i] = (ForestPair) {forest_sort_key((double) i), 1};
	pauses = 0;
	(void) forest_rank_knots(atoms, n_rows, knots);
	/* sum of rows, a search by halves for the frequent ones, and the curve */
	REQUIRE(pauses >= 10 * (1 + 18 + 2));
	free(knots);
	free(atoms);
	proven();
}

static void
test_whole(void)
{
	static const ForestTrainingOptions one_step = {FOREST_METHOD_VAE, 1,
	FOREST_NO_LABEL, 1};
	const uint32_t n_columns = 1000;
	NetTable	t = {.table = many_booleans(100, n_columns)};
	double	   *row = allocate(n_columns * sizeof(double));
	const ForestGenerator *g;
	Trained		trained;
	ForestMake	make;
	uint64_t	known;
	void	   *memory;

	claim("bytes of networks pause at each unit, a row at each filled value");
	g = trained_init(&trained, &t, &one_step);
	pauses = 0;
	free(generator_bytes(g, &(size_t) {0}));
	REQUIRE(pauses >= 4 * g->hidden + g->columns.n_output);
	memory = allocate((size_t) forest_make_size(g));
	forest_make_init(&make, g, forest_net_kernel(), memory);
	/* each column is either known, and weighed, or filled */
	for (uint32_t c = 0; c < n_columns; c++)
		row[c] = 1.0;
	pauses = 0;
	forest_make_whole(&make, row);
	known = pauses;
	for (uint32_t c = 0; c < n_columns; c++)
		row[c] = NAN;
	pauses = 0;
	forest_make_whole(&make, row);
	REQUIRE(pauses >= known);
	free(memory);
	free(row);
	trained_free(&trained);
	many_free(&t.table);
	proven();
}

int
main(void)
{
	test_left();
	test_wide();
	test_columns();
	test_values();
	test_whole();
	return unit_done();
}
