/*-------------------------------------------------------------------------
 *
 * drift_state.h
 *	  The state of iforest_drift: what a model tells of its training rows,
 *	  and the fresh rows counted beside it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DRIFT_STATE_H
#define IFOREST_DRIFT_STATE_H

#include "iforest.h"

#include "core/base/forest_digest.h"
#include "core/format/forest_model.h"
#include "core/stats/forest_drift.h"
#include "model/model.h"

/* One feature: as it was when training, and the fresh rows counted. */
typedef struct DriftFeature
{
	ForestString name;
	ForestType	type;
	double		rows_then;		/* behind what follows */
	double		missing_then;	/* of these */
	double		evidence;		/* rows that each of category_rows stands for */
	double	   *quantiles;		/* of a number */
	uint32		n_categories;
	ForestString *categories;
	uint32	   *category_rows;
	/* fresh rows */
	uint32		n_cells;		/* n_categories + 1, FOREST_DRIFT_CELLS */
	uint64	   *cells;
	uint64		missing;
} DriftFeature;

/*
 * The state of iforest_drift.  It holds all of the model that the result
 * needs, so that it can go from a worker to the leader without the model.
 */
typedef struct DriftState
{
	uint8		digest[FOREST_DIGEST_SIZE]; /* the model's */
	uint32		n_features;
	DriftFeature *features;
	double		score_rows;		/* behind the quantiles */
	double		score_quantiles[FOREST_QUANTILES];
	double		outliers_then;	/* share of these above the threshold */
	bool		scores_compare; /* with those of fresh rows; see begin_scores */
	/* fresh rows */
	uint64		rows;
	uint64		rows_without_values;	/* beside these */
	uint64		outliers;		/* rows above the threshold */
	uint64		score_cells[FOREST_DRIFT_CELLS];
} DriftState;

extern const bytea *drift_start(Model *model, Datum datum);
extern void drift_count(DriftState *state, const Model *model);
extern void drift_merge(DriftState *state, const DriftState *other);

#endif							/* IFOREST_DRIFT_STATE_H */
