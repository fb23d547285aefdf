/*-------------------------------------------------------------------------
 *
 * test_net_table.c
 *	  Tables as networks see them: ranks, curves back to values, classes.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_rng.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_normal.h"

#include "net_support.h"
#include "statistics.h"
#include "unit.h"

/* A coded table, with its memory. */
typedef struct Coded
{
	ForestCoded coded;
	void	   *memory;
} Coded;

static void
coded_init(Coded *c, const NetTable *t)
{
	void	   *scratch = allocate((size_t)
								   forest_table_scratch_size(&t->table));

	c->memory = allocate((size_t) forest_table_size(&t->table));
	forest_table_code(&t->table, c->memory, scratch, &c->coded);
	free(scratch);
}

static void
net_table_free(NetTable *t)
{
	free(t->values);
}

/* A column of random kind: spikes, ties, singles, infinities, NULLs. */
static void
fill_column(NetTable *t, ForestRng *rng)
{
	uint32_t	kind = forest_rng_below(rng, 8);

	for (uint32_t i = 0; i < t->table.n_rows; i++)
	{
		double		x = forest_normal_draw(rng);

		switch (kind)
		{
			case 0:
				break;
			case 1:
				x = rint(3.0 * x);
				break;
			case 2:
				x = forest_rng_below(rng, 3) > 0 ? -7.5 : x;
				break;
			case 3:
				x = x > 1.0 ? INFINITY : x < -1.5 ? -INFINITY : x;
				break;
			case 4:
				x = x > 0.0 ? 1e300 * x : 1e-300 * x;
				break;
			case 5:
				x = forest_rng_below(rng, 2) == 0 ? 0.0 : -0.0;
				break;
			case 6:
				x = 5.0;
				break;
			default:
				x = rint(100.0 * forest_exp(x)) / 100.0;
		}
		*net_at(t, i, 0) = forest_rng_below(rng, 9) == 0 ? (double) NAN : x;
	}
}

/* How many rows have a value. */
static uint32_t
count_value(NetTable *t, double value)
{
	uint32_t	n = 0;

	for (uint32_t i = 0; i < t->table.n_rows; i++)
		n += *net_at(t, i, 0) == value;
	return n;
}

static void
require_curve(const ForestRank *rank)
{
	double		last = -INFINITY;

	REQUIRE(rank->n_knots <= FOREST_RANK_KNOTS);
	for (uint32_t i = 1; i < rank->n_knots; i++)
	{
		REQUIRE(rank->knots[i].score >= rank->knots[i - 1].score);
		REQUIRE(rank->knots[i].value >= rank->knots[i - 1].value);
	}
	for (double z = -8.0; z <= 8.0 && rank->n_knots > 0; z += 0.01)
	{
		double		value = forest_rank_value(rank, z);

		REQUIRE(value >= last);
		last = value;
	}
}

static void
test_curves(void)
{
	ForestRng	rng;

	claim("curves ascend, and lead back to the interval that a row has");
	for (unit_case = 0; unit_case < 400; unit_case++)
	{
		NetTable	t;
		Coded		c;
		const ForestColumn *column;
		uint32_t	n = 0;

		forest_rng_init(&rng, 31, unit_case);
		net_table_init(&t, 1 + forest_rng_below(&rng, 300), 1);
		fill_column(&t, &rng);
		coded_init(&c, &t);
		column = &c.coded.columns.columns[0];
		require_curve(&column->rank);
		for (uint32_t i = 0; i < t.table.n_rows; i++)
			n += isnan(*net_at(&t, i, 0)) ? 0 : 1;
		for (uint32_t i = 0; i < t.table.n_rows; i++)
		{
			double		value = *net_at(&t, i, 0);
			ForestCode	code = c.coded.codes[i];
			uint32_t	below = 0;
			double		low;
			double		high;

			REQUIRE(forest_code_misses(code) == isnan(value));
			if (isnan(value))
				continue;
			for (uint32_t k = 0; k < t.table.n_rows; k++)
				below += *net_at(&t, k, 0) < value;
			REQUIRE(fabs((double) code.low / FOREST_TABLE_SHARES -
						 (double) below / n) < 1e-5);
			REQUIRE(fabs((double) (code.high - code.low) /
						 FOREST_TABLE_SHARES -
						 (double) count_value(&t, value) / n) < 2e-5);
			forest_rank_interval(&column->rank, t.table.n_rows, value, &low,
								 &high);
			REQUIRE(low < high);
			/* so many rows of one value are kept, with their share */
			if (count_value(&t, value) > n / 20 + 2 && code.low > 0 &&
				code.high < FOREST_TABLE_SHARES)
				REQUIRE(forest_rank_value(&column->rank, 0.5 * (low + high))
						== value &&
						fabs(forest_normal_share(low) -
							 (double) below / n) < 0.01);
		}
		net_table_free(&t);
		free(c.memory);
	}
	proven();
}

