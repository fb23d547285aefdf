/*-------------------------------------------------------------------------
 *
 * forest_explain_build.h
 *	  Building the explanation form of a forest.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_EXPLAIN_BUILD_H
#define FOREST_EXPLAIN_BUILD_H

#include "core/explain/forest_explain.h"
#include "core/forest.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"

extern uint64_t forest_explain_plan_size(const ForestView *view);
extern void forest_explain_plan(const ForestView *view,
								const ForestWalk *walk, void *temporary,
								ForestExplainPlan *plan);
extern void forest_explain_build(const ForestView *view,
								 const ForestWalk *walk,
								 const ForestExplainPlan *plan, void *memory,
								 void *temporary, ForestExplain *explain);

#endif							/* FOREST_EXPLAIN_BUILD_H */
