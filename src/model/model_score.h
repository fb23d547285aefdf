/*-------------------------------------------------------------------------
 *
 * model_score.h
 *	  Scoring a row with a decoded model, by the kernel in use.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_SCORE_H
#define IFOREST_MODEL_SCORE_H

#include "iforest.h"

#include "core/score/forest_kernel.h"
#include "core/score/forest_slice.h"
#include "model/model.h"

extern int	kernel_setting;		/* setting: a ForestKernel */
extern ForestKernel kernel_chosen(void);
extern void model_begin_scoring(Model *model);
extern bool model_has_blocks(const Model *model);
extern void model_expect_rows(const Model *model, uint32 n);
extern int64 model_sum(const Model *model);
extern Size model_sums_size(const Model *model);
extern void model_sums(const Model *model, const double *rows, uint32 n,
					   int64 *sums, void *scratch);
extern double model_score(const Model *model);
extern void model_slice_scores(const Model *model, const double *row,
							   const ForestAxis *x, const ForestAxis *y,
							   double *scores);
extern double model_length(const Model *model);
extern uint64 model_deviation(const Model *model, int64 sum);
extern double model_spread(uint64 deviations, uint64 n);
extern bool model_sum_below(const Model *model, int64 limit);
extern double model_threshold(const Model *model, double contamination);
extern void check_calibrated(const Model *model);

#endif							/* IFOREST_MODEL_SCORE_H */
