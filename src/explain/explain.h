/*-------------------------------------------------------------------------
 *
 * explain.h
 *	  A row's score in parts, one a feature.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_EXPLAIN_H
#define IFOREST_EXPLAIN_H

#include "iforest.h"

#include "score/score_call.h"

/* Quantiles, of 40, that bound what is usual: 5 and 95 of 100. */
#define EXPLAIN_LOW		2
#define EXPLAIN_HIGH	38

/* What is unusual about a feature's value. */
typedef enum Direction
{
	DIRECTION_NONE,				/* it makes the row more usual, the model
								 * does not tell what is usual, or the value
								 * is a category as others */
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

/* What a model keeps for explaining. */
typedef struct ModelExplain ModelExplain;

/* A row with the parts of its features, most blamed first. */
typedef struct Explanation
{
	ScoredRow	row;
	const ModelExplain *explain;
	uint32		n;
	Blame	   *blames;
} Explanation;

/* An explanation is valid until the next row of the call site. */
extern bool explain_row(FunctionCallInfo fcinfo, int first, Explanation *e);
extern void explain_open(Model *model, Datum datum, Explanation *e);
extern const double *explain_lengths(const Explanation *e, const double *row);
extern double explained_category_at(const Explanation *e, uint32 feature,
									double share);
extern char *explained_value(const Explanation *e, uint32 feature);
extern double explained_quantile(const Explanation *e, uint32 feature, int i);
extern double explained_share(const Explanation *e, uint32 feature,
							  double *even);
extern char *explained_share_text(const Explanation *e, uint32 feature);

#endif							/* IFOREST_EXPLAIN_H */
