/*-------------------------------------------------------------------------
 *
 * forest_net_steps.h
 *	  The body of the loops that networks spend their time in.
 *
 * A kernel's file includes forest_net_kernel.h, defines NET_VECTOR, the bytes
 * of its vectors (16, 32 or 64), and perhaps NET_SQRT(v), square roots of a
 * vector, and includes this; NET_KERNEL is the result.
 * Every number's arithmetic is written out in single operations on vectors,
 * so that no width changes it.
 *
 * A number of the table is known by its interval [low, high] of normal scores:
 * the scores of the share of rows below it and of that up to it, so that
 * ties are wide and single values narrow.  The network says how likely scores
 * are by a mixture of logistic distributions, and is told the logarithm of the
 * mass that it gave the interval.  With y = (high - mean) / scale, x the same of
 * low, and s(t) = 1 / (1 + e^-t), the mass of one logistic is
 *
 *	  s(y) - s(x) = s(y) s(-x) (1 - e^(x - y)),
 *
 * whose right side loses no digits where both are near 0 or 1.  The same
 * likelihood, of pixels with 256 values, is in
 *
 *	  Salimans, Karpathy, Chen, Kingma: PixelCNN++: Improving the PixelCNN
 *	  with Discretized Logistic Mixture Likelihood, ICLR 2017.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

/* Where numbers of the likelihood end, so that nothing comes to be infinite. */
#define NET_FAR			30.0f
#define NET_TINY		1e-30f

#define NET_INLINE static inline __attribute__((always_inline))

typedef float NetVector __attribute__((vector_size(NET_VECTOR)));
typedef int32_t NetMask __attribute__((vector_size(NET_VECTOR)));
typedef uint32_t NetBits __attribute__((vector_size(NET_VECTOR)));

/* Numbers in a vector; FOREST_NET_LANES is a multiple. */
#define NET_WIDTH	((uint32_t) (NET_VECTOR / sizeof(float)))

NET_INLINE NetVector
net_load(const float *p)
{
	NetVector	v;

	memcpy(&v, p, sizeof(v));
	return v;
}

NET_INLINE void
net_store(float *p, NetVector v)
{
	memcpy(p, &v, sizeof(v));
}

NET_INLINE NetVector
net_all(float x)
{
	return (NetVector) {0} + x;
}

/* a where the mask is set, b elsewhere. */
NET_INLINE NetVector
net_choose(NetMask mask, NetVector a, NetVector b)
{
	return (NetVector) ((mask & (NetMask) a) | (~mask & (NetMask) b));
}

NET_INLINE NetVector
net_greater(NetVector a, NetVector b)
{
	return net_choose(a > b, a, b);
}

/* NaN becomes "least". */
NET_INLINE NetVector
net_within(NetVector x, float least, float most)
{
	x = net_choose(x > least, x, net_all(least));
	return net_choose(x < most, x, net_all(most));
}

/* e^x to seven digits; x is taken to be in [-87, 88]. */
NET_INLINE NetVector
net_exp(NetVector x)
{
	const float to_integer = 12582912.0f;	/* 1.5 * 2^23 */
	NetVector	shifted;
	NetVector	k;
	NetVector	r;
	NetVector	sum;

	x = net_within(x, -87.0f, 88.0f);
	shifted = x * 1.44269504f + to_integer;
	k = shifted - to_integer;
	r = (x - k * 0.693359375f) - k * -2.12194440e-4f;
	sum = net_all(1.0f / 720.0f);
	sum = 1.0f / 120.0f + r * sum;
	sum = 1.0f / 24.0f + r * sum;
	sum = 1.0f / 6.0f + r * sum;
	sum = 0.5f + r * sum;
	sum = 1.0f + r * (1.0f + r * sum);
	return (NetVector) ((NetBits) sum + ((NetBits) shifted << 23));
}

/* 1 - e^-d of d >= 0, to seven digits also where d is small. */
NET_INLINE NetVector
net_one_less_exp(NetVector d)
{
	NetVector	sum = net_all(1.0f / 5040.0f);

	sum = 1.0f / 720.0f - d * sum;
	sum = 1.0f / 120.0f - d * sum;
	sum = 1.0f / 24.0f - d * sum;
	sum = 1.0f / 6.0f - d * sum;
	sum = 0.5f - d * sum;
	return net_choose(d < 0.5f, d * (1.0f - d * sum), 1.0f - net_exp(-d));
}

