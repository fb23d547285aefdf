/*-------------------------------------------------------------------------
 *
 * forest_net.c
 *	  Small networks of dense layers: forward, backward, and Adam.
 *
 * A layer multiplies its input by a matrix and adds a bias; between layers
 * negative numbers are multiplied by a small slope (the leaky rectifier).
 * Slopes of a loss come back through the transposed matrices (Rumelhart,
 * Hinton, Williams: Learning Representations by Back-Propagating Errors,
 * Nature 323, 1986), and Adam turns them into steps (Kingma, Ba: Adam: A
 * Method for Stochastic Optimization, ICLR 2015).  Weights start normally
 * distributed with variance 2 / inputs (He, Zhang, Ren, Sun: Delving Deep into
 * Rectifiers, ICCV 2015).
 *
 * Also here: how fast a network's only output rises with its inputs, and the
 * slopes of the square of that by the weights, which is what keeps the critic
 * of an adversarial network from running ahead (Mescheder, Geiger, Nowozin:
 * Which Training Methods for GANs Do Actually Converge?, ICML 2018; R1).
 * With y = W3 r(W2 r(W1 x)), its slope by x is g = W1' M1 W2' M2 W3', the masks
 * M being the slopes of r, which do not change with the weights but where one
 * is about to.  So the slope of |g|^2 / 2 by the weights is what comes back
 * of g sent forward through the same linear layers: no second derivative
 * is missing.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

/* Products between two pauses, less than a millisecond's. */
#define PAUSE_PRODUCTS	((size_t) 1 << 22)

/* Below this a square root of mean squares counts as noise. */
#define ADAM_LEAST		1e-8

/* Fills in the shape of a network of two hidden layers. */
void
forest_net_shape(ForestNet *net, uint32_t in, uint32_t hidden, uint32_t out,
				 float slope)
{
	size_t		at = 0;

	net->widths[0] = in;
	net->widths[1] = hidden;
	net->widths[2] = hidden;
	net->widths[3] = out;
	net->slope = slope;
	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
	{
		net->strides[l] = forest_net_pad(net->widths[l]);
		net->weights[l] = at;
		at += (size_t) net->strides[l] * net->widths[l + 1];
		net->biases[l] = at;
		at += forest_net_pad(net->widths[l + 1]);
	}
	net->n = at;
}

/*
 * Fills in first weights; those of the last layer are multiplied by "last",
 * so that what comes out begins near the biases, which are 0.
 */
void
forest_net_start(const ForestNet *net, float *weights, float last,
				 ForestRng *rng)
{
	memset(weights, 0, net->n * sizeof(float));
	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
	{
		uint32_t	n_in = net->widths[l];
		double		deviation = sqrt(2.0 / (n_in > 0 ? n_in : 1));

		if (l == FOREST_NET_LAYERS - 1)
			deviation *= last;
		for (uint32_t i = 0; i < net->widths[l + 1]; i++)
		{
			float	   *row = weights + net->weights[l] +
				(size_t) i * net->strides[l];

			for (uint32_t k = 0; k < n_in; k++)
				row[k] = (float) (deviation * forest_normal_draw(rng));
			forest_pause();
		}
	}
}

/* Floats that a flow through a network takes. */
size_t
forest_net_flow_size(const ForestNet *net, uint32_t batch)
{
	size_t		units = 0;

	for (uint32_t l = 0; l <= FOREST_NET_LAYERS; l++)
		units += net->widths[l];
	return units * forest_net_row(batch);
}

/* Lays a flow out in memory; returns what is behind it. */
float *
forest_net_flow_init(ForestNetFlow *flow, const ForestNet *net,
					 uint32_t batch, float *memory)
{
	flow->batch = batch;
	flow->row = forest_net_row(batch);
	for (uint32_t l = 0; l <= FOREST_NET_LAYERS; l++)
	{
		flow->layers[l] = memory;
		memory += net->widths[l] * flow->row;
	}
	return memory;
}

/* Multiplies in pieces, pausing between them. */
static void
forest_net_multiply(const ForestNetKernel *kernel,
					const ForestNetProduct *product)
{
	ForestNetProduct piece = *product;
	size_t		products = (size_t) product->inner * product->columns + 1;
	size_t		rows = PAUSE_PRODUCTS / products / 4 * 4 + 4;

	for (uint32_t done = 0; done < product->rows; done += piece.rows)
	{
		piece.rows = product->rows - done < rows ? product->rows - done :
			(uint32_t) rows;
		piece.a = product->a + done * product->a_row;
		piece.c = product->c + done * product->c_row;
		if (product->start != NULL)
			piece.start = product->start + done;
		kernel->multiply(&piece);
		forest_pause();
	}
}

