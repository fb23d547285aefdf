/*-------------------------------------------------------------------------
 *
 * forest_learn.h
 *	  Counting labelled rows in the leaves where they end.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_LEARN_H
#define FOREST_LEARN_H

#include "core/forest.h"
#include "core/format/forest_model.h"
#include "core/score/forest_walk.h"

extern void forest_number_leaves(const ForestWalk *walk, uint32_t *numbers);
extern bool forest_count_label(const ForestWalk *walk,
							   const uint32_t *numbers, const double *slots,
							   bool is_outlier, ForestLabels *labels);
extern bool forest_add_labels(ForestLabels *labels, const ForestLabels *more,
							  uint32_t n_leaves);

#endif							/* FOREST_LEARN_H */
