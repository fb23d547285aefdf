/*-------------------------------------------------------------------------
 *
 * forest_kernel_avx512.c
 *	  The block kernel for x86-64 processors with AVX-512 VBMI.
 *
 * One byte permutation looks up slots in a table of 64 ranks, a two-table
 * permutation in 128.  Wider forests go to the portable kernel.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

typedef struct KernelTable
{
	__m512i		low;
	__m512i		high;
	bool		two;
} KernelTable;

static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	__m512i		slots = _mm512_castsi128_si512(
		_mm_loadu_si128((const __m128i *) block->slots));
	__m128i		cuts = _mm_loadu_si128((const __m128i *) block->cuts);
	__m512i		ranks = table->two ?
		_mm512_permutex2var_epi8(table->low, slots, table->high) :
		_mm512_permutexvar_epi8(slots, table->low);
	__mmask16	right = _mm_cmpgt_epi8_mask(_mm512_castsi512_si128(ranks),
											cuts);

	return forest_mask_exit((uint32_t) right | bits);
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

#include "forest_kernel_steps.h"

static int64_t
sum(const ForestBlocks *blocks, const ForestChunk *chunk, const int8_t *table,
	const uint16_t *bits, bool some_missing)
{
	KernelTable ranks;

	/* the ranks to look up: both halves, or the first if they are equal */
	uint32_t	used = 2 * blocks->width <= 64 ? 64 :
		blocks->width * (some_missing ? 2 : 1);

	if (used > 128)
		return forest_kernel_portable.sum(blocks, chunk, table, bits,
										  some_missing);
	ranks.low = _mm512_loadu_si512(table);
	if (used == 64)
	{
		ranks.high = ranks.low;
		ranks.two = false;
		return kernel_sum(blocks, chunk, &ranks, bits);
	}
	ranks.high = _mm512_loadu_si512(table + 64);
	ranks.two = true;
	return kernel_sum(blocks, chunk, &ranks, bits);
}

const ForestKernelSteps forest_kernel_avx512 = {kernel_rank, sum};

#endif							/* __x86_64__ */
