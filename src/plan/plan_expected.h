/*-------------------------------------------------------------------------
 *
 * plan_expected.h
 *	  Calls whose costly last column nobody looks at.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLAN_EXPECTED_H
#define IFOREST_PLAN_EXPECTED_H

#include "iforest.h"

#include "nodes/supportnodes.h"

extern Node *plan_brief_call(const SupportRequestSimplify *request);

#endif							/* IFOREST_PLAN_EXPECTED_H */
