/*-------------------------------------------------------------------------
 *
 * forest_knot.h
 *	  The knots that a number's curve has.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_KNOT_H
#define FOREST_KNOT_H

#include "core/forest.h"

/*
 * A value of a number, and how many of the rows that have one are below it,
 * and through it.  Knots, ascending, are the number's curve: the rows between
 * two of them are taken to be spread evenly there.
 */
typedef struct ForestKnot
{
	double		value;
	uint32_t	below;
	uint32_t	through;
} ForestKnot;

/* Most knots of a curve. */
#define FOREST_MAX_KNOTS	256

#endif							/* FOREST_KNOT_H */