/* 1 / (1 + e^-x) */
NET_INLINE NetVector
net_sigmoid(NetVector x)
{
	return 1.0f / (1.0f + net_exp(-x));
}

NET_INLINE NetVector
net_sqrt(NetVector x)
{
#ifdef NET_SQRT
	return NET_SQRT(x);
#else
	for (uint32_t l = 0; l < NET_WIDTH; l++)
		x[l] = sqrtf(x[l]);
	return x;
#endif
}

/* ---- multiplication ---- */

/* One block of c, of constant size, which the processor's registers hold. */
NET_INLINE void
net_block(const ForestNetProduct *p, uint32_t i, uint32_t j, uint32_t rows,
		  uint32_t vectors)
{
	const float *a = p->a + i * p->a_row;
	const float *b = p->b + j;
	float	   *c = p->c + i * p->c_row + j;
	NetVector	sums[4][2];

	for (uint32_t r = 0; r < rows; r++)
		for (uint32_t v = 0; v < vectors; v++)
		{
			if (p->add)
				sums[r][v] = net_load(c + r * p->c_row + v * NET_WIDTH);
			else
				sums[r][v] = net_all(p->start != NULL ? p->start[i + r] : 0.0f);
		}
	for (uint32_t k = 0; k < p->inner; k++)
	{
		NetVector	row[2];

		for (uint32_t v = 0; v < vectors; v++)
			row[v] = net_load(b + v * NET_WIDTH);
		for (uint32_t r = 0; r < rows; r++)
			for (uint32_t v = 0; v < vectors; v++)
				sums[r][v] += a[r * p->a_row] * row[v];
		a += p->a_step;
		b += p->b_row;
	}
	for (uint32_t r = 0; r < rows; r++)
		for (uint32_t v = 0; v < vectors; v++)
			net_store(c + r * p->c_row + v * NET_WIDTH, sums[r][v]);
}

/* All rows of c in "vectors" vectors of columns. */
NET_INLINE void
net_panel(const ForestNetProduct *p, uint32_t j, uint32_t vectors)
{
	uint32_t	i = 0;

	for (; i + 4 <= p->rows; i += 4)
		net_block(p, i, j, 4, vectors);
	for (; i < p->rows; i++)
		net_block(p, i, j, 1, vectors);
}

static void
net_multiply(const ForestNetProduct *p)
{
	uint32_t	j = 0;

	for (; j + 2 * NET_WIDTH <= p->columns; j += 2 * NET_WIDTH)
		net_panel(p, j, 2);
	for (; j < p->columns; j += NET_WIDTH)
		net_panel(p, j, 1);
}

static void
net_sum_rows(const float *x, size_t x_row, uint32_t rows, uint32_t n,
			 float *sums)
{
	for (uint32_t i = 0; i < rows; i++, x += x_row)
	{
		float		lanes[FOREST_NET_LANES] = {0.0f};

		for (uint32_t b = 0; b < n; b += FOREST_NET_LANES)
			for (uint32_t l = 0; l < FOREST_NET_LANES; l += NET_WIDTH)
				net_store(lanes + l, net_load(lanes + l) + net_load(x + b + l));
		for (uint32_t half = FOREST_NET_LANES / 2; half > 0; half /= 2)
			for (uint32_t l = 0; l < half; l++)
				lanes[l] += lanes[l + half];
		sums[i] += lanes[0];
	}
}

/* ---- activations, weights, latents ---- */

static void
net_leaky(float *x, uint32_t n, float slope)
{
	for (uint32_t i = 0; i < n; i += NET_WIDTH)
	{
		NetVector	v = net_load(x + i);

		net_store(x + i, net_choose(v > 0.0f, v, slope * v));
	}
}

static void
net_leaky_back(float *d, const float *y, uint32_t n, float slope)
{
	for (uint32_t i = 0; i < n; i += NET_WIDTH)
	{
		NetVector	v = net_load(d + i);

		net_store(d + i, net_choose(net_load(y + i) > 0.0f, v, slope * v));
	}
}

