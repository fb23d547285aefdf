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

/* The generators that a model may learn. */
typedef enum GeneratorKind
{
	GENERATOR_NONE = -1,
	GENERATOR_VAE,
	GENERATOR_GAN
} GeneratorKind;

/* Sets of options by name. */
typedef enum TrainPreset
{
	PRESET_NONE = -1,
	PRESET_GUIDED
} TrainPreset;

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
	int			generator;		/* a GeneratorKind, or GENERATOR_NONE */
	int64		generator_steps;	/* 0: as many as the rows suggest */
	char	   *generator_label;	/* NULL for none */
	OptionNames exclude;		/* columns of a row to leave out */
	double		guided;			/* NaN: as the preset says; see train_guided */
	int			preset;			/* a TrainPreset, or PRESET_NONE */
	char	   *weight;			/* the column of weights; NULL for none */
	int64		columns_per_split;	/* 0: see train_columns_per_split */
} TrainOptions;

extern const OptionTable train_option_table;

extern double train_guided(const TrainOptions *options);
extern uint32 train_columns_per_split(const TrainOptions *options);

#endif							/* IFOREST_TRAIN_OPTIONS_H */