/* The product of a layer's weights and its input, or of their transposition. */
static ForestNetProduct
layer_product(const ForestNet *net, const float *weights, uint32_t l,
			  const ForestNetFlow *flow, bool back)
{
	ForestNetProduct p;

	memset(&p, 0, sizeof(p));
	p.a = weights + net->weights[l];
	p.a_row = back ? 1 : net->strides[l];
	p.a_step = back ? net->strides[l] : 1;
	p.rows = net->widths[back ? l : l + 1];
	p.inner = net->widths[back ? l + 1 : l];
	p.columns = flow->batch;
	p.b_row = flow->row;
	p.c_row = flow->row;
	return p;
}

/* Applies a rectifier, or its slopes where "like" is given, to hidden units. */
static void
rectify(const ForestNetKernel *kernel, const ForestNet *net, uint32_t units,
		const ForestNetFlow *flow, float *x, const float *like)
{
	for (uint32_t i = 0; i < units; i++)
	{
		size_t		at = i * flow->row;

		if (like != NULL)
			kernel->leaky_back(x + at, like + at, flow->batch, net->slope);
		else
			kernel->leaky(x + at, flow->batch, net->slope);
	}
}

/* Computes all layers of a flow from its first. */
void
forest_net_forward(const ForestNetKernel *kernel, const ForestNet *net,
				   const float *weights, const ForestNetFlow *flow)
{
	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
	{
		ForestNetProduct p = layer_product(net, weights, l, flow, false);

		p.b = flow->layers[l];
		p.c = flow->layers[l + 1];
		p.start = weights + net->biases[l];
		forest_net_multiply(kernel, &p);
		if (l < FOREST_NET_LAYERS - 1)
			rectify(kernel, net, net->widths[l + 1], flow,
					flow->layers[l + 1], NULL);
	}
}

/* Writes a matrix of units by rows of the batch as rows by padded units. */
static void
transpose(const float *x, size_t row, uint32_t units, uint32_t batch,
		  float *to, uint32_t stride)
{
	for (uint32_t b = 0; b < batch; b += FOREST_NET_LANES)
	{
		for (uint32_t u = 0; u < stride; u++)
		{
			for (uint32_t l = 0; l < FOREST_NET_LANES; l++)
				to[(size_t) (b + l) * stride + u] = u < units ?
					x[u * row + b + l] : 0.0f;
		}
		forest_pause();
	}
}

/* The widest of a network's first layers, padded. */
static uint32_t
widest_input(const ForestNet *net)
{
	uint32_t	most = 0;

	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
		most = net->strides[l] > most ? net->strides[l] : most;
	return most;
}

/* Floats of scratch that forest_net_backward takes. */
size_t
forest_net_back_size(const ForestNet *net, uint32_t batch)
{
	return (size_t) widest_input(net) * batch +
		2 * net->widths[1] * forest_net_row(batch);
}

/* Adds to a layer's slopes those that "out" has with "in" going in. */
static void
layer_slopes(const ForestNetKernel *kernel, const ForestNet *net, uint32_t l,
			 const ForestNetFlow *flow, const float *in, const float *out,
			 float *slopes, float *scratch)
{
	ForestNetProduct p;

	transpose(in, flow->row, net->widths[l], flow->batch, scratch,
			  net->strides[l]);
	memset(&p, 0, sizeof(p));
	p.a = out;
	p.a_row = flow->row;
	p.a_step = 1;
	p.b = scratch;
	p.b_row = net->strides[l];
	p.c = slopes + net->weights[l];
	p.c_row = net->strides[l];
	p.add = true;
	p.rows = net->widths[l + 1];
	p.inner = flow->batch;
	p.columns = net->strides[l];
	forest_net_multiply(kernel, &p);
}

/*
 * Takes the slopes of a loss by what came out, and adds those by the weights
 * to "slopes", if that is given, and writes those by what went in to "in", if
 * that is given.
 */
void
forest_net_backward(const ForestNetKernel *kernel, const ForestNet *net,
					const float *weights, const ForestNetFlow *flow,
					float *out, float *slopes, float *in, float *scratch)
{
	float	   *turns[2];

	turns[0] = scratch + (size_t) widest_input(net) * flow->batch;
	turns[1] = turns[0] + net->widths[1] * flow->row;
	for (uint32_t l = FOREST_NET_LAYERS; l-- > 0;)
	{
		ForestNetProduct p = layer_product(net, weights, l, flow, true);

		if (slopes != NULL)
		{
			layer_slopes(kernel, net, l, flow, flow->layers[l], out, slopes,
						 scratch);
			kernel->sum_rows(out, flow->row, net->widths[l + 1], flow->batch,
							 slopes + net->biases[l]);
		}
		if (l == 0 && in == NULL)
			return;
		p.b = out;
		p.c = l == 0 ? in : turns[l % 2];
		forest_net_multiply(kernel, &p);
		if (l > 0)
			rectify(kernel, net, net->widths[l], flow, p.c, flow->layers[l]);
		out = p.c;
	}
}