static void
net_adam(float *weights, float *means, float *squares, const float *slopes,
		 size_t n, const ForestNetPace *p)
{
	for (size_t i = 0; i < n; i += NET_WIDTH)
	{
		NetVector	g = net_load(slopes + i);
		NetVector	mean = p->keep_mean * net_load(means + i) +
			(1.0f - p->keep_mean) * g;
		NetVector	square = p->keep_square * net_load(squares + i) +
			(1.0f - p->keep_square) * (g * g);

		net_store(means + i, mean);
		net_store(squares + i, square);
		net_store(weights + i, net_load(weights + i) -
				  p->rate * mean / (net_sqrt(square) + p->least));
	}
}

static void
net_latents(const float *mean, const float *log_variance, const float *noise,
			float *z, uint32_t n)
{
	for (uint32_t i = 0; i < n; i += NET_WIDTH)
	{
		NetVector	l = net_within(net_load(log_variance + i),
								   FOREST_NET_LOG_VARIANCE_LEAST,
								   FOREST_NET_LOG_VARIANCE_MOST);

		net_store(z + i, net_load(mean + i) +
				  net_exp(0.5f * l) * net_load(noise + i));
	}
}

/* The divergence from N(0, 1) is (mean^2 + e^l - l - 1) / 2. */
static void
net_latents_back(float *mean, float *log_variance, const float *noise,
				 const float *dz, uint32_t n, float scale)
{
	for (uint32_t i = 0; i < n; i += NET_WIDTH)
	{
		NetVector	raw = net_load(log_variance + i);
		NetVector	l = net_within(raw, FOREST_NET_LOG_VARIANCE_LEAST,
								   FOREST_NET_LOG_VARIANCE_MOST);
		NetVector	deviation = net_exp(0.5f * l);
		NetVector	d = net_load(dz + i);
		NetVector	slope = 0.5f * deviation * net_load(noise + i) * d +
			0.5f * scale * (deviation * deviation - 1.0f);

		net_store(mean + i, d + scale * net_load(mean + i));
		net_store(log_variance + i,
				  net_choose(raw == l, slope, net_all(0.0f)));
	}
}

/* ---- likelihoods ---- */

/* One logistic: its mass of an interval, and the slopes of the logarithm. */
typedef struct NetLogistic
{
	NetVector	mass;
	NetVector	shift;			/* by the mean, negated */
	NetVector	widen;			/* by the logarithm of the scale, negated */
} NetLogistic;

NET_INLINE NetLogistic
net_logistic(NetVector mean, NetVector raw, NetVector low, NetVector high)
{
	NetVector	l = net_within(raw, FOREST_NET_LOG_SCALE_LEAST,
								   FOREST_NET_LOG_SCALE_MOST);
	NetVector	per_scale = net_exp(-l);
	NetVector	x = net_within((low - mean) * per_scale, -NET_FAR, NET_FAR);
	NetVector	y = net_within((high - mean) * per_scale, -NET_FAR, NET_FAR);
	NetVector	d = net_within((high - low) * per_scale, 0.0f, 2.0f * NET_FAR);
	NetVector	below_y = net_sigmoid(y);
	NetVector	above_x = net_sigmoid(-x);
	NetVector	gap = net_one_less_exp(d) + NET_TINY;
	NetVector	above_y = net_sigmoid(-y);
	NetVector	below_x = net_sigmoid(x);
	NetVector	slope = y * above_y - x * below_x + d * (1.0f - gap) / gap;
	NetLogistic result;

	result.mass = below_y * above_x * gap;
	result.shift = (above_y - below_x) * per_scale;
	/* outside of its range a scale may only come back */
	result.widen = net_choose((raw == l) | ((raw < l) & (slope < 0.0f)) |
							  ((raw > l) & (slope > 0.0f)),
							  slope, net_all(0.0f));
	return result;
}

