/*-------------------------------------------------------------------------
 *
 * explain.h
 *	  A row's score in parts, one a feature.
 *
 *-------------------------------------------------------------------------
 */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include "score_call.h"

/* What is unusual about a feature's value. */
typedef enum Direction
{
	DIRECTION_NONE,				/* it makes the row more usual, or the model
								 * does not tell what is usual */
	DIRECTION_HIGH,
	DIRECTION_LOW,
	DIRECTION_RARE,
	DIRECTION_MISSING,
	DIRECTION_UNSEEN
} Direction;

/* One feature's part in a row's score. */
typedef struct Blame
{
	double		contribution;
	uint32		feature;
	Direction	direction;
} Blame;

/* A row with the parts of its features, most blamed first. */
typedef struct Explanation
{
	ScoredRow	row;
	const ModelExplain *explain;
	uint32		n;
	Blame	   *blames;
} Explanation;

extern bool explain_row(FunctionCallInfo fcinfo, int model_argument,
						Explanation *e);
extern char *explained_value(const Explanation *e, uint32 feature);

#endif							/* EXPLAIN_H */
