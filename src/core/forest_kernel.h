/*-------------------------------------------------------------------------
 *
 * forest_kernel.h
 *	  What the kernels share, and their doors.  See forest_blocks.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_KERNEL_H
#define FOREST_KERNEL_H

#include "forest_blocks.h"

extern const ForestKernelSteps forest_kernel_portable;
#if defined(__x86_64__)
extern const ForestKernelSteps forest_kernel_avx2;
extern const ForestKernelSteps forest_kernel_avx512;
#elif defined(__aarch64__)
extern const ForestKernelSteps forest_kernel_neon;
#endif

/*
 * The way through the upper three levels of a block, by its seven bits in
 * level order.
 */
static const uint8_t forest_upper_exit[128] = {
#define EXIT(m) \
	(uint8_t) (((m) & 1) == 0 ? \
	 (((m) & 2) == 0 ? ((m) >> 3 & 1) : 2 + ((m) >> 4 & 1)) : \
	 (((m) & 4) == 0 ? 4 + ((m) >> 5 & 1) : 6 + ((m) >> 6 & 1)))
#define EXIT4(m) EXIT(m), EXIT((m) + 1), EXIT((m) + 2), EXIT((m) + 3)
#define EXIT16(m) EXIT4(m), EXIT4((m) + 4), EXIT4((m) + 8), EXIT4((m) + 12)
	EXIT16(0), EXIT16(16), EXIT16(32), EXIT16(48),
	EXIT16(64), EXIT16(80), EXIT16(96), EXIT16(112)
#undef EXIT
#undef EXIT4
#undef EXIT16
};

/* The exit of a block, by a mask of its nodes that go right. */
static inline uint32_t
forest_mask_exit(uint32_t mask)
{
	uint32_t	upper = forest_upper_exit[mask & 127];

	return 2 * upper + (mask >> (7 + upper) & 1);
}

#endif							/* FOREST_KERNEL_H */
