/*-------------------------------------------------------------------------
 *
 * forest_kernel_avx2.c
 *	  The block kernel for x86-64 processors with AVX2.
 *
 * A byte shuffle looks up 16 slots in a table of 16 bytes, in each half of a
 * vector: two blocks at once, one shuffle for the low bytes of ranks and one
 * for the high bytes; or a block alone, with low and high bytes in a half
 * each.  Tables of up to 64 take several shuffles.  Wider forests go to the
 * portable kernel.
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

/*
 * n quarters of 16 ranks each: 1, 2 or 4; low bytes, then high bytes.  Each but
 * the first is what differs from the one before.
 */
typedef struct KernelTable
{
	__m256i		quarters[4];
	uint32_t	n;
} KernelTable;

/*
 * What a table of n quarters has at the slots, modulo its size, in each half of
 * a vector.  A slot finds nothing in the quarters behind its own, as 16 less
 * for each makes its byte negative; what it finds in the others adds up.
 */
KERNEL_INLINE __m256i
look_up(const __m256i quarters[4], uint32_t n, __m256i slots)
{
	const __m256i quarter = _mm256_set1_epi8(16);
	__m256i		found;

	if (n == 1)
		return _mm256_shuffle_epi8(quarters[0], slots);
	slots = _mm256_and_si256(slots, _mm256_set1_epi8((char) (16 * n - 1)));
	found = _mm256_shuffle_epi8(quarters[0], slots);
	for (uint32_t i = 1; i < n; i++)
	{
		slots = _mm256_sub_epi8(slots, quarter);
		found = _mm256_xor_si256(found, _mm256_shuffle_epi8(quarters[i],
															slots));
	}
	return found;
}

/* The exit of a block, all nodes compared at once; "bits" go right anyway. */
KERNEL_INLINE uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	__m256i		bytes = look_up(table->quarters, table->n,
								_mm256_broadcastsi128_si256(_mm_loadu_si128(
									(const __m128i *) block->slots)));
	__m128i		low = _mm256_castsi256_si128(bytes);
	__m128i		high = _mm256_extracti128_si256(bytes, 1);
	const __m128i *cuts = (const __m128i *) block->cuts;
	__m128i		right = _mm_packs_epi16(
		_mm_cmpgt_epi16(_mm_unpacklo_epi8(low, high), _mm_loadu_si128(cuts)),
		_mm_cmpgt_epi16(_mm_unpackhi_epi8(low, high),
						_mm_loadu_si128(cuts + 1)));

	return forest_mask_exit((uint32_t) _mm_movemask_epi8(right) | bits);
}

/* The 16 bytes at a, then the 16 at b. */
KERNEL_INLINE __m256i
load_two(const void *a, const void *b)
{
	return _mm256_inserti128_si256(
		_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *) a)),
		_mm_loadu_si128((const __m128i *) b), 1);
}

/* The low bytes of 16 ranks, in both halves of a vector. */
KERNEL_INLINE __m256i
low_bytes(__m256i quarter)
{
	return _mm256_permute4x64_epi64(quarter, 0x44);
}

/* The high bytes, in both halves. */
KERNEL_INLINE __m256i
high_bytes(__m256i quarter)
{
	return _mm256_permute4x64_epi64(quarter, 0xEE);
}

/*
 * The nodes of two blocks that go right: the bits of a, then those of b.  Each
 * has a half of all vectors, so that no block is put together from halves.
 */
KERNEL_INLINE uint32_t
two_masks(const ForestBlock *a, const ForestBlock *b,
		  const KernelTable *table)
{
	const __m256i *quarters = table->quarters;
	const __m256i lows[4] = {
		low_bytes(quarters[0]), low_bytes(quarters[1]),
		low_bytes(quarters[2]), low_bytes(quarters[3])
	};
	const __m256i highs[4] = {
		high_bytes(quarters[0]), high_bytes(quarters[1]),
		high_bytes(quarters[2]), high_bytes(quarters[3])
	};
	__m256i		slots = load_two(a->slots, b->slots);
	__m256i		low = look_up(lows, table->n, slots);
	__m256i		high = look_up(highs, table->n, slots);

	return (uint32_t) _mm256_movemask_epi8(_mm256_packs_epi16(
		_mm256_cmpgt_epi16(_mm256_unpacklo_epi8(low, high),
						   load_two(a->cuts, b->cuts)),
		_mm256_cmpgt_epi16(_mm256_unpackhi_epi8(low, high),
						   load_two(a->cuts + 8, b->cuts + 8))));
}

/* Compares all 16 keys, and counts those below in any order. */
static inline uint32_t
search_node(const double *keys, double v)
{
	__m256d		value = _mm256_set1_pd(v);
	__m256i		below[4];

	for (int i = 0; i < 4; i++)
		below[i] = _mm256_castpd_si256(
			_mm256_cmp_pd(_mm256_loadu_pd(keys + 4 * i), value, _CMP_LT_OQ));
	below[0] = _mm256_packs_epi16(_mm256_packs_epi32(below[0], below[1]),
								  _mm256_packs_epi32(below[2], below[3]));
	return (uint32_t)
		__builtin_popcount((unsigned) _mm256_movemask_epi8(below[0])) / 2;
}

#define KERNEL_PAIRS
#define KERNEL_SIZES
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
	for (uint32_t i = 3; i > 0; i--)
		ranks.quarters[i] = _mm256_xor_si256(ranks.quarters[i],
											 ranks.quarters[i - 1]);
	return ranks;
}

#define KERNEL_WIDEST	64
#include "core/score/forest_kernel_batch.inc"

/* ForestKernelSteps.sum; the portable one's for tables too wide to hold. */
static int64_t
sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
	const int16_t *table, const ForestBits *bits, bool some_missing)
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
