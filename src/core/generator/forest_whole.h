/*-------------------------------------------------------------------------
 *
 * forest_whole.h
 *	  What is missing from a row, filled in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_WHOLE_H
#define FOREST_WHOLE_H

#include "core/forest.h"
#include "core/generator/forest_make.h"

extern void forest_make_whole(ForestMake *make, double *row);

#endif							/* FOREST_WHOLE_H */
