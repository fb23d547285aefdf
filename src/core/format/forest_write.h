/*-------------------------------------------------------------------------
 *
 * forest_write.h
 *	  From native arrays to the bytes of a model (doc/FORMAT.md).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_WRITE_H
#define FOREST_WRITE_H

#include "core/forest.h"
#include "core/format/forest_model.h"

extern uint64_t forest_model_size(const ForestParts *parts);
extern void forest_model_write(const ForestParts *parts, uint8_t *bytes);
extern uint64_t forest_calibrated_size(const uint8_t *model,
									   uint32_t n_points);
extern void forest_calibrated_write(const uint8_t *model,
									const ForestCalibration *calibration,
									uint8_t *bytes);
extern uint64_t forest_learned_size(const uint8_t *model, uint32_t n_leaves,
									bool some);
extern void forest_learned_write(const uint8_t *model,
								 const ForestLabels *labels,
								 uint32_t n_leaves, uint8_t *bytes);

#endif							/* FOREST_WRITE_H */
