/*-------------------------------------------------------------------------
 *
 * calibrate_state.h
 *	  The state of iforest_calibrate: how long the paths of the rows are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_CALIBRATE_STATE_H
#define IFOREST_CALIBRATE_STATE_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "core/stats/forest_tally.h"
#include "model/model.h"

typedef struct CalibrateState
{
	MemoryContext context;
	struct varlena *model;		/* as it came: perhaps a pointer to TOAST */
	uint8		digest[FOREST_DIGEST_SIZE]; /* of the model */
	uint32		scale;			/* of sums of path lengths; see ForestWalk */
	ForestTally sums;			/* of the rows' path lengths */
	uint64		deviations;		/* see model_deviation; their sum */
} CalibrateState;

extern CalibrateState *calibrate_begin(MemoryContext context,
									   const Model *model, Datum datum);
extern void calibrate_count(CalibrateState *state, const Model *model);
extern void calibrate_merge(CalibrateState *state, CalibrateState *other);
extern CalibrateState *calibrate_copy(MemoryContext context,
									  CalibrateState *other);
extern bytea *calibrate_serialize(CalibrateState *state);
extern CalibrateState *calibrate_deserialize(const bytea *bytes,
											 MemoryContext context);
extern bytea *calibrate_result(CalibrateState *state);

#endif							/* IFOREST_CALIBRATE_STATE_H */
