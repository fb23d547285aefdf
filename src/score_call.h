/*-------------------------------------------------------------------------
 *
 * score_call.h
 *	  From the arguments of a scoring function to a model and a row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SCORE_CALL_H
#define IFOREST_SCORE_CALL_H

#include "iforest.h"

extern Model *score_arguments(FunctionCallInfo fcinfo, int first_feature);

#endif							/* IFOREST_SCORE_CALL_H */
