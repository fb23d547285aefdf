/*-------------------------------------------------------------------------
 *
 * test_explain_projections.c
 *	  Contributions where splits look at several columns: each projection's
 *	  is its Shapley value, which its features share.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/explain/forest_explain.h"

#include "explain_oracle.h"
#include "projected.h"
#include "unit.h"

/*
 * The contributions of a row's features by an oracle, to which projections are
 * columns like any other: shared by how far each value moves the sum, evenly
 * where none does.
 */
static void
oracle_shares(const ForestParts *parts, const double *row, long double *phi)
{
	uint32_t	d = parts->summary.n_features;
	uint32_t	n_columns = d + parts->projections.n;
	long double *columns = allocate(n_columns * sizeof(long double));
	uint32_t	first = 0;
	Oracle		oracle;

	oracle_init(&oracle, parts, row);
	oracle.n_features = n_columns;
	subsets_explain(&oracle, columns);
	oracle_free(&oracle);
	for (uint32_t f = 0; f < d; f++)
		phi[f] = columns[f];
	for (uint32_t i = 0; i < parts->projections.n; i++)
	{
		uint32_t	end = parts->projections.ends[i];
		long double all = 0.0L;
		long double moves[4];

		for (uint32_t k = first; k < end; k++)
		{
			ForestTerm	term = parts->projections.terms[k];
			double		v = row[term.feature];

			v = v > 1e150 ? 1e150 : v < -1e150 ? -1e150 : v;
			moves[k - first] = isnan(row[term.feature]) ? 0.0L :
				fabs((v - term.centre) * term.coefficient);
			all += moves[k - first];
		}
		for (uint32_t k = first; k < end; k++)
			phi[parts->projections.terms[k].feature] += columns[d + i] *
				(all > 0.0L ? moves[k - first] / all : 1.0L / (end - first));
		first = end;
	}
	free(columns);
}

/* Forests over columns of every sort. */
static void
test_shares(void)
{
	ForestRng	rng;

	claim("the shares of all subsets' Shapley values, by every kernel");
	forest_rng_init(&rng, 97, 0);
	for (unit_case = 0; unit_case < 150; unit_case++)
	{
		uint32_t	d = 1 + forest_rng_below(&rng, 5);
		Table		table;
		Grove		grove;
		Explainer	e;
		double		row[5];

		table_random(&table, 60, d, &rng);
		/* sums of greatest numbers differ by more than the tolerance */
		for (uint32_t f = 0; f < d; f++)
		{
			if (table.n_categories[f] == 0 && unit_case % 4 > 0)
				table_fill(&table, f, forest_rng_below(&rng, 2) ? UNIFORM :
						   TIES, &rng);
		}
		grove_begin(&grove, &table);
		if (grove_project(&grove, 1 + forest_rng_below(&rng, 4), &rng))
		{
			grove_grow_projected(&grove, &table, 4, 50, 6, unit_case);
			explainer_init(&e, &grove);
			for (int r = 0; r < 10; r++)
			{
				long double phi[5];

				any_row(&grove, &table, row, &rng);
				require_sum(&e, row);
				oracle_shares(&grove.parts, row, phi);
				for (uint32_t f = 0; f < d; f++)
				{
					double		error = (double) fabsl(phi[f] - e.phi[f]);

					REQUIRE(error <= TOLERANCE);
					if (!(error <= greatest_error))
						greatest_error = error;
				}
			}
			explainer_free(&e);
		}
		grove_free(&grove);
		table_free(&table);
	}
	proven_by_oracle();
}

/* A value that is as usual moves nothing, and is not blamed. */
static void
test_usual(void)
{
	ForestTerm	terms[] = {{0, 5.0, 1.0}, {1, 5.0, 1.0}};
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Explainer	e;
	double		row[2] = {5.0, 40.0};

	claim("of a sum, the value far out is blamed and the usual one is not");
	forest_rng_init(&rng, 98, 0);
	table_init(&table, 200, 2);
	for (uint32_t i = 0; i < 200; i++)
	{
		*table_at(&table, i, 0) = 4.0 + 2.0 * forest_rng_double(&rng);
		*table_at(&table, i, 1) = 4.0 + 2.0 * forest_rng_double(&rng);
	}
	grove_begin(&grove, &table);
	grove.features[1].type = FOREST_FLOAT8;
	REQUIRE(grove_project(&grove, 1, &rng));
	memcpy(grove.terms, terms, sizeof(terms));
	grove.ends[0] = 2;
	/* trees see the columns themselves as constants */
	{
		Table		columns;

		projected_table(&columns, &grove.parts, &table);
		for (uint32_t i = 0; i < 200; i++)
			*table_at(&columns, i, 0) = *table_at(&columns, i, 1) = 0.0;
		grove_grow_group(&grove, &columns, 20, 100, 8, 3);
		table_free(&columns);
	}
	explainer_init(&e, &grove);
	require_sum(&e, row);
	REQUIRE(e.phi[0] == 0.0);
	REQUIRE(e.phi[1] < -0.2);
	row[1] = 5.0;
	require_sum(&e, row);
	REQUIRE(e.phi[0] == e.phi[1]);
	explainer_free(&e);
	grove_free(&grove);
	table_free(&table);
	proven();
}

int
main(void)
{
	test_shares();
	test_usual();
	return unit_done();
}
