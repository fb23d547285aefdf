/*-------------------------------------------------------------------------
 *
 * forest_net_avx512.c
 *	  The loops of networks, for processors with AVX-512.
 *
 *-------------------------------------------------------------------------
 */
#include "core/net/forest_net_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define NET_VECTOR	64
#define NET_SQRT(v)	_mm512_sqrt_ps(v)
#include "core/net/forest_net_steps.inc"

const ForestNetKernel forest_net_avx512 = NET_KERNEL;

#endif							/* __x86_64__ */
