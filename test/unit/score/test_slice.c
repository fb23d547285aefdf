/*-------------------------------------------------------------------------
 *
 * test_slice.c
 *	  Grids of rows: the sum of each is what the walk says of it alone.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/score/forest_slice.h"
#include "core/score/forest_walk.h"

#include "blocks_support.h"
#include "unit.h"

/* Puts an axis' values into ascending order, what is missing last. */
static void
sort_values(double *values, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++)
	{
		double		value = values[i];
		uint32_t	j = i;

		for (; j > 0 && !isnan(value) && !(values[j - 1] <= value); j--)
			values[j] = values[j - 1];
		values[j] = value;
	}
}

/*
 * Compares a grid with the walk: the values of x and y are those that a row
 * each of "rows" has, ascending or in any order.
 */
static void
compare_grid(const ForestWalk *walk, const Table *rows, uint32_t nx,
			 uint32_t ny, ForestRng *rng)
{
	uint32_t	d = walk->n_features;
	uint32_t	fx = forest_rng_below(rng, d);
	uint32_t	fy = (fx + 1 + forest_rng_below(rng, d - 1)) % d;
	double	   *xs = allocate(nx * sizeof(double));
	double	   *ys = allocate(ny * sizeof(double));
	double	   *row = allocate(d * sizeof(double));
	double	   *slots = allocate(2 * (size_t) d * sizeof(double));
	int64_t    *sums = allocate((size_t) nx * ny * sizeof(int64_t));
	Buffer		scratch = buffer_make(forest_slice_scratch_size(nx, ny), rng);
	ForestAxis	x = {fx, nx, xs};
	ForestAxis	y = {fy, ny, ys};

	for (uint32_t i = 0; i < nx; i++)
		xs[i] = *table_at(rows, forest_rng_below(rng, rows->n_rows), fx);
	for (uint32_t j = 0; j < ny; j++)
		ys[j] = *table_at(rows, forest_rng_below(rng, rows->n_rows), fy);
	if (forest_rng_below(rng, 2) == 0)
		sort_values(xs, nx);
	memcpy(row, table_at(rows, 0, 0), d * sizeof(double));
	forest_slice_sums(walk, row, &x, &y, sums, scratch.memory);
	for (uint32_t j = 0; j < ny; j++)
	{
		for (uint32_t i = 0; i < nx; i++)
		{
			row[fx] = xs[i];
			row[fy] = ys[j];
			forest_walk_slots(walk, row, slots);
			REQUIRE(sums[(size_t) j * nx + i] == forest_walk_sum(walk, slots));
		}
	}
	free(scratch.block);
	free(sums);
	free(slots);
	free(row);
	free(ys);
	free(xs);
}

/* Forests of all shapes, grids of any values in any order. */
static void
test_grids(void)
{
	ForestRng	rng;

	claim("grids of numbers, categories and missing values are the walk's");
	forest_rng_init(&rng, 95, 0);
	for (unit_case = 0; unit_case < 200; unit_case++)
	{
		uint32_t	d = 2 + forest_rng_below(&rng, unit_case % 2 ? 3 : 12);
		uint32_t	n_categories[14] = {0};
		uint32_t	nx = 1 + forest_rng_below(&rng, 30);
		uint32_t	ny = 1 + forest_rng_below(&rng, 12);
		Grove		grove;
		Table		rows;
		ForestWalk	walk;
		Buffer		buffer;

		for (uint32_t f = 0; f < d; f++)
			n_categories[f] = unit_case % 3 == 0 && f % 2 == 0 ? 1 + f % 7 : 0;
		grove_begin_invented(&grove, d, n_categories);
		grove_invent_group(&grove, 1 + forest_rng_below(&rng, 10), 256,
						   unit_case % 10 == 0 ? 600 : 40, &rng);
		buffer = build_walk(&grove, &walk, &rng);
		rows_near_cuts(&rows, &grove.parts, 40, &rng);
		compare_grid(&walk, &rows, nx, ny, &rng);
		table_free(&rows);
		free(buffer.block);
		grove_free(&grove);
	}
	proven();
}

int
main(void)
{
	test_grids();
	return unit_done();
}
