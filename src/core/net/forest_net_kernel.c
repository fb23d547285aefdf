/*-------------------------------------------------------------------------
 *
 * forest_net_kernel.c
 *	  Choosing the loops for a network.
 *
 *-------------------------------------------------------------------------
 */
#include "core/net/forest_net_kernel.h"
#include "core/score/forest_kernel.h"

/* The fastest kernel of this processor; all of them give the same bits. */
const ForestNetKernel *
forest_net_kernel(void)
{
#if defined(__x86_64__)
	if (forest_kernel_available(FOREST_KERNEL_AVX512))
		return &forest_net_avx512;
	if (forest_kernel_available(FOREST_KERNEL_AVX2))
		return &forest_net_avx2;
#endif
	return &forest_net_portable;
}
