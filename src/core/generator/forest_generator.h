/*-------------------------------------------------------------------------
 *
 * forest_generator.h
 *	  What was learnt of a table so that new rows can be made.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_GENERATOR_H
#define FOREST_GENERATOR_H

#include "core/forest.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"

/* How training ended; part of the format. */
typedef enum ForestOutcome
{
	FOREST_OUTCOME_SETTLED = 1, /* rows held out gained nothing more */
	FOREST_OUTCOME_ALL_STEPS = 2,	/* it took all steps that it might */
	FOREST_OUTCOME_NOT_FINITE = 3	/* these are the best weights before */
} ForestOutcome;

/* No column is a label. */
#define FOREST_NO_LABEL		UINT32_MAX

/* Random numbers that an adversarial network makes a row of. */
#define FOREST_GAN_NOISE	32

#define FOREST_GAN_SLOPE	0.2f

/* Scores that an adversarial network gives end here. */
#define FOREST_GAN_MOST		4.0f

typedef struct ForestGenerator
{
	ForestMethod method;
	ForestOutcome outcome;
	uint32_t	hidden;			/* units of hidden layers */
	uint32_t	n_steps;		/* of training */
	uint32_t	label;			/* column given in training, or none */
	double		bits;			/* a row held out, by the bound; or NaN */
	ForestColumns columns;
	ForestVae	vae;			/* of the autoencoder */
	ForestNet	maker;			/* of the adversarial network */
	size_t		n_weights;
	const float *weights;
	ForestMixture mixture;		/* of the autoencoder */
	/* of the adversarial network: shares of the label's classes */
	const double *label_shares;
} ForestGenerator;

/* Units that a label of an adversarial network takes. */
static inline uint32_t
forest_generator_label_units(const ForestColumns *columns, uint32_t label)
{
	return label == FOREST_NO_LABEL ? 0 : columns->columns[label].n_input;
}

#endif							/* FOREST_GENERATOR_H */
