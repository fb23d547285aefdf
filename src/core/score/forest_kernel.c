/*-------------------------------------------------------------------------
 *
 * forest_kernel.c
 *	  Choosing a kernel, and what is the same for all of them.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_kernel.h"

/* Whether this processor can run a kernel. */
bool
forest_kernel_available(ForestKernel kernel)
{
#if defined(__x86_64__)
	if (kernel == FOREST_KERNEL_AVX512)
		return __builtin_cpu_supports("avx512f") &&
			__builtin_cpu_supports("avx512bw") &&
			__builtin_cpu_supports("avx512dq") &&
			__builtin_cpu_supports("avx512vl") &&
			__builtin_cpu_supports("avx512vbmi") &&
			__builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
	if (kernel == FOREST_KERNEL_AVX2)
		return __builtin_cpu_supports("avx2") &&
			__builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
#elif defined(__aarch64__)
	if (kernel == FOREST_KERNEL_NEON)
		return true;
#endif
	return kernel <= FOREST_KERNEL_PORTABLE;
}

/* The fastest kernel of this processor. */
ForestKernel
forest_kernel_best(void)
{
	if (forest_kernel_available(FOREST_KERNEL_AVX512))
		return FOREST_KERNEL_AVX512;
	if (forest_kernel_available(FOREST_KERNEL_AVX2))
		return FOREST_KERNEL_AVX2;
	if (forest_kernel_available(FOREST_KERNEL_NEON))
		return FOREST_KERNEL_NEON;
	return FOREST_KERNEL_PORTABLE;
}

/*
 * The steps of a kernel that this processor has; the portable ones also for
 * FOREST_KERNEL_AUTO and FOREST_KERNEL_WALK, which have none of their own.
 */
static const ForestKernelSteps *
kernel_steps(ForestKernel kernel)
{
	switch (kernel)
	{
#if defined(__x86_64__)
		case FOREST_KERNEL_AVX512:
			return &forest_kernel_avx512;
		case FOREST_KERNEL_AVX2:
			return &forest_kernel_avx2;
#elif defined(__aarch64__)
		case FOREST_KERNEL_NEON:
			return &forest_kernel_neon;
#endif
		default:
			return &forest_kernel_portable;
	}
}

/*
 * Bytes of a row's columns, if these are not the row itself, with room for
 * whole vectors behind them.
 */
static size_t
columns_size(const ForestBlocks *blocks)
{
	return blocks->projecting ?
		(blocks->n_columns + blocks->stride) * sizeof(double) : 0;
}

/* Projects a row that may miss values, one projection after the other. */
static void
project_sparsely(const ForestBlocks *blocks, const double *row, double *columns)
{
	for (uint32_t i = 0; i < blocks->projections.n; i++)
		columns[i] = forest_project(&blocks->projections, i, row);
}

/* Whether a row misses a value that is projected, by the matrix's lines. */
static bool
misses_value(const ForestBlocks *blocks, const double *row)
{
	bool		missing = false;

	for (uint32_t line = 0; line < blocks->n_lines; line++)
		missing |= isnan(row[blocks->line_features[line]]);
	return missing;
}

/* The columns of a row: the row itself, or put into "scratch". */
static const double *
row_columns(const ForestBlocks *blocks, const ForestKernelSteps *steps,
			const double *row, double *scratch)
{
	uint32_t	n_taken = blocks->n_columns - blocks->projections.n;

	if (!blocks->projecting)
		return row;
	for (uint32_t i = 0; i < n_taken; i++)
		scratch[i] = row[blocks->sources[i]];
	if (blocks->n_lines > 0 && !misses_value(blocks, row))
		steps->project(blocks, row, scratch + n_taken);
	else
		project_sparsely(blocks, row, scratch + n_taken);
	return scratch;
}

/*
 * Blocks a tree from which on a row's masks are not gathered.  Measured: to
 * read all in order is faster than the few that a row needs where there are
 * 15, and slower where there are 60.
 */
#define SPARSE_BLOCKS	32

/* Whether a row's masks are gathered, for all blocks. */
static bool
gathers(const ForestBlocks *blocks)
{
	return blocks->some_category &&
		blocks->n_blocks / SPARSE_BLOCKS < blocks->n_trees;
}

/* Bytes of working memory that scoring a row takes; any alignment of 8. */
size_t
forest_blocks_scratch_size(const ForestBlocks *blocks)
{
	size_t		n = forest_table_length(blocks);

	if (gathers(blocks))
		n += blocks->bits_stride;
	return columns_size(blocks) + n * sizeof(uint16_t);
}

/* Where ranks begin in working memory: behind the columns. */
static int16_t *
table_at(const ForestBlocks *blocks, void *scratch)
{
	return (int16_t *) ((uint8_t *) scratch + columns_size(blocks));
}

/* Which of a feature's masks apply to a value: its code, unseen, missing. */
static uint32_t
category_index(double value, uint32_t n_categories)
{
	if (isnan(value))
		return n_categories + 1;
	return value < n_categories ? (uint32_t) value : n_categories;
}

/*
 * The masks of a row's categories, in "bits", as far as they are gathered
 * behind a table; NULL without categories.
 */
static const ForestBits *
row_bits(const ForestBlocks *blocks, const ForestKernelSteps *steps,
		 const double *columns, int16_t *table, ForestBits *bits)
{
	uint16_t   *all = (uint16_t *) table + forest_table_length(blocks);

	if (!blocks->some_category)
		return NULL;
	bits->n = 0;
	for (uint32_t f = 0; f < blocks->n_columns; f++)
	{
		if (blocks->bits[f] != NULL)
			bits->each[bits->n++] = blocks->bits[f] +
				(size_t) blocks->bits_stride *
				category_index(columns[f], blocks->n_categories[f]);
	}
	bits->all = NULL;
	if (gathers(blocks))
	{
		steps->gather(bits->each, bits->n, blocks->bits_stride, all);
		bits->all = all;
	}
	return bits;
}

