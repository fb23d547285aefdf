/*-------------------------------------------------------------------------
 *
 * forest_kernel_neon.c
 *	  The block kernel for AArch64, whose processors all have NEON.
 *
 * One instruction looks up 16 slots in a table of 32 ranks or of 64.  Wider
 * forests go to the portable kernel.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_kernel.h"

#if defined(__aarch64__)

#include <arm_neon.h>

/* 64 ranks, or 32 twice. */
typedef struct KernelTable
{
	int8x16x4_t all;
	bool		wide;
} KernelTable;

/*
 * The ranks of a block's nodes.  Slots count modulo the size of the table:
 * where that has only the half with missing as the lowest rank, because
 * nothing is missing, it serves as the other half too.
 */
static inline int8x16_t
look_up(const KernelTable *table, uint8x16_t slots)
{
	int8x16x2_t half = {{table->all.val[0], table->all.val[1]}};

	if (table->wide)
		return vqtbl4q_s8(table->all, vandq_u8(slots, vdupq_n_u8(63)));
	return vqtbl2q_s8(half, vandq_u8(slots, vdupq_n_u8(31)));
}

static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	static const uint8_t weights[16] = {
		1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128
	};
	uint8x16_t	right = vcgtq_s8(look_up(table, vld1q_u8(block->slots)),
								 vld1q_s8(block->cuts));
	uint8x16_t	weighed = vandq_u8(right, vld1q_u8(weights));
	uint32_t	low = vaddv_u8(vget_low_u8(weighed));
	uint32_t	high = vaddv_u8(vget_high_u8(weighed));

	return forest_mask_exit((low | high << 8) | bits);
}

/* Compares all 16 keys. */
static inline uint32_t
search_node(const double *keys, double v)
{
	float64x2_t value = vdupq_n_f64(v);
	uint64x2_t	below = vdupq_n_u64(0); /* counts down: true is -1 */

	for (int i = 0; i < FOREST_SEARCH_KEYS; i += 2)
		below = vaddq_u64(below, vcltq_f64(vld1q_f64(keys + i), value));
	return (uint32_t) -vaddvq_u64(below);
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
	ranks.wide = used == 64;
	for (int i = 0; i < 4; i++)
		ranks.all.val[i] = vld1q_s8(table + 16 * (ranks.wide ? i : i % 2));

	/* a constant in each call lets the compiler drop the test on it */
	if (ranks.wide)
	{
		ranks.wide = true;
		return kernel_sum(blocks, chunk, &ranks, bits);
	}
	ranks.wide = false;
	return kernel_sum(blocks, chunk, &ranks, bits);
}

const ForestKernelSteps forest_kernel_neon = {kernel_rank, sum};

#endif							/* __aarch64__ */