static void
net_numbers(float *units, size_t row, const float *low, const float *high,
			uint32_t n, float scale, bool train, float *mass)
{
	float	   *means = units + FOREST_NET_MIXED * row;
	float	   *scales = means + FOREST_NET_MIXED * row;

	for (uint32_t b = 0; b < n; b += NET_WIDTH)
	{
		NetVector	share[FOREST_NET_MIXED];
		NetLogistic part[FOREST_NET_MIXED];
		NetVector	most = net_load(units + b);
		NetVector	sum = net_all(0.0f);
		NetVector	total = net_all(NET_TINY);

		for (uint32_t k = 1; k < FOREST_NET_MIXED; k++)
			most = net_greater(net_load(units + k * row + b), most);
		for (uint32_t k = 0; k < FOREST_NET_MIXED; k++)
		{
			share[k] = net_exp(net_load(units + k * row + b) - most);
			sum += share[k];
		}
		for (uint32_t k = 0; k < FOREST_NET_MIXED; k++)
		{
			part[k] = net_logistic(net_load(means + k * row + b),
								   net_load(scales + k * row + b),
								   net_load(low + b), net_load(high + b));
			share[k] /= sum;
			part[k].mass *= share[k];
			total += part[k].mass;
		}
		net_store(mass + b, net_load(mass + b) * total);
		for (uint32_t k = 0; train && k < FOREST_NET_MIXED; k++)
		{
			NetVector	part_of = part[k].mass / total;

			net_store(units + k * row + b, scale * (share[k] - part_of));
			net_store(means + k * row + b, scale * part_of * part[k].shift);
			net_store(scales + k * row + b, scale * part_of * part[k].widen);
		}
	}
}

/* The greatest of n_classes units of each row of the batch in a vector. */
NET_INLINE NetVector
net_greatest(const float *units, size_t row, uint32_t n_classes)
{
	NetVector	most = net_load(units);

	for (uint32_t c = 1; c < n_classes; c++)
		most = net_greater(net_load(units + c * row), most);
	return most;
}

static void
net_classes(float *units, size_t row, uint32_t n_classes,
			const uint32_t *target, uint32_t n, float scale, bool train,
			float *mass)
{
	for (uint32_t b = 0; b < n; b += NET_WIDTH)
	{
		NetVector	most = net_greatest(units + b, row, n_classes);
		NetVector	sum = net_all(0.0f);
		NetVector	chosen = net_all(0.0f);
		NetBits		wanted;

		memcpy(&wanted, target + b, sizeof(wanted));
		for (uint32_t c = 0; c < n_classes; c++)
		{
			NetVector	e = net_exp(net_load(units + c * row + b) - most);

			sum += e;
			chosen = net_choose((NetMask) (wanted == c), e, chosen);
			if (train)
				net_store(units + c * row + b, e);
		}
		net_store(mass + b, net_load(mass + b) * (chosen / sum + NET_TINY));
		for (uint32_t c = 0; train && c < n_classes; c++)
		{
			NetVector	chance = net_load(units + c * row + b) / sum;
			NetVector	truth = net_choose((NetMask) (wanted == c),
										   net_all(1.0f), net_all(0.0f));

			net_store(units + c * row + b, scale * (chance - truth));
		}
	}
}

static void
net_coin(float *unit, const float *truth, uint32_t n, float scale, bool train,
		 float *mass)
{
	for (uint32_t b = 0; b < n; b += NET_WIDTH)
	{
		NetVector	x = net_within(net_load(unit + b), -NET_FAR, NET_FAR);
		NetVector	wanted = net_load(truth + b);
		NetVector	chance = net_sigmoid(x);

		net_store(mass + b, net_load(mass + b) *
				  net_choose(wanted > 0.5f, chance, net_sigmoid(-x)));
		if (train)
			net_store(unit + b, scale * (chance - wanted));
	}
}

static void
net_soften(float *units, size_t row, uint32_t n_classes, uint32_t n,
		   float per_temperature)
{
	for (uint32_t b = 0; b < n; b += NET_WIDTH)
	{
		NetVector	most = net_greatest(units + b, row, n_classes);
		NetVector	sum = net_all(0.0f);

		for (uint32_t c = 0; c < n_classes; c++)
		{
			NetVector	e = net_exp((net_load(units + c * row + b) - most) *
									per_temperature);

			net_store(units + c * row + b, e);
			sum += e;
		}
		for (uint32_t c = 0; c < n_classes; c++)
			net_store(units + c * row + b,
					  net_load(units + c * row + b) / sum);
	}
}

#define NET_KERNEL { \
	net_multiply, net_sum_rows, net_leaky, net_leaky_back, net_adam, \
	net_latents, net_latents_back, net_numbers, net_classes, net_coin, \
	net_soften \
}
