/*-------------------------------------------------------------------------
 *
 * test_net_kernels.c
 *	  The loops of networks: what they compute, that their slopes are slopes,
 *	  and that every kernel gives the same bits.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_rng.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"
#include "core/score/forest_kernel.h"

#include "net_support.h"
#include "unit.h"

#define N		32				/* rows of the batch */
#define ROW		48				/* from unit to unit */
#define UNITS	12

/* Numbers of a batch that a kernel works on. */
typedef struct Numbers
{
	float		units[UNITS * ROW];
	float		low[N];
	float		high[N];
	float		mass[N];
	uint32_t	target[N];
	float		sums[UNITS];
	float		product[UNITS * ROW];
	float		weights[UNITS * ROW];
} Numbers;

static void
numbers_fill(Numbers *x, uint64_t seed, double spread)
{
	ForestRng	rng;

	forest_rng_init(&rng, seed, 0);
	memset(x, 0, sizeof(*x));
	for (uint32_t i = 0; i < UNITS * ROW; i++)
	{
		x->units[i] = (float) (spread * forest_normal_draw(&rng));
		x->weights[i] = (float) forest_normal_draw(&rng);
	}
	for (uint32_t b = 0; b < N; b++)
	{
		double		width = forest_exp(4.0 * forest_normal_draw(&rng) - 4.0);

		x->low[b] = (float) forest_normal_draw(&rng);
		x->high[b] = x->low[b] + (float) width;
		if (forest_rng_below(&rng, 5) == 0)
			x->low[b] = -FOREST_NET_UNBOUNDED;
		if (forest_rng_below(&rng, 5) == 0)
			x->high[b] = FOREST_NET_UNBOUNDED;
		x->mass[b] = 1.0f;
		x->target[b] = forest_rng_below(&rng, UNITS);
	}
}

/* Everything that a kernel can do, one after the other. */
static void
numbers_run(const ForestNetKernel *kernel, Numbers *x)
{
	const ForestNetPace pace = {0.01f, 0.9f, 0.999f, 1e-8f};
	ForestNetProduct product = {x->weights, ROW, 1, x->units, ROW, x->product,
	ROW, x->low, false, UNITS - 1, UNITS, N};
	float		slopes[ROW];
	float		truth[N];

	kernel->multiply(&product);
	product.add = true;
	product.columns = 16;
	kernel->multiply(&product);
	kernel->sum_rows(x->units, ROW, UNITS, N, x->sums);
	kernel->leaky(x->product, N, 0.1f);
	kernel->leaky_back(x->weights, x->product, N, 0.1f);
	memcpy(slopes, x->units, sizeof(slopes));
	for (uint32_t b = 0; b < ROW; b++)
		x->weights[2 * ROW + b] = fabsf(x->weights[2 * ROW + b]);
	kernel->adam(x->weights, x->weights + ROW, x->weights + 2 * ROW, slopes,
				 N, &pace);
	kernel->latents(x->units, x->units + ROW, x->weights,
					x->product + 2 * ROW, N);
	kernel->latents_back(x->product + 3 * ROW, x->product + 4 * ROW,
						 x->weights, x->product + 2 * ROW, N, 0.125f);
	for (uint32_t b = 0; b < N; b++)
		truth[b] = (float) (x->target[b] % 2);
	kernel->coin(x->units + 9 * ROW, truth, N, 0.25f, true, x->mass);
	kernel->numbers(x->units, ROW, x->low, x->high, N, 0.5f, true, x->mass);
	kernel->classes(x->product, ROW, UNITS, x->target, N, 0.5f, true,
					x->mass);
	kernel->soften(x->weights + 3 * ROW, ROW, 5, N, 5.0f);
}

