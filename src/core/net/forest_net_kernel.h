/*-------------------------------------------------------------------------
 *
 * forest_net_kernel.h
 *	  The loops that networks spend their time in.
 *
 * A matrix here has rows of units (columns of the table, or neurons) that are
 * contiguous over the rows of a batch.  So all but the multiplication is the
 * same arithmetic for every number on its own, and vectors of any width give
 * the same bits.  A multiplication adds products in the order of the inner
 * index, and sums along a batch have FOREST_NET_LANES partial sums that meet
 * in a fixed tree.  Nothing fuses a product and a sum into one rounding.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_NET_KERNEL_H
#define FOREST_NET_KERNEL_H

#include "core/forest.h"

/* Batches are multiples of this, and so are the rows of weights. */
#define FOREST_NET_LANES	16

/* Logistic distributions of which a number's is mixed. */
#define FOREST_NET_MIXED	3

/* Units that a number's distribution takes: shares, means, scales. */
#define FOREST_NET_NUMBER_UNITS	(3 * FOREST_NET_MIXED)

/* Logarithms of a logistic's scale and of a latent's variance end here. */
#define FOREST_NET_LOG_SCALE_LEAST	(-5.0f)
#define FOREST_NET_LOG_SCALE_MOST	3.0f
#define FOREST_NET_LOG_VARIANCE_LEAST	(-10.0f)
#define FOREST_NET_LOG_VARIANCE_MOST	5.0f

/* Stands for no bound below or above, in normal scores. */
#define FOREST_NET_UNBOUNDED	1e4f

/* What is multiplied: c (rows x columns) = start + a * b. */
typedef struct ForestNetProduct
{
	const float *a;				/* entry (i, k) at i * a_row + k * a_step */
	size_t		a_row;
	size_t		a_step;
	const float *b;				/* entry (k, j) at k * b_row + j */
	size_t		b_row;
	float	   *c;				/* entry (i, j) at i * c_row + j */
	size_t		c_row;
	const float *start;			/* of each row of c; NULL: 0 */
	bool		add;			/* start is c itself */
	uint32_t	rows;
	uint32_t	inner;
	uint32_t	columns;		/* a multiple of FOREST_NET_LANES */
} ForestNetProduct;

/* How Adam takes a step (Kingma, Ba: Adam, ICLR 2015). */
typedef struct ForestNetPace
{
	float		rate;			/* both corrections for the start are in it */
	float		keep_mean;		/* beta 1 */
	float		keep_square;	/* beta 2 */
	float		least;			/* epsilon, corrected as well */
} ForestNetPace;

typedef struct ForestNetKernel
{
	void		(*multiply) (const ForestNetProduct *product);
	/* sums[i] += the sum of n numbers of row i of a matrix */
	void		(*sum_rows) (const float *x, size_t x_row, uint32_t rows,
							 uint32_t n, float *sums);
	/* x = x where positive, slope * x elsewhere */
	void		(*leaky) (float *x, uint32_t n, float slope);
	/* d *= slope where y, which leaky made, is not positive */
	void		(*leaky_back) (float *d, const float *y, uint32_t n,
							   float slope);
	void		(*adam) (float *weights, float *means, float *squares,
						 const float *slopes, size_t n,
						 const ForestNetPace *pace);
	/* z = mean + exp(half the logarithm of the variance) * noise */
	void		(*latents) (const float *mean, const float *log_variance,
							const float *noise, float *z, uint32_t n);
	/* from dz to the slopes of mean and log_variance, in their place */
	void		(*latents_back) (float *mean, float *log_variance,
								 const float *noise, const float *dz,
								 uint32_t n, float scale);
	/* mass[b] *= the mass of [low, high]; units become slopes if "train" */
	void		(*numbers) (float *units, size_t row, const float *low,
							const float *high, uint32_t n, float scale,
							bool train, float *mass);
	/* mass[b] *= the chance of class target[b] */
	void		(*classes) (float *units, size_t row, uint32_t n_classes,
							const uint32_t *target, uint32_t n, float scale,
							bool train, float *mass);
	/* mass[b] *= the chance that truth[b], 0 or 1, had */
	void		(*coin) (float *unit, const float *truth, uint32_t n,
						 float scale, bool train, float *mass);
	/* units become the chances of their classes at a temperature */
	void		(*soften) (float *units, size_t row, uint32_t n_classes,
						   uint32_t n, float per_temperature);
} ForestNetKernel;

extern const ForestNetKernel forest_net_portable;

#if defined(__x86_64__)
extern const ForestNetKernel forest_net_avx2;
extern const ForestNetKernel forest_net_avx512;
#endif

extern const ForestNetKernel *forest_net_kernel(void);

#endif							/* FOREST_NET_KERNEL_H */
