/*-------------------------------------------------------------------------
 *
 * test_net_layers.c
 *	  Exponentials and normal numbers; networks, their slopes, and Adam.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_rng.h"
#include "core/net/forest_net.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

#include "net_support.h"
#include "statistics.h"
#include "unit.h"

#define BATCH	32

static void
test_functions(void)
{
	ForestRng	rng;

	claim("e^x, ln x and the normal distribution are right");
	forest_rng_init(&rng, 1, 0);
	for (unit_case = 0; unit_case < 20000; unit_case++)
	{
		double		x = 100.0 * (forest_rng_double(&rng) - 0.5);
		double		u = forest_open_draw(&rng);
		double		z = forest_normal_quantile(u);

		REQUIRE(fabs(forest_exp(x) / exp(x) - 1.0) < 1e-14);
		REQUIRE(fabs(forest_log(u) - log(u)) < 1e-14 * (1.0 - log(u)));
		REQUIRE(fabs(0.5 * erfc(-z * sqrt(0.5)) / u - 1.0) < 1e-12);
		REQUIRE(fabs(forest_normal_share(z) - u) < 1e-7);
	}
	REQUIRE(forest_exp(-800.0) == 0.0 && isfinite(forest_exp(1e300)));
	REQUIRE(forest_exp(0.0) == 1.0 && isnan(forest_exp(NAN)));
	REQUIRE(forest_normal_quantile(0.5) == 0.0);
	REQUIRE(isfinite(forest_normal_quantile(1e-300)));
	proven();
}

static void
test_draws(void)
{
	static double values[20000];
	ForestRng	rng;

	claim("drawn normal numbers are normally distributed");
	forest_rng_init(&rng, 2, 0);
	for (int i = 0; i < 20000; i++)
		values[i] = 0.5 * erfc(-forest_normal_draw(&rng) * sqrt(0.5));
	REQUIRE(is_uniform_in_unit("normal draws", 2, values, 20000));
	proven();
}

/* A network with a batch going through it. */
typedef struct Netted
{
	ForestNet	net;
	ForestNetFlow flow;
	ForestNetAdam adam;
	float	   *flow_memory;
	float	   *adam_memory;
	float	   *scratch;
} Netted;

static void
netted_init(Netted *n, uint32_t in, uint32_t hidden, uint32_t out,
			uint64_t seed)
{
	ForestRng	rng;
	size_t		back;
	size_t		curb;

	forest_rng_init(&rng, seed, 0);
	forest_net_shape(&n->net, in, hidden, out, 0.2f);
	n->flow_memory = allocate(forest_net_flow_size(&n->net, BATCH) *
							  sizeof(float));
	(void) forest_net_flow_init(&n->flow, &n->net, BATCH, n->flow_memory);
	n->adam_memory = allocate(forest_net_adam_size(n->net.n) * sizeof(float));
	forest_net_adam_init(&n->adam, n->net.n, 0.9f, 0.999f, n->adam_memory);
	back = forest_net_back_size(&n->net, BATCH);
	curb = forest_net_curb_size(&n->net, BATCH);
	n->scratch = allocate((back > curb ? back : curb) * sizeof(float));
	forest_net_start(&n->net, n->adam.weights, 1.0f, &rng);
	for (uint32_t l = 0; l < 3; l++)
		for (uint32_t i = 0; i < n->net.widths[l + 1]; i++)
			n->adam.weights[n->net.biases[l] + i] =
				(float) (0.1 * forest_normal_draw(&rng));
	for (uint32_t u = 0; u < in; u++)
		for (uint32_t b = 0; b < BATCH; b++)
			n->flow.layers[0][u * n->flow.row + b] =
				(float) forest_normal_draw(&rng);
}

static void
netted_free(Netted *n)
{
	free(n->flow_memory);
	free(n->adam_memory);
	free(n->scratch);
}

/*
 * What a network gives out for row b, in doubles, with one weight moved; and
 * the slopes of its first output by what goes in, if wanted.
 */
static void
plain_forward(const Netted *n, uint32_t b, size_t moved, double by,
			  double *out, double *in_slopes)
{
	double		layers[4][16];
	double		back[16];
	double		next[16];

	for (uint32_t u = 0; u < n->net.widths[0]; u++)
		layers[0][u] = (double) n->flow.layers[0][u * n->flow.row + b];
	for (uint32_t l = 0; l < 3; l++)
		for (uint32_t i = 0; i < n->net.widths[l + 1]; i++)
		{
			size_t		at = n->net.biases[l] + i;
			double		sum = (double) n->adam.weights[at] +
				(at == moved ? by : 0.0);

			for (uint32_t k = 0; k < n->net.widths[l]; k++)
			{
				at = n->net.weights[l] + (size_t) i * n->net.strides[l] + k;
				sum += ((double) n->adam.weights[at] +
						(at == moved ? by : 0.0)) * layers[l][k];
			}
			layers[l + 1][i] = sum > 0.0 || l == 2 ? sum : 0.2 * sum;
		}
	memcpy(out, layers[3], n->net.widths[3] * sizeof(double));
	if (in_slopes == NULL)
		return;
	memset(back, 0, sizeof(back));
	back[0] = 1.0;
	for (uint32_t l = 3; l-- > 0;)
	{
		for (uint32_t k = 0; k < n->net.widths[l]; k++)
		{
			next[k] = 0.0;
			for (uint32_t i = 0; i < n->net.widths[l + 1]; i++)
			{
				size_t		at = n->net.weights[l] +
					(size_t) i * n->net.strides[l] + k;

				next[k] += ((double) n->adam.weights[at] +
							(at == moved ? by : 0.0)) * back[i];
			}
			if (l > 0 && layers[l][k] <= 0.0)
				next[k] *= 0.2;
		}
		memcpy(back, next, sizeof(back));
	}
	memcpy(in_slopes, back, n->net.widths[0] * sizeof(double));
}

