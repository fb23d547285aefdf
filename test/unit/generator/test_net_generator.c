/*-------------------------------------------------------------------------
 *
 * test_net_generator.c
 *	  Generators: trained, and making rows.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/generator/forest_around.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_training.h"
#include "core/generator/forest_whole.h"
#include "core/net/forest_net_kernel.h"

#include "net_support.h"
#include "statistics.h"
#include "unit.h"

static void
test_same_bytes(void)
{
	static const ForestTrainingOptions *const options[] = {&few_steps_vae,
	&few_steps_gan};
	static const uint64_t wanted[][2] = {
#if UNIT_EMULATED
		{UINT64_C(0x4BAEB0F301DB9CC3), UINT64_C(0x0B86439661277149)},
		{UINT64_C(0xD3C62C7FE75091EB), UINT64_C(0xD635C6E68BD14760)},
#else
		{UINT64_C(0xAD08C00C908C9ED4), UINT64_C(0xAE3A2CB9C14242B1)},
		{UINT64_C(0x898F405C847E83BD), UINT64_C(0x163F205A44BB6FC6)},
#endif
	};
	static double rows[200 * 7];
	static double others[200 * 7];
	NetTable	t;

	claim("one seed gives one generator and one set of rows, to the byte");
	net_table_mixed(&t, 400, 41);
	for (unit_case = 0; unit_case < 2; unit_case++)
	{
		Trained		trained;
		Trained		again;
		const ForestGenerator *g = trained_init(&trained, &t,
												options[unit_case]);
		size_t		len;
		uint8_t    *bytes = generator_bytes(g, &len);
		size_t		len_again;
		uint8_t    *bytes_again;

		REQUIRE(is_frozen("generator", bytes, len, wanted[unit_case][0]));
		make_rows(g, forest_net_kernel(), NAN, 0, 200, rows);
		REQUIRE(rows_frozen("rows", rows, 200 * 7, wanted[unit_case][1]));

		/* other kernel, other numbers of steps a call */
		(void) trained_begin(&again, &t, options[unit_case],
							 &forest_net_portable);
		for (uint32_t n = 1; forest_training_run(&again.training, n); n++)
			;
		bytes_again = generator_bytes(&again.training.generator, &len_again);
		REQUIRE(len == len_again && memcmp(bytes, bytes_again, len) == 0);

		/* rows do not depend on those made with them */
		for (uint32_t i = 200; i-- > 0;)
			make_rows(g, &forest_net_portable, NAN, i, 1, others + i * 7);
		REQUIRE(same_rows(rows, others, 200 * 7));
		for (uint32_t i = 0; i < 200 * 7; i++)
			REQUIRE(is_value(i % 7, rows[i]));
		free(bytes);
		free(bytes_again);
		trained_free(&trained);
		trained_free(&again);
	}
	free(t.values);
	proven();
}

/* The share of rows whose column is a value, or, for -1, missing. */
static double
share_of(const double *rows, uint32_t n, uint32_t c, int value)
{
	double		count = 0.0;

	for (uint32_t i = 0; i < n; i++)
		count += value < 0 ? isnan(rows[i * 7 + c]) != 0 :
			rows[i * 7 + c] == value;
	return count / n;
}

/* Requires that shares of made rows are near those of the table. */
static void
require_shares(const double *rows, uint32_t n, const NetTable *t)
{
	for (uint32_t c = 2; c < 6; c++)
		for (int value = -1; value < 7; value++)
		{
			double		made = share_of(rows, n, c, value);
			double		real = share_of(t->values, t->table.n_rows, c, value);

			if (!REQUIRE(fabs(made - real) <= 0.06))
				printf("# column %u, value %d: %.3f, wanted %.3f\n", c,
					   value, made, real);
		}
}

/* Correlation of the first two columns. */
static double
correlation(const double *rows, uint32_t n)
{
	double		x = 0.0;
	double		y = 0.0;
	double		xx = 0.0;
	double		yy = 0.0;
	double		xy = 0.0;

	for (uint32_t i = 0; i < n; i++)
	{
		double		a = rows[i * 7];
		double		b = rows[i * 7 + 1];

		x += a;
		y += b;
		xx += a * a;
		yy += b * b;
		xy += a * b;
	}
	return (xy - x * y / n) / sqrt((xx - x * x / n) * (yy - y * y / n));
}

