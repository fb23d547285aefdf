/*-------------------------------------------------------------------------
 *
 * forest_kernel_avx2.c
 *	  The block kernel for x86-64 processors with AVX2.
 *
 * A byte shuffle looks up 16 slots in a table of 16 ranks; tables of up to
 * 64 take several shuffles.  Wider forests go to the portable kernel.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

/* n quarters of 16 ranks each: 1, 2 or 4. */
typedef struct KernelTable
{
	__m128i		quarters[4];
	int			n;
} KernelTable;

/* The ranks of a block's nodes. */
static inline __m128i
look_up(const KernelTable *table, __m128i slots)
{
	__m128i		low = _mm_shuffle_epi8(table->quarters[0], slots);
	__m128i		high;

	if (table->n == 1)
		return low;
	/* bit 4 of a slot chooses within a pair of quarters, bit 5 the pair */
	low = _mm_blendv_epi8(low, _mm_shuffle_epi8(table->quarters[1], slots),
						  _mm_slli_epi16(slots, 3));
	if (table->n == 2)
		return low;
	high = _mm_blendv_epi8(_mm_shuffle_epi8(table->quarters[2], slots),
						   _mm_shuffle_epi8(table->quarters[3], slots),
						   _mm_slli_epi16(slots, 3));
	return _mm_blendv_epi8(low, high, _mm_slli_epi16(slots, 2));
}

static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	__m128i		slots = _mm_loadu_si128((const __m128i *) block->slots);
	__m128i		cuts = _mm_loadu_si128((const __m128i *) block->cuts);
	__m128i		right = _mm_cmpgt_epi8(look_up(table, slots), cuts);

	return forest_mask_exit((uint32_t) _mm_movemask_epi8(right) | bits);
}

/* Compares all 16 keys. */
static inline uint32_t
search_node(const double *keys, double v)
{
	__m256d		value = _mm256_set1_pd(v);
	uint32_t	n = 0;

	for (int i = 0; i < FOREST_SEARCH_KEYS; i += 4)
	{
		__m256d		below = _mm256_cmp_pd(_mm256_loadu_pd(keys + i), value,
										  _CMP_LT_OQ);

		n += (uint32_t) __builtin_popcount((unsigned) _mm256_movemask_pd(below));
	}
	return n;
}

#include "forest_kernel_steps.h"

static int64_t
sum(const ForestBlocks *blocks, const ForestChunk *chunk, const int8_t *table,
	const uint16_t *bits, bool some_missing)
{
	uint32_t	used = blocks->width * (some_missing ? 2 : 1);
	KernelTable ranks;

	if (used > 64)
		return forest_kernel_portable.sum(blocks, chunk, table, bits,
										  some_missing);
	ranks.n = (int) used / 16;
	for (int i = 0; i < 4; i++)
		ranks.quarters[i] = _mm_loadu_si128((const __m128i *)
											(table + 16 * (i % ranks.n)));

	/* a constant n in each call lets the compiler drop the tests on it */
	if (ranks.n == 1)
	{
		ranks.n = 1;
		return kernel_sum(blocks, chunk, &ranks, bits);
	}
	if (ranks.n == 2)
	{
		ranks.n = 2;
		return kernel_sum(blocks, chunk, &ranks, bits);
	}
	return kernel_sum(blocks, chunk, &ranks, bits);
}

const ForestKernelSteps forest_kernel_avx2 = {kernel_rank, sum};

#endif							/* __x86_64__ */
