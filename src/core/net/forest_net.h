/*-------------------------------------------------------------------------
 *
 * forest_net.h
 *	  Small networks of dense layers: forward, backward, and Adam.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_NET_H
#define FOREST_NET_H

#include "core/base/forest_rng.h"
#include "core/forest.h"
#include "core/net/forest_net_kernel.h"

/* Layers of weights; two layers of neurons lie between. */
#define FOREST_NET_LAYERS	3

/* Most units that a network takes in or gives out, and hidden ones a layer. */
#define FOREST_NET_MAX_WIDTH	32768
#define FOREST_NET_MAX_HIDDEN	512

/*
 * A network's shape.  Its weights are one array of n floats: of each layer a
 * row of "stride" weights for every unit that it gives out, then their biases.
 * Rows are padded with zeros, which stay zeros.
 */
typedef struct ForestNet
{
	uint32_t	widths[FOREST_NET_LAYERS + 1];
	uint32_t	strides[FOREST_NET_LAYERS];
	size_t		weights[FOREST_NET_LAYERS]; /* where they begin */
	size_t		biases[FOREST_NET_LAYERS];
	size_t		n;				/* a multiple of FOREST_NET_LANES */
	float		slope;			/* of the leaky rectifier's left half */
} ForestNet;

/* What flows through a network: matrices of "row" floats a unit. */
typedef struct ForestNetFlow
{
	float	   *layers[FOREST_NET_LAYERS + 1];	/* [0]: what goes in */
	uint32_t	batch;			/* a multiple of FOREST_NET_LANES */
	size_t		row;			/* from unit to unit */
} ForestNetFlow;

/* Rows of a matrix of a batch are not at a power of two: caches like that. */
static inline size_t
forest_net_row(uint32_t batch)
{
	return (size_t) batch + FOREST_NET_LANES;
}

/* n rounded up to a multiple of FOREST_NET_LANES. */
static inline uint32_t
forest_net_pad(uint32_t n)
{
	return (n + FOREST_NET_LANES - 1) / FOREST_NET_LANES * FOREST_NET_LANES;
}

extern void forest_net_shape(ForestNet *net, uint32_t in, uint32_t hidden,
							 uint32_t out, float slope);
extern void forest_net_start(const ForestNet *net, float *weights,
							 float last, ForestRng *rng);
extern size_t forest_net_flow_size(const ForestNet *net, uint32_t batch);
extern float *forest_net_flow_init(ForestNetFlow *flow, const ForestNet *net,
								   uint32_t batch, float *memory);
extern size_t forest_net_back_size(const ForestNet *net, uint32_t batch);
extern void forest_net_forward(const ForestNetKernel *kernel,
							   const ForestNet *net, const float *weights,
							   const ForestNetFlow *flow);
extern void forest_net_backward(const ForestNetKernel *kernel,
								const ForestNet *net, const float *weights,
								const ForestNetFlow *flow, float *out,
								float *slopes, float *in, float *scratch);
extern void forest_net_curb(const ForestNetKernel *kernel,
							const ForestNet *net, const float *weights,
							const ForestNetFlow *flow, float weight,
							float *slopes, float *scratch);
extern size_t forest_net_curb_size(const ForestNet *net, uint32_t batch);

/* Weights that learn, and what Adam remembers of them. */
typedef struct ForestNetAdam
{
	float	   *weights;
	float	   *slopes;
	float	   *means;
	float	   *squares;
	size_t		n;
	float		keep_mean;
	float		keep_square;
	double		mean_left;		/* keep_mean to the power of the steps */
	double		square_left;
} ForestNetAdam;

extern void forest_net_adam_init(ForestNetAdam *adam, size_t n,
								 float keep_mean, float keep_square,
								 float *memory);
extern void forest_net_adam_step(const ForestNetKernel *kernel,
								 ForestNetAdam *adam, float rate);

/* Floats that the memory of an Adam of n weights takes. */
static inline size_t
forest_net_adam_size(size_t n)
{
	return 4 * n;
}

#endif							/* FOREST_NET_H */
