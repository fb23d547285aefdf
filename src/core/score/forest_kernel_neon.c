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
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_kernel.h"

#if defined(__aarch64__)

#include <arm_neon.h>
#include <string.h>

/* 32 ranks, or 16 twice, as bytes. */
typedef struct KernelTable
{
	uint8x16x4_t all;
	uint32_t	n;				/* 1 or 2 times 16 ranks */
} KernelTable;

/* Looks up bytes.  Only the first half of the table counts if n is 1. */
static inline int16x8_t
look_up(const KernelTable *table, uint8x16_t bytes)
{
	uint8x16x2_t half = {{table->all.val[0], table->all.val[1]}};

	return vreinterpretq_s16_u8(table->n == 2 ?
								vqtbl4q_u8(table->all, bytes) :
								vqtbl2q_u8(half, bytes));
}

/*
 * Slots count modulo the size of the table: where that has only the half with
 * missing as the lowest rank, because nothing is missing, it serves as the
 * other half too.
 */
static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	static const uint8_t weights[16] = {
		1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128
	};
	uint8x16_t	slots = vandq_u8(vld1q_u8(block->slots),
								 vdupq_n_u8(table->n == 2 ? 31 : 15));
	uint8x16_t	low = vaddq_u8(slots, slots);
	uint8x16_t	high = vaddq_u8(low, vdupq_n_u8(1));
	uint16x8_t	first = vcgtq_s16(look_up(table, vzip1q_u8(low, high)),
								  vld1q_s16(block->cuts));
	uint16x8_t	second = vcgtq_s16(look_up(table, vzip2q_u8(low, high)),
								   vld1q_s16(block->cuts + 8));
	uint8x16_t	right = vcombine_u8(vmovn_u16(first), vmovn_u16(second));
	uint8x16_t	weighed = vandq_u8(right, vld1q_u8(weights));

	return forest_mask_exit((vaddv_u8(vget_low_u8(weighed)) |
							 (uint32_t) vaddv_u8(vget_high_u8(weighed)) << 8) |
							bits);
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

#define KERNEL_SIZES
#include "core/score/forest_kernel_steps.inc"

/* A table of which so many ranks are used, as the kernel has it. */
static inline KernelTable
load_table(const int16_t *table, uint32_t used)
{
	KernelTable ranks;

	ranks.n = used / 16;
	for (int i = 0; i < 4; i++)
		ranks.all.val[i] = vld1q_u8((const uint8_t *)
									(table + 8 * (ranks.n == 2 ? i : i % 2)));
	return ranks;
}

#define KERNEL_WIDEST	32
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

const ForestKernelSteps forest_kernel_neon = {
	kernel_project, kernel_rank, kernel_gather, sum, kernel_batch
};

#endif							/* __aarch64__ */