static void
test_distribution(ForestMake *m, NetTable *t)
{
	static double rows[2000 * 7];

	claim("made rows are distributed as the rows of the table");
	forest_make_rows(m, NAN, 8, 0, 2000, rows);
	require_shares(rows, 2000, t);
	printf("# seed 8: correlation %.3f, of the table %.3f, threshold 0.95\n",
		   correlation(rows, 2000), correlation(t->values, 1500));
	REQUIRE(correlation(rows, 2000) > 0.95);
	proven();
}

static void
test_given(ForestMake *m)
{
	static double rows[500 * 7];
	const bool	given[7] = {true, false, false, false, false, true, false};
	const double row[7] = {1.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
	void	   *memory = allocate((size_t)
								  forest_given_size(FOREST_GIVEN_LATENTS));
	ForestGiven weighed;
	double		mean = 0.0;

	claim("columns that are given stay, and others follow");
	forest_given_weigh(m, row, given, 8, FOREST_GIVEN_LATENTS, memory,
					   &weighed);
	forest_make_given(m, &weighed, row, given, 8, 0, 500, rows);
	for (uint32_t i = 0; i < 500; i++)
	{
		REQUIRE(rows[i * 7] == 1.5 && rows[i * 7 + 5] == 0.0);
		mean += rows[i * 7 + 1] / 500;
	}
	printf("# seed 8: effective %.1f, mean %.2f, wanted 15 +- 2\n",
		   weighed.effective, mean);
	REQUIRE(weighed.effective >= 1.0 &&
			weighed.effective <= FOREST_GIVEN_LATENTS);
	REQUIRE(fabs(mean - 15.0) < 2.0);
	free(memory);
	proven();
}

static void
test_whole(ForestMake *m, NetTable *t)
{
	double		error = 0.0;
	double		row[7];

	claim("what is missing is filled in as the other columns say");
	for (uint32_t i = 0; i < 100; i++)
	{
		double		truth = *net_at(t, i, 1);

		memcpy(row, net_at(t, i, 0), sizeof(row));
		row[1] = NAN;
		row[5] = NAN;
		forest_make_whole(m, row);
		REQUIRE(row[0] == *net_at(t, i, 0) && !isnan(row[5]) &&
				is_value(5, row[5]) && !isnan(row[3]));
		error += (row[1] - truth) * (row[1] - truth) / 100;
	}
	/* the column's own deviation is 10, its noise 1 */
	printf("# root of mean square error %.2f, threshold 1.5\n", sqrt(error));
	REQUIRE(sqrt(error) < 1.5);
	proven();
}

static void
test_around(ForestMake *m, NetTable *t)
{
	static const double radii[] = {0.0, 0.1, 0.3, 1.0};
	static double rows[300 * 7];
	double		moved[4] = {0.0};
	double		row[7];

	claim("rows around a row are as far from it as the radius says");
	for (int k = 0; k < 4; k++)
	{
		memcpy(row, net_at(t, 3, 0), sizeof(row));
		row[1] = 1000.0;		/* far out of the column */
		row[3] = NAN;
		forest_make_around(m, row, radii[k], 8, 0, 300, rows);
		for (uint32_t i = 0; i < 300; i++)
		{
			for (uint32_t c = 0; c < 7; c++)
				REQUIRE(k > 0 || rows[i * 7 + c] == row[c] || isnan(row[c]));
			REQUIRE(isnan(rows[i * 7 + 3]) && rows[i * 7 + 6] == 42.0);
			REQUIRE(rows[i * 7 + 1] > 900.0);
			moved[k] += fabs(rows[i * 7] - row[0]) / 300;
		}
		REQUIRE(k == 0 ? moved[k] == 0.0 : moved[k] > moved[k - 1]);
	}
	printf("# moved by %.3f, %.3f, %.3f\n", moved[1], moved[2], moved[3]);
	proven();
}

static void
test_learnt(void)
{
	static const ForestTrainingOptions options = {FOREST_METHOD_VAE, 600,
	FOREST_NO_LABEL, 7};
	Trained		trained;
	NetTable	t;
	const ForestGenerator *g;
	ForestMake	m;
	void	   *scratch;

	net_table_mixed(&t, 1500, 43);
	g = trained_init(&trained, &t, &options);
	printf("# seed 7: %u steps, %.2f bits a row\n", g->n_steps, g->bits);
	scratch = allocate((size_t) forest_make_size(g));
	forest_make_init(&m, g, forest_net_kernel(), scratch);
	test_distribution(&m, &t);
	test_given(&m);
	test_whole(&m, &t);
	test_around(&m, &t);
	free(scratch);
	trained_free(&trained);
	free(t.values);
}

static void
test_label(void)
{
	static const ForestTrainingOptions options = {FOREST_METHOD_GAN, 300, 4,
	9};
	static double rows[1000 * 7];
	Trained		trained;
	NetTable	t;
	const ForestGenerator *g;
	double		ones;

	claim("an adversarial network makes the label that it is asked for");
	net_table_mixed(&t, 600, 44);
	g = trained_init(&trained, &t, &options);
	make_rows(g, forest_net_kernel(), 1.0, 0, 200, rows);
	for (uint32_t i = 0; i < 200; i++)
		REQUIRE(rows[i * 7 + 4] == 1.0);
	make_rows(g, forest_net_kernel(), NAN, 0, 1000, rows);
	/* as rare as in the table, though in training it was not */
	ones = fabs(share_of(rows, 1000, 4, 1) - share_of(t.values, 600, 4, 1));
	REQUIRE(is_below("share of a rare label", 99,
					 ones / sqrt(0.2 * 0.8 / 1000), NORMAL_THRESHOLD));
	printf("# correlation %.3f, threshold 0.7\n", correlation(rows, 1000));
	REQUIRE(correlation(rows, 1000) > 0.7);
	trained_free(&trained);
	free(t.values);
	proven();
}

/* A table of columns that leave little to learn. */
static void
net_table_small(NetTable *t, uint32_t n)
{
	net_table_init(t, n, 5);
	t->types[1] = FOREST_TEXT;
	t->n_categories[1] = 200;
	for (uint32_t i = 0; i < n; i++)
	{
		*net_at(t, i, 0) = NAN;
		*net_at(t, i, 1) = i;
		*net_at(t, i, 2) = i % 2 ? (double) INFINITY : -5.0;
		*net_at(t, i, 3) = i % 2 ? 1e300 : 1e-300;
		*net_at(t, i, 4) = i == 0 ? (double) NAN : i;
	}
}

static void
test_small(void)
{
	const uint32_t steps = UNIT_AMOUNT(5, 2);
	const ForestTrainingOptions all[] = {
		{FOREST_METHOD_VAE, steps, FOREST_NO_LABEL, 3},
		{FOREST_METHOD_GAN, steps, FOREST_NO_LABEL, 3},
		{FOREST_METHOD_GAN, steps, 1, 3},
	};
	static const uint32_t sizes[] = {1, 2, 3, 10, 59, 60, 130};
	static double rows[20 * 5];

	claim("tiny, constant and empty columns are learnt and made");
	for (unit_case = 0; unit_case < 21; unit_case++)
	{
		NetTable	t;
		Trained		trained;
		const ForestGenerator *g;
		uint32_t	n = sizes[unit_case / 3];
		size_t		len;
		uint8_t    *bytes;

		net_table_small(&t, n);
		g = trained_init(&trained, &t, &all[unit_case % 3]);
		make_rows(g, forest_net_kernel(), NAN, 0, 20, rows);
		for (uint32_t i = 0; i < 20; i++)
		{
			const double *row = rows + i * 5;

			REQUIRE(isnan(row[0]) && row[1] < n);
			REQUIRE(row[2] == -5.0 || row[2] == (double) INFINITY);
			REQUIRE(row[3] >= 1e-300 && row[3] <= 1e300);
			REQUIRE(isnan(row[4]) || (row[4] >= 1.0 && row[4] < n));
		}
		bytes = generator_bytes(g, &len);
		REQUIRE(check_generator(bytes, len, &t, 5) == FOREST_OK);
		free(bytes);
		trained_free(&trained);
		free(t.values);
	}
	proven();
}

static void
test_large(void)
{
	static const uint32_t types[1600] = {0};
	static const uint32_t none[1600] = {0};
	const ForestTable table = {NULL, 20000000, 1600, types, none};

	claim("how much memory a table takes is told before there is any");
	/* 4 bytes a value, and what is beyond 32 bits is not lost */
	REQUIRE(forest_table_size(&table) >= UINT64_C(4) * 20000000 * 1600);
	REQUIRE(forest_table_size(&table) < UINT64_C(5) * 20000000 * 1600);
	REQUIRE(forest_table_scratch_size(&table) >= UINT64_C(8) * 20000000);
	proven();
}

static void
test_refusals(void)
{
	ForestTrainingOptions options = few_steps_vae;
	Trained		trained;
	NetTable	t;

	claim("what cannot be learnt is refused before memory is asked for");
	net_table_init(&t, 9000, 1);
	t.types[0] = FOREST_TEXT;
	t.n_categories[0] = 9000;
	for (uint32_t i = 0; i < 9000; i++)
		*net_at(&t, i, 0) = i;
	REQUIRE(trained_begin(&trained, &t, &options, forest_net_kernel()) ==
			FOREST_TRAINING_TOO_WIDE);
	trained_free(&trained);
	t.types[0] = FOREST_FLOAT8;
	options.method = FOREST_METHOD_GAN;
	options.label = 0;
	REQUIRE(trained_begin(&trained, &t, &options, forest_net_kernel()) ==
			FOREST_TRAINING_NO_CLASSES);
	trained_free(&trained);
	t.table.n_rows = 0;
	REQUIRE(trained_begin(&trained, &t, &few_steps_vae,
						  forest_net_kernel()) == FOREST_TRAINING_NO_ROWS);
	trained_free(&trained);
	free(t.values);
	proven();
}

/* Weights that have come to be no numbers by the time they are looked at. */
static void
test_not_finite(void)
{
	static const ForestTrainingOptions *const options[] = {&few_steps_vae,
	&few_steps_gan};
	static double rows[50 * 7];
	NetTable	t;

	claim("training that leads to no numbers says so, and gives the best before");
	net_table_mixed(&t, 400, 47);
	for (unit_case = 0; unit_case < 2; unit_case++)
	{
		Trained		trained;
		const ForestGenerator *g = &trained.training.generator;
		size_t		len;
		uint8_t    *bytes;

		(void) trained_begin(&trained, &t, options[unit_case],
							 forest_net_kernel());
		(void) forest_training_run(&trained.training,
								   options[unit_case]->n_steps - 1);
		if (g->method == FOREST_METHOD_VAE)
			trained.training.adam.weights[0] = NAN;
		else
			trained.training.gan.maker_adam.weights[0] = NAN;
		while (forest_training_run(&trained.training, 10))
			;
		REQUIRE(g->outcome == FOREST_OUTCOME_NOT_FINITE);
		bytes = generator_bytes(g, &len);
		REQUIRE(check_generator(bytes, len, &t, 7) == FOREST_OK);
		make_rows(g, forest_net_kernel(), NAN, 0, 50, rows);
		for (uint32_t i = 0; i < 50 * 7; i++)
			REQUIRE(is_value(i % 7, rows[i]));
		free(bytes);
		trained_free(&trained);
	}
	free(t.values);
	proven();
}

int
main(void)
{
	test_same_bytes();
	/* Equal bytes have learnt the same. */
	if (UNIT_EMULATED)
		untried("what is learnt is like the table",
				"half an hour under emulation; its bytes are the same anywhere");
	else
	{
		test_learnt();
		test_label();
	}
	test_small();
	test_large();
	test_refusals();
	test_not_finite();
	return unit_done();
}
