/*-------------------------------------------------------------------------
 *
 * forest_net_avx2.c
 *	  The loops of networks, for processors with AVX2.
 *
 *-------------------------------------------------------------------------
 */
#include "core/net/forest_net_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define NET_VECTOR	32
#define NET_SQRT(v)	_mm256_sqrt_ps(v)
#include "core/net/forest_net_steps.inc"

const ForestNetKernel forest_net_avx2 = NET_KERNEL;

#endif							/* __x86_64__ */