/* Floats of scratch that forest_net_curb takes. */
size_t
forest_net_curb_size(const ForestNet *net, uint32_t batch)
{
	return (size_t) widest_input(net) * batch +
		(1 + 4 * (size_t) net->widths[1] + net->widths[0]) *
		forest_net_row(batch);
}

/*
 * Adds to "slopes" those of weight / 2 times the sum, over the batch, of the
 * squared length of the slope of the network's only output by what went in,
 * for the flow that forest_net_forward left.
 */
void
forest_net_curb(const ForestNetKernel *kernel, const ForestNet *net,
				const float *weights, const ForestNetFlow *flow, float weight,
				float *slopes, float *scratch)
{
	float	   *back[FOREST_NET_LAYERS + 1];	/* slopes by units */
	float	   *again;			/* what is sent forward, and what comes out */
	float	   *next;
	float	   *free_floats =
		scratch + (size_t) widest_input(net) * flow->batch;

	for (uint32_t l = 0; l <= FOREST_NET_LAYERS; l++)
	{
		back[l] = free_floats;
		free_floats += net->widths[l] * flow->row;
	}
	for (uint32_t b = 0; b < flow->batch; b++)
		back[FOREST_NET_LAYERS][b] = 1.0f;
	for (uint32_t l = FOREST_NET_LAYERS; l-- > 0;)
	{
		ForestNetProduct p = layer_product(net, weights, l, flow, true);

		p.b = back[l + 1];
		p.c = back[l];
		forest_net_multiply(kernel, &p);
		if (l > 0)
			rectify(kernel, net, net->widths[l], flow, back[l],
					flow->layers[l]);
	}

	again = back[0];
	for (uint32_t u = 0; u < net->widths[0]; u++)
		for (uint32_t b = 0; b < flow->batch; b++)
			again[u * flow->row + b] *= weight;
	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
	{
		ForestNetProduct p = layer_product(net, weights, l, flow, false);

		layer_slopes(kernel, net, l, flow, again, back[l + 1], slopes,
					 scratch);
		if (l == FOREST_NET_LAYERS - 1)
			return;
		next = free_floats + (l % 2) * net->widths[1] * flow->row;
		p.b = again;
		p.c = next;
		forest_net_multiply(kernel, &p);
		rectify(kernel, net, net->widths[l + 1], flow, next,
				flow->layers[l + 1]);
		again = next;
	}
}

/* Lays out what Adam needs for n weights, all zeros. */
void
forest_net_adam_init(ForestNetAdam *adam, size_t n, float keep_mean,
					 float keep_square, float *memory)
{
	forest_clear(memory, forest_net_adam_size(n) * sizeof(float));
	adam->n = n;
	adam->weights = memory;
	adam->slopes = memory + n;
	adam->means = memory + 2 * n;
	adam->squares = memory + 3 * n;
	adam->keep_mean = keep_mean;
	adam->keep_square = keep_square;
	adam->mean_left = 1.0;
	adam->square_left = 1.0;
}

/*
 * Takes a step down the slopes, and clears them.  Means of few steps are
 * divided by the weight that they have, which the rate and the least square
 * root take in.
 */
void
forest_net_adam_step(const ForestNetKernel *kernel, ForestNetAdam *adam,
					 float rate)
{
	ForestNetPace pace;
	double		root;

	adam->mean_left *= adam->keep_mean;
	adam->square_left *= adam->keep_square;
	root = sqrt(1.0 - adam->square_left);
	pace.rate = (float) (rate * root / (1.0 - adam->mean_left));
	pace.keep_mean = adam->keep_mean;
	pace.keep_square = adam->keep_square;
	pace.least = (float) (ADAM_LEAST * root);
	for (size_t at = 0; at < adam->n; at += FOREST_PAUSE_STEPS)
	{
		size_t		n = adam->n - at < FOREST_PAUSE_STEPS ? adam->n - at :
			FOREST_PAUSE_STEPS;

		kernel->adam(adam->weights + at, adam->means + at, adam->squares + at,
					 adam->slopes + at, n, &pace);
		forest_pause();
	}
	forest_clear(adam->slopes, adam->n * sizeof(float));
}
