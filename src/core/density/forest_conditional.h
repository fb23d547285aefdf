/*-------------------------------------------------------------------------
 *
 * forest_conditional.h
 *	  The distribution of one feature given all others.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_CONDITIONAL_H
#define FOREST_CONDITIONAL_H

#include "core/density/forest_density.h"
#include "core/forest.h"

/* Cells lo .. hi - 1 of a feature, missing or not, on the way down a tree. */
typedef struct ForestPart
{
	uint32_t	node;
	uint32_t	lo;
	uint32_t	hi;
	bool		missing;
} ForestPart;

extern uint64_t forest_conditional_parts(uint32_t max_depth);
extern double forest_conditional(ForestBox *box, uint32_t feature,
								 const double *row);

#endif							/* FOREST_CONDITIONAL_H */
