/*-------------------------------------------------------------------------
 *
 * plan_model.h
 *	  The model of a call that the planner asks about.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLAN_MODEL_H
#define IFOREST_PLAN_MODEL_H

#include "iforest.h"

#include "nodes/pathnodes.h"

#include "model/model.h"

extern Model *plan_written_model(Node *call);
extern Model *plan_known_model(PlannerInfo *root, Oid function, Node *argument);
extern double plan_models_expected(PlannerInfo *root, Node *call);

#endif							/* IFOREST_PLAN_MODEL_H */
