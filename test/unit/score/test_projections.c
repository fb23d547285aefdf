/*-------------------------------------------------------------------------
 *
 * test_projections.c
 *	  Forests whose trees split sums of columns: what a sum is, and that
 *	  every form of the forest makes the same of it.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_projection.h"
#include "core/score/forest_block.h"
#include "core/score/forest_wide.h"

#include "blocks_support.h"
#include "projected.h"
#include "unit.h"

/* What a projection is of rows that people can check. */
static void
test_sums(void)
{
	static const ForestTerm terms[] = {
		{0, 10.0, 2.0}, {2, 0.0, -1.0}, {1, -5.0, 0.5}
	};
	static const uint32_t ends[] = {2, 3};
	const ForestProjections all = {2, ends, terms};
	const double whole[] = {11.0, 7.0, 4.0};
	const double partly[] = {NAN, NAN, 4.0};
	const double opposite[] = {INFINITY, -INFINITY, INFINITY};
	const double greatest[] = {DBL_MAX, -DBL_MAX, -DBL_MAX};

	claim("a projection is the sum of coefficient * (value - centre)");
	REQUIRE(forest_project(&all, 0, whole) == 2.0 * 1.0 - 4.0);
	REQUIRE(forest_project(&all, 1, whole) == 0.5 * 12.0);
	proven();

	claim("a missing value adds nothing; where all miss, so does the sum");
	REQUIRE(forest_project(&all, 0, partly) == -4.0);
	REQUIRE(isnan(forest_project(&all, 1, partly)));
	proven();

	claim("infinities count as 1e150: no sum is infinite");
	REQUIRE(forest_project(&all, 0, opposite) == 2.0 * (1e150 - 10.0) - 1e150);
	REQUIRE(forest_project(&all, 1, opposite) == 0.5 * (-1e150 + 5.0));
	REQUIRE(forest_project(&all, 0, greatest) == 2.0 * (1e150 - 10.0) + 1e150);
	proven();
}

/* Random forests over every sort of column, by all kernels and plainly. */
static void
test_forms(void)
{
	ForestRng	rng;
	int			n_built = 0;
	int			n_wide = 0;

	claim("every kernel has the walk's sums, and the walk the plain one's");
	forest_rng_init(&rng, 91, 0);
	for (unit_case = 0; unit_case < 250; unit_case++)
	{
		uint32_t	d = 1 + forest_rng_below(&rng, unit_case % 5 ? 9 : 60);
		uint32_t	most = unit_case % 10 == 0 ? 300 : 70;
		Table		table;
		Grove		grove;
		Outcome		outcome;
		Table		rows;
		Scorer		scorer;
		ForestView	view;
		ForestFault fault;
		size_t		len;
		uint8_t    *bytes;
		ForestWide	wide;
		void	   *wide_memory;
		void	   *scratch;

		table_random(&table, 2 + forest_rng_below(&rng, 200), d, &rng);
		grove_begin(&grove, &table);
		if (!grove_project(&grove, 1 + forest_rng_below(&rng, most), &rng))
		{
			grove_free(&grove);
			table_free(&table);
			continue;
		}
		for (uint32_t n = 1 + forest_rng_below(&rng, 3); n > 0; n--)
			grove_grow_projected(&grove, &table,
								 1 + forest_rng_below(&rng, 40),
								 1 + forest_rng_below(&rng, table.n_rows),
								 forest_rng_below(&rng, 9), unit_case + n);
		if (unit_case % 2 == 0)
			grove_label(&grove, 4, &rng);
		outcome = compare_near_cuts(&grove, 40, &rng);
		n_built += outcome.built;
		n_wide += !outcome.built;

		table_init(&rows, table.n_rows < 40 ? table.n_rows : 40, d);
		memcpy(rows.values, table.values,
			   (size_t) rows.n_rows * d * sizeof(double));
		compare_forms(&grove, &rows, NULL, &rng);

		bytes = model_bytes(&grove.parts, &len);
		REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK);
		scorer_init(&scorer, &view);
		wide_memory = allocate((size_t) forest_wide_size(&scorer.walk));
		forest_wide_build(&scorer.walk, wide_memory, &wide);
		scratch = allocate(forest_wide_scratch_size(&scorer.walk));
		for (uint32_t i = 0; i < rows.n_rows; i++)
		{
			const double *row = table_at(&rows, i, 0);

			REQUIRE(forest_wide_sum(&wide, row, scratch) ==
					scorer_sum(&scorer, row));

			REQUIRE(fabs(scorer_score(&scorer, row) -
						 exp2(-plain_mean_path(&grove.parts, row))) < 1e-12);
		}
		free(scratch);
		free(wide_memory);
		scorer_free(&scorer);
		free(bytes);
		table_free(&rows);
		grove_free(&grove);
		table_free(&table);
	}
	REQUIRE(n_built > 150 && n_wide > 3);
	proven();
}

/* Columns that nothing splits take no room in the fast form. */
static void
test_unsplit(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Table		columns;
	Outcome		outcome;

	claim("what is only projected is not ranked: 200 columns, 60 sums");
	forest_rng_init(&rng, 92, 0);
	table_init(&table, 150, 200);
	for (uint32_t f = 0; f < 200; f++)
		table_fill(&table, f, UNIFORM, &rng);
	grove_begin(&grove, &table);
	for (uint32_t f = 0; f < 200; f++)
		grove.features[f].type = FOREST_FLOAT8;
	REQUIRE(grove_project(&grove, 60, &rng));
	/* trees see the columns themselves as constants */
	projected_table(&columns, &grove.parts, &table);
	for (uint32_t i = 0; i < 150; i++)
		memset(table_at(&columns, i, 0), 0, 200 * sizeof(double));
	grove_grow_group(&grove, &columns, 60, 150, 0, 1);
	outcome = compare_forms(&grove, &table, NULL, &rng);
	REQUIRE(outcome.built && outcome.width == 64);
	table_free(&columns);
	grove_free(&grove);
	table_free(&table);
	proven();
}

int
main(void)
{
	test_sums();
	test_forms();
	test_unsplit();
	return unit_done();
}