/*
 * Returns the sum of the row's normalised path lengths over all trees, as
 * forest_walk_sum.  "kernel" is available and not FOREST_KERNEL_WALK;
 * "scratch" is forest_blocks_scratch_size bytes.
 */
int64_t
forest_blocks_sum(const ForestBlocks *blocks, ForestKernel kernel,
				  const double *row, void *scratch)
{
	const ForestKernelSteps *steps = kernel_steps(kernel);
	const double *columns = row_columns(blocks, steps, row, scratch);
	int16_t    *table = table_at(blocks, scratch);
	ForestBits	masks;
	const ForestBits *bits = row_bits(blocks, steps, columns, table, &masks);
	int64_t		sum = 0;

	for (uint32_t s = 0; s < blocks->n_bands; s++)
	{
		const ForestBand *band = &blocks->bands[s];
		bool		some_missing = steps->rank(blocks, band, columns, table);

		sum += steps->sum(blocks, band->first_tree, band->n_trees,
						  table, bits, some_missing);
	}
	return sum;
}

/*
 * Bytes of working memory that forest_blocks_sums takes, aligned as that of
 * forest_blocks_scratch_size, which it covers.
 */
size_t
forest_blocks_batch_size(const ForestBlocks *blocks)
{
	size_t		batch = columns_size(blocks) +
		(forest_table_length(blocks) + 2 * blocks->width) *
		FOREST_BATCH_ROWS * sizeof(int16_t);
	size_t		single = forest_blocks_scratch_size(blocks);

	return batch > single ? batch : single;
}

/*
 * Fills the rank tables of some rows, and the same by columns; returns whether
 * a value was missing.  "scratch" is for the columns of one row.
 */
static bool
rank_rows(const ForestBlocks *blocks, const ForestKernelSteps *steps,
		  const ForestBand *band, const double *rows, uint32_t n_rows,
		  double *scratch, int16_t *tables, int16_t *columns)
{
	bool		some_missing = false;

	for (uint32_t i = 0; i < n_rows; i++)
	{
		int16_t    *table = tables + i * forest_table_length(blocks);

		some_missing |=
			steps->rank(blocks, band,
						row_columns(blocks, steps, rows +
									(size_t) i * blocks->n_features, scratch),
						table);
		for (uint32_t f = 0; f < blocks->n_columns; f++)
		{
			columns[f * FOREST_BATCH_ROWS + i] = table[f];
			columns[(blocks->width + f) * FOREST_BATCH_ROWS + i] =
				table[blocks->width + f];
		}
	}
	return some_missing;
}

/*
 * Fills the sums of n_rows rows, one behind the other, at most
 * FOREST_BATCH_ROWS: each as forest_blocks_sum.  "scratch" is
 * forest_blocks_batch_size bytes.
 */
void
forest_blocks_sums(const ForestBlocks *blocks, ForestKernel kernel,
				   const double *rows, uint32_t n_rows, int64_t *sums,
				   void *scratch)
{
	const ForestKernelSteps *steps = kernel_steps(kernel);
	int16_t    *columns = table_at(blocks, scratch);
	int16_t    *tables = columns +
		2 * (size_t) blocks->width * FOREST_BATCH_ROWS;

	if (blocks->flat_levels == 0 || blocks->some_category)
	{
		for (uint32_t i = 0; i < n_rows; i++)
		{
			forest_pause();
			sums[i] = forest_blocks_sum(blocks, kernel,
										rows + (size_t) i * blocks->n_features,
										scratch);
		}
		return;
	}
	memset(scratch, 0, forest_blocks_batch_size(blocks));
	memset(sums, 0, n_rows * sizeof(int64_t));
	for (uint32_t s = 0; s < blocks->n_bands; s++)
	{
		const ForestBand *band = &blocks->bands[s];
		bool		some_missing = rank_rows(blocks, steps, band, rows,
											 n_rows, scratch, tables, columns);

		forest_pause();
		steps->batch(blocks, band->first_tree, band->n_trees, tables,
					 columns, n_rows, some_missing, sums);
	}
}

/*
 * Returns whether the sum of a row is below "limit", having looked at no more
 * chunks of trees than it takes to know.
 */
bool
forest_blocks_below(const ForestBlocks *blocks, ForestKernel kernel,
					const double *row, int64_t limit, void *scratch)
{
	const ForestKernelSteps *steps = kernel_steps(kernel);
	const double *columns = row_columns(blocks, steps, row, scratch);
	int16_t    *table = table_at(blocks, scratch);
	ForestBits	masks;
	const ForestBits *bits = row_bits(blocks, steps, columns, table, &masks);
	int64_t		sum = 0;

	for (uint32_t s = 0; s < blocks->n_bands; s++)
	{
		const ForestBand *band = &blocks->bands[s];
		bool		some_missing = steps->rank(blocks, band, columns, table);

		for (uint32_t c = 0; c < band->n_chunks; c++)
		{
			const ForestChunk *chunk = &blocks->chunks[band->first_chunk + c];

			sum += steps->sum(blocks, chunk->first_tree, chunk->n_trees,
							  table, bits, some_missing);
			if (sum + chunk->rest_min >= limit)
				return false;
			if (sum + chunk->rest_max < limit)
				return true;
		}
	}
	return sum < limit;
}
