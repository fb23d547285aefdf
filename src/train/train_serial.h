/*-------------------------------------------------------------------------
 *
 * train_serial.h
 *	  A training state as bytes, on its way from a worker to the leader.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_SERIAL_H
#define IFOREST_TRAIN_SERIAL_H

#include "iforest.h"

#include "train/train_state.h"

extern bytea *train_state_serialize(const TrainState *state);
extern TrainState *train_state_deserialize(bytea *bytes,
										   MemoryContext context);

#endif							/* IFOREST_TRAIN_SERIAL_H */
