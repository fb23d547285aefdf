/*-------------------------------------------------------------------------
 *
 * forest_explain_portable.c
 *	  Explaining with vectors of two doubles, which every processor has or
 *	  the compiler makes do without.
 *
 *-------------------------------------------------------------------------
 */
#define EXPLAIN_VECTOR	16
#include "core/base/forest_pause.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_kernel.h"
#include "core/explain/forest_explain_steps.inc"
#include "core/score/forest_walk.h"

/* Takes one tree into account, on any processor. */
void
forest_explain_portable(const ForestExplain *explain, const ForestWalk *walk,
						uint32_t tree, const ForestExplainScratch *scratch)
{
	explain_tree(explain, walk, tree, scratch);
}
