/*-------------------------------------------------------------------------
 *
 * score_call.h
 *	  What a call site of a scoring function keeps between rows: the
 *	  models it met, and how its arguments map to the features of each.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SCORE_CALL_H
#define IFOREST_SCORE_CALL_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "model/model.h"
#include "row/arguments.h"

/* A row that was read, and where its values come from. */
typedef struct ScoredRow
{
	Model	   *model;
	const Arguments *arguments;
	const uint32 *source;		/* column of each feature */
} ScoredRow;

extern bool score_row(FunctionCallInfo fcinfo, int model_argument, int first,
					  ScoredRow *row);
extern double score_code(const Model *model, uint32 f, ForestString bytes);
extern ForestString scored_category(const ScoredRow *row, uint32 feature);
extern Model *score_arguments(FunctionCallInfo fcinfo, int model_argument);
extern Model *score_model(FunctionCallInfo fcinfo, int model_argument);
extern bool score_row_of(FunctionCallInfo fcinfo, int first,
						 const uint8 *digest, ScoredRow *row);

#endif							/* IFOREST_SCORE_CALL_H */
