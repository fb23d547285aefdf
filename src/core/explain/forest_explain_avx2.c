/*-------------------------------------------------------------------------
 *
 * forest_explain_avx2.c
 *	  Explaining with the vectors of four doubles of x86-64 processors with
 *	  AVX2.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_kernel.h"
#include "core/score/forest_walk.h"

#if defined(__x86_64__)

#define EXPLAIN_VECTOR	32
#include "core/explain/forest_explain_steps.inc"

/* Takes one tree into account, on a processor that has AVX2. */
void
forest_explain_avx2(const ForestExplain *explain, const ForestWalk *walk,
					uint32_t tree, const ForestExplainScratch *scratch)
{
	explain_tree(explain, walk, tree, scratch);
}

#endif							/* __x86_64__ */
