/*-------------------------------------------------------------------------
 *
 * merge_unlike.h
 *	  Whether models to merge were trained on rows that are alike.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MERGE_UNLIKE_H
#define IFOREST_MERGE_UNLIKE_H

#include "iforest.h"

#include "core/format/forest_view.h"

extern void merge_warn_unlike(const ForestView *const *views, int n_views);

#endif							/* IFOREST_MERGE_UNLIKE_H */
