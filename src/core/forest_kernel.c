/*-------------------------------------------------------------------------
 *
 * forest_kernel.c
 *	  Choosing a kernel, and what is the same for all of them.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_kernel.h"

#include <string.h>

/* Tables are read in whole vectors, the last one too. */
#define TABLE_PADDING	32

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

/* Ranks of a section's table. */
static size_t
table_length(const ForestBlocks *blocks)
{
	return 2 * (size_t) blocks->width + TABLE_PADDING;
}

/* Bytes of working memory that scoring a row takes; any alignment of 8. */
size_t
forest_blocks_scratch_size(const ForestBlocks *blocks)
{
	size_t		n = table_length(blocks);

	if (blocks->some_category)
		n += blocks->bits_stride;
	return n * sizeof(uint16_t);
}

/* Where a row's masks begin in "scratch", filled; NULL without categories. */
static const uint16_t *
row_bits(const ForestBlocks *blocks, const ForestKernelSteps *steps,
		 const double *row, void *scratch)
{
	uint16_t   *bits = (uint16_t *) scratch + table_length(blocks);

	if (!blocks->some_category)
		return NULL;
	steps->gather(blocks, row, bits);
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
	const uint16_t *bits = row_bits(blocks, steps, row, scratch);
	int64_t		sum = 0;

	for (uint32_t s = 0; s < blocks->n_sections; s++)
	{
		const ForestSection *section = &blocks->sections[s];
		bool		some_missing = steps->rank(blocks, section, row, scratch);

		sum += steps->sum(blocks, section->first_tree, section->n_trees,
						  scratch, bits, some_missing);
	}
	return sum;
}

/*
 * Returns whether that sum is below "limit", having looked at no more chunks
 * of trees than it takes to know.
 */
bool
forest_blocks_below(const ForestBlocks *blocks, ForestKernel kernel,
					const double *row, int64_t limit, void *scratch)
{
	const ForestKernelSteps *steps = kernel_steps(kernel);
	const uint16_t *bits = row_bits(blocks, steps, row, scratch);
	int64_t		sum = 0;

	for (uint32_t s = 0; s < blocks->n_sections; s++)
	{
		const ForestSection *section = &blocks->sections[s];
		bool		some_missing = steps->rank(blocks, section, row, scratch);

		for (uint32_t c = 0; c < section->n_chunks; c++)
		{
			const ForestChunk *chunk = &blocks->chunks[section->first_chunk + c];

			sum += steps->sum(blocks, chunk->first_tree, chunk->n_trees,
							  scratch, bits, some_missing);
			if (sum + chunk->rest_min >= limit)
				return false;
			if (sum + chunk->rest_max < limit)
				return true;
		}
	}
	return sum < limit;
}
