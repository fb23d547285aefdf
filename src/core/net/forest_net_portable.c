/*-------------------------------------------------------------------------
 *
 * forest_net_portable.c
 *	  The loops of networks, for any processor.
 *
 *-------------------------------------------------------------------------
 */
#include "core/net/forest_net_kernel.h"

#define NET_VECTOR	16
#include "core/net/forest_net_steps.inc"

const ForestNetKernel forest_net_portable = NET_KERNEL;
