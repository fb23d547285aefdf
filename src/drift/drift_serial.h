/*-------------------------------------------------------------------------
 *
 * drift_serial.h
 *	  The state of iforest_drift as bytes, on its way from a worker to the
 *	  leader and from a model to its groups.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DRIFT_SERIAL_H
#define IFOREST_DRIFT_SERIAL_H

#include "iforest.h"

#include "drift/drift_state.h"

extern bytea *drift_serialize(const DriftState *state);
extern DriftState *drift_deserialize(const bytea *bytes,
									 MemoryContext context);

#endif							/* IFOREST_DRIFT_SERIAL_H */
