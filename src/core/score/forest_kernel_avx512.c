/*-------------------------------------------------------------------------
 *
 * forest_kernel_avx512.c
 *	  The block kernel for x86-64 processors with AVX-512 VBMI.
 *
 * Permutations of words look up slots in a table of 32, 64 or 128 ranks;
 * wider forests go to the portable kernel.  The narrowest go to the kernel
 * for AVX2, whose single shuffle is faster, as measured: masks take long to
 * become numbers.  What remains for them is the search for the ranks.
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

typedef struct KernelTable
{
	__m512i		ranks[4];
	uint32_t	n;				/* 1, 2 or 4 */
} KernelTable;

/* The ranks of a block's nodes.  Permutations ignore higher bits of slots. */
static inline __m256i
look_up(const KernelTable *table, __m256i slots)
{
	__m512i		wide = _mm512_castsi256_si512(slots);
	__m256i		low;
	__m256i		high;

	if (table->n == 1)
		return _mm512_castsi512_si256(
			_mm512_permutexvar_epi16(wide, table->ranks[0]));
	low = _mm512_castsi512_si256(
		_mm512_permutex2var_epi16(table->ranks[0], wide, table->ranks[1]));
	if (table->n == 2)
		return low;
	high = _mm512_castsi512_si256(
		_mm512_permutex2var_epi16(table->ranks[2], wide, table->ranks[3]));
	return _mm256_mask_blend_epi16(
		_mm256_test_epi16_mask(slots, _mm256_set1_epi16(64)), low, high);
}

/* The exit of a block, all nodes compared at once; "bits" go right anyway. */
static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	__m256i		slots = _mm256_cvtepu8_epi16(
		_mm_loadu_si128((const __m128i *) block->slots));
	__m256i		cuts = _mm256_loadu_si256((const __m256i *) block->cuts);
	uint32_t	right = _mm256_cmpgt_epi16_mask(look_up(table, slots), cuts);

	return forest_mask_exit(right | bits);
}

/* Compares all 16 keys. */
static inline uint32_t
search_node(const double *keys, double v)
{
	__m512d		value = _mm512_set1_pd(v);
	__mmask8	a = _mm512_cmp_pd_mask(_mm512_loadu_pd(keys), value,
									   _CMP_LT_OQ);
	__mmask8	b = _mm512_cmp_pd_mask(_mm512_loadu_pd(keys + 8), value,
									   _CMP_LT_OQ);

	return (uint32_t) __builtin_popcount((unsigned) a | (unsigned) b << 8);
}

#define KERNEL_SIZES
#define KERNEL_SPILLS(table) ((table)->n < 4)
#define KERNEL_VECTOR 64
#include "core/score/forest_kernel_steps.inc"

/* A table of which 128 ranks or less are used, as the kernel holds it. */
static inline KernelTable
load_table(const int16_t *table, uint32_t used)
{
	KernelTable ranks;

	ranks.n = used <= 32 ? 1 : used / 32;
	for (uint32_t i = 0; i < 4; i++)
		ranks.ranks[i] = _mm512_loadu_si512(table + 32 * (i & (ranks.n - 1)));
	return ranks;
}

/* Many rows hide how long masks take, so that the narrowest stay here. */
#define KERNEL_WIDEST	128
#include "core/score/forest_kernel_batch.inc"

/*
 * ForestKernelSteps.sum; AVX2's for the narrowest tables, which is faster, and
 * the portable one's for tables too wide to hold.
 */
static int64_t
sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
	const int16_t *table, const uint16_t *bits, bool some_missing)
{
	uint32_t	used = forest_table_used(blocks, some_missing);
	KernelTable ranks;

	if (used == 16)
		return forest_kernel_avx2.sum(blocks, first_tree, n_trees, table,
									  bits, some_missing);
	if (used > KERNEL_WIDEST)
		return forest_kernel_portable.sum(blocks, first_tree, n_trees, table,
										  bits, some_missing);
	ranks = load_table(table, used);
	return kernel_sum_sized(blocks, first_tree, n_trees, &ranks, bits);
}

const ForestKernelSteps forest_kernel_avx512 = {
	kernel_project, kernel_rank, kernel_gather, sum, kernel_batch
};

#endif							/* __x86_64__ */
