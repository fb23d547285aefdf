/*-------------------------------------------------------------------------
 *
 * forest_around.h
 *	  Rows around a given one.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_AROUND_H
#define FOREST_AROUND_H

#include "core/forest.h"
#include "core/generator/forest_make.h"

extern void forest_make_around(ForestMake *make, const double *row,
							   double radius, uint64_t seed, uint64_t first,
							   uint32_t n, double *rows);

#endif							/* FOREST_AROUND_H */
