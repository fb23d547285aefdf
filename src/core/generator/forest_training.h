/*-------------------------------------------------------------------------
 *
 * forest_training.h
 *	  Training a generator, some steps at a time.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_TRAINING_H
#define FOREST_TRAINING_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_gan.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"

/* Fewer rows are learnt by heart, and none are held out to notice it. */
#define FOREST_TRAINING_FEW_ROWS	60

/* Of fewer rows too little is learnt to be better than a forest's rows. */
#define FOREST_TRAINING_SMALL_ROWS	300

typedef struct ForestTrainingOptions
{
	ForestMethod method;
	uint32_t	n_steps;		/* at most; 0: what the rows suggest */
	uint32_t	label;			/* a column of classes, or FOREST_NO_LABEL */
	uint64_t	seed;
} ForestTrainingOptions;

typedef enum ForestTrainingPhase
{
	FOREST_TRAINING_STEPS,		/* training the networks */
	FOREST_TRAINING_LATENTS,	/* fitting the mixture of latents */
	FOREST_TRAINING_DONE
} ForestTrainingPhase;

/* Why a table cannot be learnt. */
typedef enum ForestTrainingFault
{
	FOREST_TRAINING_POSSIBLE,
	FOREST_TRAINING_NO_ROWS,
	FOREST_TRAINING_TOO_WIDE,	/* above FOREST_NET_MAX_UNITS */
	FOREST_TRAINING_NO_CLASSES	/* the label is a number */
} ForestTrainingFault;

/* Stays where it is: parts of it know where others are. */
typedef struct ForestTraining
{
	ForestTrainingPhase phase;
	ForestTrainingOptions options;
	ForestCoded *coded;
	const ForestNetKernel *kernel;
	ForestGenerator generator;	/* whole once done */

	/* progress, for those who wait */
	uint32_t	n_steps;		/* done */
	uint32_t	most_steps;
	double		loss;			/* a held-out row's at last, nats; or NaN */

	/* the rest is the training's own */
	ForestNetAdam adam;
	double		rate;
	bool		falls;			/* the rate, in the second half */
	float	   *best;			/* weights */
	double		best_loss;
	uint32_t	misses;			/* looks without a gain since the best */
	uint32_t	slower;			/* times that the rate was lowered */
	uint32_t	fits;			/* rounds of the mixture */
	double		fit;			/* how well it fitted in the last */
	uint32_t	batch_rows;
	uint32_t	look_steps;		/* steps between two looks */
	uint32_t	n_held;			/* order[0 .. n_held) is held out */
	uint32_t	n_rows;
	uint32_t	place;			/* in the order */
	uint32_t   *order;
	uint32_t   *rows;			/* of the batch */
	double	   *losses;
	float	   *scores;
	float	   *latents;
	ForestRng	order_rng;
	ForestRng	noise_rng;
	ForestBatch batch;
	ForestVaeWork work;
	ForestGan	gan;
	ForestMixtureWork mixture;
} ForestTraining;

extern ForestTrainingFault
			forest_training_check(const ForestCoded *coded,
								  const ForestTrainingOptions *options);
extern uint64_t forest_training_size(const ForestCoded *coded,
									 const ForestTrainingOptions *options);
extern void forest_training_begin(ForestTraining *training,
								  ForestCoded *coded,
								  const ForestTrainingOptions *options,
								  const ForestNetKernel *kernel,
								  void *memory);
extern bool forest_training_run(ForestTraining *training, uint32_t n_steps);

#endif							/* FOREST_TRAINING_H */
