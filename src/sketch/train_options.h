/*-------------------------------------------------------------------------
 *
 * train_options.h
 *	  Options of a training.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_OPTIONS_H
#define IFOREST_TRAIN_OPTIONS_H

#include "iforest.h"

#include "base/options.h"

/* Training options, checked; what each means is in doc/iforest.md. */
typedef struct TrainOptions
{
	int64		n_trees;
	int64		sample_size;
	int64		max_depth;		/* -1: ceil(log2(sample_size)); 0: no limit */
	double		max_features;
	bool		bootstrap;
	double		contamination;
	int64		seed;
	bool		seed_given;
	OptionNames feature_names;	/* none: take the columns' own names */
	int64		max_categories;
} TrainOptions;

extern const OptionTable train_option_table;

#endif							/* IFOREST_TRAIN_OPTIONS_H */