static void
test_ties(void)
{
	ForestRng	rng;

	claim("a column of few values that recur has no others");
	for (unit_case = 0; unit_case < 60; unit_case++)
	{
		NetTable	t;
		Coded		c;
		double		values[12];
		uint32_t	n_values;

		forest_rng_init(&rng, 32, unit_case);
		n_values = 1 + forest_rng_below(&rng, 12);
		net_table_init(&t, 300, 1);
		for (uint32_t k = 0; k < n_values; k++)
			values[k] = forest_normal_draw(&rng);
		for (uint32_t i = 0; i < 300; i++)
			*net_at(&t, i, 0) = values[forest_rng_below(&rng, n_values)];
		/* and sometimes one that does not recur */
		if (unit_case % 2 == 1)
			*net_at(&t, 7, 0) = 0.123;
		coded_init(&c, &t);
		for (double z = -8.0; z < 8.0; z += 0.003)
		{
			double		value = forest_rank_value(
												  &c.coded.columns.columns[0].rank, z);

			REQUIRE(count_value(&t, value) > 0 && value != 0.123);
		}
		net_table_free(&t);
		free(c.memory);
	}
	proven();
}

static void
test_copies(void)
{
	NetTable	t;
	Coded		c;
	ForestRng	rng;
	uint32_t	copies = 0;

	claim("values of a single row do not come back, nor any beyond the ends");
	forest_rng_init(&rng, 33, 0);
	net_table_init(&t, 200, 1);
	for (uint32_t i = 0; i < 200; i++)
		*net_at(&t, i, 0) = i < 100 ? 0.0 :
			forest_exp(forest_normal_draw(&rng));
	coded_init(&c, &t);
	for (uint32_t i = 0; i < 100000; i++)
	{
		double		value = forest_rank_value(&c.coded.columns.columns[0].rank,
											  forest_normal_draw(&rng));

		copies += value != 0.0 && count_value(&t, value) > 0;
		REQUIRE(value >= 0.0);
	}
	printf("# %u copies\n", copies);
	REQUIRE(copies == 0);
	net_table_free(&t);
	free(c.memory);
	proven();
}

static void
test_distribution(void)
{
	static double shares[20000];
	NetTable	t;
	Coded		c;
	ForestRng	rng;

	claim("normal scores come back distributed as the column was");
	forest_rng_init(&rng, 34, 0);
	net_table_init(&t, 20000, 1);
	for (uint32_t i = 0; i < 20000; i++)
		*net_at(&t, i, 0) = forest_exp(2.0 * forest_normal_draw(&rng));
	coded_init(&c, &t);
	for (uint32_t i = 0; i < 20000; i++)
	{
		double		value = forest_rank_value(&c.coded.columns.columns[0].rank,
											  forest_normal_draw(&rng));

		shares[i] = 0.5 * erfc(-log(value) / 2.0 * sqrt(0.5));
	}
	/* two samples differ by sqrt(2) times as much as one from its source */
	REQUIRE(is_uniform_in_unit("log-normal / sqrt 2", 34, shares, 20000));
	net_table_free(&t);
	free(c.memory);
	proven();
}

static void
test_grids(void)
{
	NetTable	t;
	Coded		c;
	ForestRng	rng;

	claim("whole numbers and decimals come back as such");
	forest_rng_init(&rng, 35, 0);
	net_table_init(&t, 1000, 3);
	t.types[1] = FOREST_INT8;
	for (uint32_t i = 0; i < 1000; i++)
	{
		double		x = forest_exp(2.0 * forest_normal_draw(&rng));

		*net_at(&t, i, 0) = rint(100.0 * x) / 100.0;
		*net_at(&t, i, 1) = rint(100.0 * x);
		*net_at(&t, i, 2) = x;
	}
	coded_init(&c, &t);
	for (uint32_t i = 0; i < 1000; i++)
	{
		double		z = forest_normal_draw(&rng);
		double		value = forest_rank_value(&c.coded.columns.columns[0].rank,
											  z);

		REQUIRE(rint(100.0 * value) / 100.0 == value);
		value = forest_rank_value(&c.coded.columns.columns[1].rank, z);
		REQUIRE(rint(value) == value);
	}
	REQUIRE(c.coded.columns.columns[2].rank.grid.step == 0.0);
	net_table_free(&t);
	free(c.memory);
	proven();
}

static void
test_classes(void)
{
	NetTable	t;
	Coded		c;
	const ForestColumn *columns;

	claim("classes are the categories that occur, and missing where it does");
	net_table_mixed(&t, 500, 36);
	coded_init(&c, &t);
	columns = c.coded.columns.columns;
	REQUIRE(columns[4].is_classes && columns[4].n_classes == 2);
	REQUIRE(columns[5].is_classes && columns[5].n_classes == 5);
	REQUIRE(columns[5].classes[4] == FOREST_CLASS_MISSING);
	REQUIRE(!columns[6].varies && columns[6].n_input == 0);
	REQUIRE(columns[3].may_miss && columns[3].n_input == 2);
	REQUIRE(c.coded.columns.n_input == 1 + 1 + 1 + 2 + 2 + 5);
	REQUIRE(c.coded.columns.n_output == 9 + 9 + 9 + 10 + 2 + 5);
	for (uint32_t i = 0; i < 500; i++)
	{
		uint32_t	code = columns[5].classes[c.coded.codes[i * 7 + 5].low];
		double		value = *net_at(&t, i, 5);

		REQUIRE(isnan(value) ? code == FOREST_CLASS_MISSING : code == value);
		REQUIRE(forest_column_class(&columns[5], value) ==
				c.coded.codes[i * 7 + 5].low);
	}
	REQUIRE(forest_column_class(&columns[5], 4.0) == 5);
	REQUIRE(forest_column_class(&columns[4], NAN) == 2);
	net_table_free(&t);
	free(c.memory);
	proven();
}

int
main(void)
{
	test_curves();
	test_ties();
	test_copies();
	test_distribution();
	test_grids();
	test_classes();
	return unit_done();
}
