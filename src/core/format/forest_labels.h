/*-------------------------------------------------------------------------
 *
 * forest_labels.h
 *	  What people said of rows, counted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_LABELS_H
#define FOREST_LABELS_H

#include "core/forest.h"

/* Rows that people have labelled and that end in a leaf. */
typedef struct ForestLabels
{
	uint32_t	outliers;
	uint32_t	normal;
} ForestLabels;

/* How many labels the tree with the most of each kind has. */
typedef struct ForestLearned
{
	uint64_t	outliers;
	uint64_t	normal;
} ForestLearned;

#endif							/* FOREST_LABELS_H */
