/*-------------------------------------------------------------------------
 *
 * forest_math.h
 *	  Path length of an unsuccessful search, and the logarithm it needs.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_MATH_H
#define FOREST_MATH_H

#include "core/forest.h"

extern double forest_ln(double x);
extern double forest_average_path(uint64_t n);
extern double forest_leaf_length(uint32_t depth, uint32_t rows,
								 uint32_t sample_size);
extern double forest_learned_length(double own, uint32_t rows,
									uint32_t outliers, uint32_t normal);
extern uint32_t forest_default_depth(uint32_t sample_size);

#endif							/* FOREST_MATH_H */