static void
test_same_bits(void)
{
	static const struct
	{
		const char *name;
		ForestKernel needs;
		const ForestNetKernel *kernel;
	}			kernels[] = {
#if defined(__x86_64__)
		{"AVX2", FOREST_KERNEL_AVX2, &forest_net_avx2},
		{"AVX-512", FOREST_KERNEL_AVX512, &forest_net_avx512},
#endif
		{"portable", FOREST_KERNEL_PORTABLE, &forest_net_portable},
	};
	Numbers		wanted;
	Numbers		found;

	claim("every kernel gives the same bits, those of any machine");
	for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++)
	{
		if (!forest_kernel_available(kernels[k].needs))
		{
			printf("# no %s here\n", kernels[k].name);
			continue;
		}
		for (unit_case = 0; unit_case < 200; unit_case++)
		{
			numbers_fill(&wanted, unit_case, unit_case < 100 ? 1.0 : 30.0);
			found = wanted;
			numbers_run(&forest_net_portable, &wanted);
			numbers_run(kernels[k].kernel, &found);
			REQUIRE(memcmp(&wanted, &found, sizeof(found)) == 0);
		}
	}
	numbers_fill(&found, 7, 2.0);
	numbers_run(&forest_net_portable, &found);
	REQUIRE(floats_frozen("kernels", found.units, UNITS * ROW,
						  UINT64_C(0xE5AA33618B6F2153)));
	REQUIRE(floats_frozen("weights", found.weights, UNITS * ROW,
						  UINT64_C(0xF7F2D62B68C19737)));
	proven();
}

static void
test_multiply(void)
{
	Numbers		x;

	claim("a product is one of matrices, for any numbers of rows");
	for (uint32_t rows = 1; rows <= UNITS; rows++)
	{
		ForestNetProduct product = {x.weights, 1, ROW, x.units, ROW,
		x.product, ROW, x.low, false, rows, UNITS, N};

		numbers_fill(&x, rows, 1.0);
		forest_net_kernel()->multiply(&product);
		for (uint32_t i = 0; i < rows; i++)
			for (uint32_t b = 0; b < N; b++)
			{
				double		sum = (double) x.low[i];

				for (uint32_t k = 0; k < UNITS; k++)
					sum += (double) x.weights[i + k * ROW] *
						(double) x.units[k * ROW + b];
				REQUIRE(fabs(sum - (double) x.product[i * ROW + b]) <
						1e-5 * (1.0 + fabs(sum)));
			}
	}
	proven();
}

/* The mass that a mixture gives an interval, in doubles. */
static double
plain_mass(const double *units, double low, double high)
{
	double		total = 0.0;
	double		mass = 0.0;

	for (int k = 0; k < 3; k++)
		total += exp(units[k]);
	for (int k = 0; k < 3; k++)
	{
		double		scale = exp(fmin(fmax(units[6 + k], -5.0), 3.0));
		double		x = (low - units[3 + k]) / scale;
		double		y = (high - units[3 + k]) / scale;

		/* from the side where no digits are lost */
		mass += exp(units[k]) / total * (x + y > 0.0 ?
										 1.0 / (1.0 + exp(x)) -
										 1.0 / (1.0 + exp(y)) :
										 1.0 / (1.0 + exp(-y)) -
										 1.0 / (1.0 + exp(-x)));
	}
	return mass;
}

static void
test_numbers(void)
{
	const double step = 1e-5;
	Numbers		x;
	Numbers		y;

	claim("the mass of an interval is right, and its slopes are slopes");
	for (unit_case = 0; unit_case < 100; unit_case++)
	{
		numbers_fill(&x, unit_case, 1.0);
		y = x;
		forest_net_kernel()->numbers(y.units, ROW, y.low, y.high, N, 1.0f,
									 true, y.mass);
		for (uint32_t b = 0; b < N; b++)
		{
			double		units[9];
			double		mass;

			for (uint32_t u = 0; u < 9; u++)
				units[u] = (double) x.units[u * ROW + b];
			mass = plain_mass(units, (double) x.low[b], (double) x.high[b]);
			/* what is too unlikely to matter is cut off */
			if (mass < 1e-9)
				continue;
			REQUIRE(fabs((double) y.mass[b] / mass - 1.0) < 2e-3);
			for (uint32_t u = 0; u < 9; u++)
			{
				double		unit = units[u];
				double		slope;

				/* beyond, see the next claim */
				if (u >= 6 && fabs(unit) > 2.9)
					continue;
				units[u] = unit + step;
				slope = -log(plain_mass(units, (double) x.low[b],
										(double) x.high[b]));
				units[u] = unit - step;
				slope += log(plain_mass(units, (double) x.low[b],
										(double) x.high[b]));
				units[u] = unit;
				slope /= 2.0 * step;
				REQUIRE(fabs(slope - (double) y.units[u * ROW + b]) <
						5e-3 * (1.0 + fabs(slope)));
			}
		}
	}
	proven();
}

