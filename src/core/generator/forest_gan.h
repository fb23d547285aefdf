/*-------------------------------------------------------------------------
 *
 * forest_gan.h
 *	  An adversarial network for rows of a table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_GAN_H
#define FOREST_GAN_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"

/* Rows of a step. */
#define FOREST_GAN_BATCH	128

/* Hidden units of both networks. */
#define FOREST_GAN_HIDDEN	128

/* The two networks in training, and what a batch goes through. */
typedef struct ForestGan
{
	ForestNet	maker;
	ForestNet	critic;
	uint32_t	label;
	ForestNetAdam maker_adam;
	ForestNetAdam critic_adam;
	float	   *average;		/* of the maker's weights, slowly */
	ForestNetFlow make;
	ForestNetFlow judge;
	float	   *back;			/* slopes by what the critic saw */
	float	   *verdict;		/* slopes by what it said */
	float	   *scratch;
	const float *scores;		/* from forest_batch_scores */
	float	   *gumbels;		/* as many */
} ForestGan;

extern void forest_gan_shape(ForestNet *maker, ForestNet *critic,
							 const ForestColumns *columns,
							 uint32_t label_units, uint32_t hidden);
extern size_t forest_gan_size(const ForestColumns *columns, uint32_t label);
extern size_t forest_gan_weights(const ForestColumns *columns,
								 uint32_t label);
extern float *forest_gan_init(ForestGan *gan, const ForestColumns *columns,
							  uint32_t label, const float *scores,
							  float *memory, ForestRng *rng);
extern void forest_gan_learn_critic(const ForestNetKernel *kernel,
									ForestGan *gan, const ForestBatch *batch,
									float rate, ForestRng *rng);
extern void forest_gan_learn_maker(const ForestNetKernel *kernel,
								   ForestGan *gan, const ForestBatch *batch,
								   float rate, ForestRng *rng);

#endif							/* FOREST_GAN_H */
