/*-------------------------------------------------------------------------
 *
 * forest_kernel.c
 *	  Choosing a kernel, and what is the same for all of them.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_kernel.h"

#include <math.h>
#include <string.h>

/* Tables are read in whole vectors, the last one too. */
#define TABLE_PADDING	64

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
			__builtin_cpu_supports("popcnt");
	if (kernel == FOREST_KERNEL_AVX2)
		return __builtin_cpu_supports("avx2") &&
			__builtin_cpu_supports("popcnt");
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

/* Bytes of a section's rank tables, the largest section's. */
static size_t
tables_size(const ForestBlocks *blocks)
{
	return (size_t) FOREST_SECTION_CHUNKS * 2 * blocks->width + TABLE_PADDING;
}

/* Bytes of working memory that scoring a row takes; any alignment of 8. */
size_t
forest_blocks_scratch_size(const ForestBlocks *blocks)
{
	return tables_size(blocks) +
		(blocks->some_category ? blocks->bits_stride * sizeof(uint16_t) : 0);
}

/* Which of a feature's masks apply to a value: its code, unseen, missing. */
static uint32_t
category_index(double value, uint32_t n_categories)
{
	if (isnan(value))
		return n_categories + 1;
	return value < n_categories ? (uint32_t) value : n_categories;
}

/* Ors the masks of a row's categories together, for all blocks. */
static void
gather_bits(const ForestBlocks *blocks, const double *row, uint16_t *bits)
{
	memset(bits, 0, blocks->bits_stride * sizeof(uint16_t));
	for (uint32_t f = 0; f < blocks->n_features; f++)
	{
		const uint16_t *masks;

		if (blocks->bits[f] == NULL)
			continue;
		masks = blocks->bits[f] + (size_t) blocks->bits_stride *
			category_index(row[f], blocks->n_categories[f]);
		for (uint32_t i = 0; i < blocks->bits_stride; i++)
			bits[i] |= masks[i];
	}
}

/*
 * Adds up the row's leaf values chunk by chunk.  With "limit", stops as soon
 * as the chunks still to come cannot change whether the sum is below it; the
 * result is then on the right side of the limit, and otherwise exact.
 */
static inline int64_t
sum_chunks(const ForestBlocks *blocks, ForestKernel kernel, const double *row,
		   const int64_t *limit, void *scratch)
{
	const ForestKernelSteps *steps = kernel_steps(kernel);
	int8_t	   *tables = scratch;
	uint16_t   *bits = NULL;
	int64_t		sum = 0;

	if (blocks->some_category)
	{
		bits = (uint16_t *) (tables + tables_size(blocks));
		gather_bits(blocks, row, bits);
	}
	for (uint32_t s = 0; s < blocks->n_sections; s++)
	{
		const ForestSection *section = &blocks->sections[s];
		bool		some_missing = steps->rank(blocks, section, row, tables);

		for (uint32_t c = 0; c < section->n_chunks; c++)
		{
			const ForestChunk *chunk = &blocks->chunks[section->first_chunk + c];

			sum += steps->sum(blocks, chunk,
							  tables + (size_t) c * 2 * blocks->width,
							  bits != NULL ? bits + chunk->first_block : NULL,
							  some_missing);
			if (limit != NULL &&
				(sum + chunk->rest_min >= *limit ||
				 sum + chunk->rest_max < *limit))
				return sum + chunk->rest_min >= *limit ?
					sum + chunk->rest_min : sum + chunk->rest_max;
		}
	}
	return sum;
}

/*
 * Returns the sum of the row's normalised path lengths over all trees, as
 * forest_walk_sum.  "kernel" is available and not FOREST_KERNEL_WALK.
 */
int64_t
forest_blocks_sum(const ForestBlocks *blocks, ForestKernel kernel,
				  const double *row, void *scratch)
{
	return sum_chunks(blocks, kernel, row, NULL, scratch);
}

/*
 * Returns whether that sum is below "limit", having looked at no more trees
 * than it takes to know.
 */
bool
forest_blocks_below(const ForestBlocks *blocks, ForestKernel kernel,
					const double *row, int64_t limit, void *scratch)
{
	return sum_chunks(blocks, kernel, row, &limit, scratch) < limit;
}