/* Half of the sum of the squares of what comes out, over the batch. */
static double
plain_loss(const Netted *n, size_t moved, double by)
{
	double		sum = 0.0;
	double		out[16];

	for (uint32_t b = 0; b < BATCH; b++)
	{
		plain_forward(n, b, moved, by, out, NULL);
		for (uint32_t i = 0; i < n->net.widths[3]; i++)
			sum += 0.5 * out[i] * out[i];
	}
	return sum;
}

/* Half of the sum of the squares of the slopes by what goes in. */
static double
plain_curb(const Netted *n, size_t moved, double by)
{
	double		sum = 0.0;
	double		out[16];
	double		slopes[16];

	for (uint32_t b = 0; b < BATCH; b++)
	{
		plain_forward(n, b, moved, by, out, slopes);
		for (uint32_t i = 0; i < n->net.widths[0]; i++)
			sum += 0.5 * slopes[i] * slopes[i];
	}
	return sum;
}

/* Whether slopes are those of a loss, by finite differences in doubles. */
static void
require_slopes(const Netted *n, double (*loss) (const Netted *, size_t, double))
{
	const double step = 1e-6;

	for (size_t i = 0; i < n->net.n; i++)
	{
		double		slope = (loss(n, i, step) - loss(n, i, -step)) /
			(2.0 * step);

		REQUIRE(fabs(slope - (double) n->adam.slopes[i]) <
				1e-3 * (1.0 + fabs(slope)));
	}
}

static void
test_slopes(void)
{
	Netted		n;
	float		out[4 * (BATCH + FOREST_NET_LANES)];
	float		in[5 * (BATCH + FOREST_NET_LANES)];
	double		wanted[16];

	claim("a network gives out what it should, and its slopes are slopes");
	for (unit_case = 0; unit_case < 4; unit_case++)
	{
		netted_init(&n, 5, 7, 4, unit_case);
		forest_net_forward(forest_net_kernel(), &n.net, n.adam.weights,
						   &n.flow);
		for (uint32_t b = 0; b < BATCH; b++)
		{
			plain_forward(&n, b, n.net.n, 0.0, wanted, NULL);
			for (uint32_t i = 0; i < 4; i++)
				REQUIRE(fabs((double) n.flow.layers[3][i * n.flow.row + b] -
							 wanted[i]) < 1e-5);
		}
		memcpy(out, n.flow.layers[3], sizeof(out));
		forest_net_backward(forest_net_kernel(), &n.net, n.adam.weights,
							&n.flow, out, n.adam.slopes, in, n.scratch);
		require_slopes(&n, plain_loss);
		netted_free(&n);
	}
	proven();
}

static void
test_curb(void)
{
	Netted		n;

	claim("slopes of the squared slope of a network's output are slopes");
	for (unit_case = 0; unit_case < 4; unit_case++)
	{
		netted_init(&n, 6, 9, 1, 10 + unit_case);
		forest_net_forward(forest_net_kernel(), &n.net, n.adam.weights,
						   &n.flow);
		forest_net_curb(forest_net_kernel(), &n.net, n.adam.weights, &n.flow,
						1.0f, n.adam.slopes, n.scratch);
		require_slopes(&n, plain_curb);
		netted_free(&n);
	}
	proven();
}

static void
test_in_slopes(void)
{
	Netted		n;
	float		out[BATCH + FOREST_NET_LANES];
	float		in[6 * (BATCH + FOREST_NET_LANES)];
	double		said[16];
	double		wanted[16];

	claim("slopes by what goes in are slopes");
	netted_init(&n, 6, 9, 1, 20);
	forest_net_forward(forest_net_kernel(), &n.net, n.adam.weights, &n.flow);
	for (uint32_t b = 0; b < BATCH; b++)
		out[b] = 1.0f;
	forest_net_backward(forest_net_kernel(), &n.net, n.adam.weights, &n.flow,
						out, NULL, in, n.scratch);
	for (uint32_t b = 0; b < BATCH; b++)
	{
		plain_forward(&n, b, n.net.n, 0.0, said, wanted);
		for (uint32_t u = 0; u < 6; u++)
			REQUIRE(fabs((double) in[u * n.flow.row + b] - wanted[u]) < 1e-4);
	}
	netted_free(&n);
	proven();
}

static void
test_adam(void)
{
	ForestNetAdam adam;
	float		memory[4 * 16];
	double		w = 1.0;
	double		mean = 0.0;
	double		square = 0.0;

	claim("Adam steps as its paper says, and clears the slopes");
	forest_net_adam_init(&adam, 16, 0.9f, 0.999f, memory);
	adam.weights[3] = 1.0f;
	for (int t = 1; t <= 50; t++)
	{
		/* the slope of w^2 / 2 */
		adam.slopes[3] = adam.weights[3];
		forest_net_adam_step(forest_net_kernel(), &adam, 0.01f);
		mean = 0.9 * mean + 0.1 * w;
		square = 0.999 * square + 0.001 * w * w;
		w -= 0.01 * (mean / (1.0 - pow(0.9, t))) /
			(sqrt(square / (1.0 - pow(0.999, t))) + 1e-8);
		REQUIRE(fabs((double) adam.weights[3] - w) < 1e-4);
		REQUIRE(adam.slopes[3] == 0.0f && adam.weights[4] == 0.0f);
	}
	REQUIRE(w < 0.6);
	proven();
}

int
main(void)
{
	test_functions();
	test_draws();
	test_slopes();
	test_curb();
	test_in_slopes();
	test_adam();
	return unit_done();
}