static void
test_far_scales(void)
{
	Numbers		x;
	Numbers		y;

	claim("a scale that is out of its range is only led back");
	for (unit_case = 0; unit_case < 20; unit_case++)
	{
		numbers_fill(&x, unit_case, 1.0);
		for (uint32_t b = 0; b < N; b++)
			x.units[6 * ROW + b] = b % 2 ? 3.5f : -5.5f;
		y = x;
		forest_net_kernel()->numbers(y.units, ROW, y.low, y.high, N, 1.0f,
									 true, y.mass);
		for (uint32_t b = 0; b < N; b++)
			REQUIRE(y.units[6 * ROW + b] * (b % 2 ? 1.0f : -1.0f) >= 0.0f);
	}
	proven();
}

static void
test_all_intervals(void)
{
	Numbers		x;
	float		sum[N] = {0};

	claim("intervals that make up all numbers have all of the mass");
	numbers_fill(&x, 3, 1.0);
	for (int i = -50; i <= 50; i++)
	{
		for (uint32_t b = 0; b < N; b++)
		{
			x.low[b] = i == -50 ? -FOREST_NET_UNBOUNDED : (float) i * 0.1f;
			x.high[b] = i == 50 ? FOREST_NET_UNBOUNDED :
				(float) (i + 1) * 0.1f;
			x.mass[b] = 1.0f;
		}
		forest_net_kernel()->numbers(x.units, ROW, x.low, x.high, N, 1.0f,
									 false, x.mass);
		for (uint32_t b = 0; b < N; b++)
		{
			REQUIRE(x.mass[b] >= 0.0f);
			sum[b] += x.mass[b];
		}
	}
	for (uint32_t b = 0; b < N; b++)
		REQUIRE(fabs((double) sum[b] - 1.0) < 1e-4);
	proven();
}

static void
test_classes(void)
{
	Numbers		x;
	Numbers		y;

	claim("chances of classes sum up to 1, and their slopes are slopes");
	for (unit_case = 0; unit_case < 20; unit_case++)
	{
		numbers_fill(&x, unit_case, 3.0);
		y = x;
		forest_net_kernel()->classes(y.units, ROW, UNITS, y.target, N, 1.0f,
									 true, y.mass);
		for (uint32_t b = 0; b < N; b++)
		{
			double		total = 0.0;
			double		slopes = 0.0;

			for (uint32_t k = 0; k < UNITS; k++)
				total += exp((double) x.units[k * ROW + b]);
			for (uint32_t k = 0; k < UNITS; k++)
			{
				double		chance = exp((double) x.units[k * ROW + b]) /
					total;
				double		slope = chance - (k == x.target[b]);

				if (k == x.target[b])
					REQUIRE(fabs((double) y.mass[b] / chance - 1.0) < 1e-5);
				REQUIRE(fabs(slope - (double) y.units[k * ROW + b]) < 1e-5);
				slopes += (double) y.units[k * ROW + b];
			}
			REQUIRE(fabs(slopes) < 1e-5);
		}
	}
	proven();
}

static void
test_coin(void)
{
	float		unit[N];
	float		truth[N];
	float		mass[N];

	claim("a coin's chance is a sigmoid, and its slope is one");
	for (uint32_t b = 0; b < N; b++)
	{
		unit[b] = ((float) b - 15.5f) * 0.7f;
		truth[b] = (float) (b % 2);
		mass[b] = 1.0f;
	}
	forest_net_kernel()->coin(unit, truth, N, 2.0f, true, mass);
	for (uint32_t b = 0; b < N; b++)
	{
		double		x = (b - 15.5) * 0.7;
		double		chance = 1.0 / (1.0 + exp(-x));

		REQUIRE(fabs((double) mass[b] - (b % 2 ? chance : 1.0 - chance)) <
				1e-6);
		REQUIRE(fabs((double) unit[b] - 2.0 * (chance - b % 2)) < 1e-6);
	}
	proven();
}

int
main(void)
{
	test_same_bits();
	test_multiply();
	test_numbers();
	test_far_scales();
	test_all_intervals();
	test_classes();
	test_coin();
	return unit_done();
}
