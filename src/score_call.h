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

extern Model *score_arguments(FunctionCallInfo fcinfo, int model_argument);
extern Model *score_model(FunctionCallInfo fcinfo, int model_argument);

#endif							/* IFOREST_SCORE_CALL_H */
