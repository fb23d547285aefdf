/*-------------------------------------------------------------------------
 *
 * forest_kernel_avx2.c
 *	  The block kernel for x86-64 processors with AVX2.
 *
 * A byte shuffle looks up 16 slots in a table of 16 bytes, in each half of a
 * vector: the low bytes of ranks in one, the high bytes in the other.  Tables
 * of up to 64 take several shuffles.  Wider forests go to the portable
 * kernel.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

/* n quarters of 16 ranks each: 1, 2 or 4; low bytes, then high bytes. */
typedef struct KernelTable
{
	__m256i		quarters[4];
	uint32_t	n;
} KernelTable;

/* The low and the high bytes of the ranks of a block's nodes. */
static inline __m256i
look_up(const KernelTable *table, __m256i slots)
{
	__m256i		low = _mm256_shuffle_epi8(table->quarters[0], slots);
	__m256i		high;

	if (table->n == 1)
		return low;
	/* bit 4 of a slot chooses within a pair of quarters, bit 5 the pair */
	low = _mm256_blendv_epi8(low,
							 _mm256_shuffle_epi8(table->quarters[1], slots),
							 _mm256_slli_epi16(slots, 3));
	if (table->n == 2)
		return low;
	high = _mm256_blendv_epi8(_mm256_shuffle_epi8(table->quarters[2], slots),
							  _mm256_shuffle_epi8(table->quarters[3], slots),
							  _mm256_slli_epi16(slots, 3));
	return _mm256_blendv_epi8(low, high, _mm256_slli_epi16(slots, 2));
}

/* The exit of a block, all nodes compared at once; "bits" go right anyway. */
static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	__m256i		bytes = look_up(table, _mm256_broadcastsi128_si256(
		_mm_loadu_si128((const __m128i *) block->slots)));
	__m128i		low = _mm256_castsi256_si128(bytes);
	__m128i		high = _mm256_extracti128_si256(bytes, 1);
	const __m128i *cuts = (const __m128i *) block->cuts;
	__m128i		right = _mm_packs_epi16(
		_mm_cmpgt_epi16(_mm_unpacklo_epi8(low, high), _mm_loadu_si128(cuts)),
		_mm_cmpgt_epi16(_mm_unpackhi_epi8(low, high),
						_mm_loadu_si128(cuts + 1)));

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

		n += (uint32_t)
			__builtin_popcount((unsigned) _mm256_movemask_pd(below));
	}
	return n;
}

#define KERNEL_SIZES
#define KERNEL_SPILLS(table) ((table)->n > 1)
#define KERNEL_VECTOR 32
#include "core/score/forest_kernel_steps.inc"

/* Splits a table, of which 16, 32 or 64 ranks are used, into their bytes. */
static KernelTable
load_table(const int16_t *table, uint32_t used)
{
	const __m256i bytes = _mm256_broadcastsi128_si256(
		_mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14,
					  1, 3, 5, 7, 9, 11, 13, 15));
	KernelTable ranks;

	ranks.n = used / 16;
	for (uint32_t i = 0; i < 4; i++)
	{
		__m256i		words = _mm256_loadu_si256(
			(const __m256i *) (table + 16 * (i & (ranks.n - 1))));

		/* low and high bytes of 8 ranks in each half, then by kind */
		ranks.quarters[i] = _mm256_permute4x64_epi64(
			_mm256_shuffle_epi8(words, bytes), 0xD8);
	}
	return ranks;
}

#define KERNEL_WIDEST	64
#include "core/score/forest_kernel_batch.inc"

/* ForestKernelSteps.sum; the portable one's for tables too wide to hold. */
static int64_t
sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
	const int16_t *table, const uint16_t *bits, bool some_missing)
{
	uint32_t	used = forest_table_used(blocks, some_missing);
	KernelTable ranks;

	if (used > KERNEL_WIDEST)
		return forest_kernel_portable.sum(blocks, first_tree, n_trees, table,
										  bits, some_missing);
	ranks = load_table(table, used);
	return kernel_sum_sized(blocks, first_tree, n_trees, &ranks, bits);
}

const ForestKernelSteps forest_kernel_avx2 = {
	kernel_project, kernel_rank, kernel_gather, sum, kernel_batch
};

#endif							/* __x86_64__ */
