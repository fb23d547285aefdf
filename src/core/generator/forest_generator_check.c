/*-------------------------------------------------------------------------
 *
 * forest_generator_check.c
 *	  From bytes of unknown origin to a generator that can be trusted.
 *
 * As with models, anybody can hand in any bytes: forest_generator_check
 * checks every rule, in time linear in the length and without memory of its
 * own.  Weights are bounded, so that no network's numbers overflow; rows that
 * strange weights make are strange, but they are rows of the model's types.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_generator_check.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"

/* Whether floats are between -most and most, and so neither NaN. */
static bool
are_within(const uint8_t *p, uint64_t n, float most)
{
	for (uint64_t i = 0; i < n; i++, p += 4)
	{
		float		x = gen_get_float(p);

		if (!(x >= -most && x <= most))
			return false;
		forest_pause_at(i);
	}
	return true;
}

/* Whether n bytes at p are all zeros. */
static bool
are_zeros(const uint8_t *p, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* The type of a model's feature. */
static uint32_t
feature_type(const ForestView *view, uint32_t f)
{
	return forest_view_feature(view, f).type;
}

/* Checks the header, and that it has room for the columns it names. */
static ForestStatus
check_header(const uint8_t *p, uint64_t len, uint32_t n_columns,
			 ForestFault *fault)
{
	uint32_t	method;
	uint32_t	hidden;
	uint32_t	n_components;
	double		bits;

	if (len < GEN_HEADER_SIZE)
		return forest_broken(fault, "length of generator", len);
	if (forest_get32(p + GEN_AT_FORMAT) != GEN_FORMAT)
		return FOREST_NEWER_FORMAT;
	method = forest_get32(p + GEN_AT_METHOD);
	if (method != FOREST_METHOD_VAE && method != FOREST_METHOD_GAN)
		return forest_broken(fault, "method of generator", method);
	if (forest_get32(p + GEN_AT_OUTCOME) < FOREST_OUTCOME_SETTLED ||
		forest_get32(p + GEN_AT_OUTCOME) > FOREST_OUTCOME_NOT_FINITE)
		return forest_broken(fault, "outcome of generator", 0);
	hidden = forest_get32(p + GEN_AT_HIDDEN);
	if (hidden < 1 || hidden > FOREST_NET_MAX_HIDDEN)
		return forest_broken(fault, "hidden units of generator", hidden);
	bits = forest_get_double(p + GEN_AT_BITS);
	if (isinf(bits) || (isnan(bits) && !forest_is_stored_nan(p + GEN_AT_BITS)))
		return forest_broken(fault, "bits of generator", 0);
	n_components = forest_get32(p + GEN_AT_COMPONENTS);
	if (n_components > FOREST_MIXTURE_MOST ||
		(n_components > 0) != (method == FOREST_METHOD_VAE))
		return forest_broken(fault, "components of generator", n_components);
	if (forest_get32(p + GEN_AT_LATENT) != FOREST_VAE_LATENT)
		return forest_broken(fault, "latents of generator", 0);
	if (forest_get32(p + GEN_AT_N_ROWS) == 0)
		return forest_broken(fault, "rows of generator", 0);
	if (forest_get32(p + GEN_AT_N_COLUMNS) != n_columns ||
		(len - GEN_HEADER_SIZE) / GEN_COLUMN_SIZE < n_columns)
		return forest_broken(fault, "columns of generator", n_columns);
	return FOREST_OK;
}

/* Checks a column but for its curve or classes. */
static ForestStatus
check_column(const uint8_t *bytes, uint32_t c, uint32_t type,
			 ForestFault *fault)
{
	const uint8_t *p = bytes + GEN_HEADER_SIZE + (size_t) c * GEN_COLUMN_SIZE;
	ForestColumn column;
	const ForestGrid *grid = &column.rank.grid;

	forest_generator_column(bytes, c, &column);
	if (forest_get32(p + GEN_COLUMN_KIND) !=
		(uint32_t) forest_table_is_classes(type))
		return forest_broken(fault, "kind of column", c);
	if (forest_get32(p + GEN_COLUMN_ZERO) != 0)
		return forest_broken(fault, "padding of column", c);
	if (column.is_classes)
	{
		if (forest_get32(p + GEN_COLUMN_FLAGS) != 0 ||
			!are_zeros(p + GEN_COLUMN_ORIGIN,
					   GEN_COLUMN_SIZE - GEN_COLUMN_ORIGIN))
			return forest_broken(fault, "flags of column", c);
		return column.n_classes >= 1 && column.n_classes <= GEN_MAX_CLASSES ?
			FOREST_OK : forest_broken(fault, "classes of column", c);
	}
	if (forest_get32(p + GEN_COLUMN_FLAGS) >
		(GEN_FLAG_VARIES | GEN_FLAG_MAY_MISS))
		return forest_broken(fault, "flags of column", c);
	if (column.rank.n_knots > FOREST_RANK_KNOTS ||
		(column.rank.n_knots == 0 && (column.varies || column.may_miss)))
		return forest_broken(fault, "knots of column", c);
	if (!isfinite(grid->origin) || !(grid->step >= 0.0 && grid->step <= 1e300)
		|| !(grid->per_unit >= 0.0 && grid->per_unit <= 1e300) ||
		(grid->step > 0.0 && grid->per_unit < 1.0))
		return forest_broken(fault, "grid of column", c);
	return FOREST_OK;
}

/* Checks that a curve ascends, and that it leads to values. */
static bool
is_curve(const uint8_t *p, uint32_t n)
{
	double		score = -FOREST_RANK_MOST;
	double		value = -INFINITY;

	for (uint32_t i = 0; i < n; i++, p += GEN_KNOT_SIZE)
	{
		double		next_score = forest_get_double(p);
		double		next_value = forest_get_double(p + 8);

		if (!(next_score >= score && next_score <= FOREST_RANK_MOST) ||
			!(next_value >= value))
			return false;
		/* no straight line leads to infinity */
		if (i > 0 && next_score > score && next_value > value &&
			(isinf(next_value) || isinf(value)))
			return false;
		score = next_score;
		value = next_value;
	}
	return true;
}

/* Checks that classes ascend, and are a column's. */
static bool
are_classes(const uint8_t *p, uint32_t n, uint32_t n_codes)
{
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	code = forest_get32(p + 4 * (size_t) i);

		if (i > 0 && code <= forest_get32(p + 4 * (size_t) i - 4))
			return false;
		if (code >= n_codes && (code != FOREST_CLASS_MISSING || i < n - 1))
			return false;
	}
	return are_zeros(p + 4 * (size_t) n, n % 2 * 4);
}

/* Checks what all columns are, and that there is room for the rest. */
static ForestStatus
check_columns(const uint8_t *bytes, const ForestView *view,
			  ForestFault *fault)
{
	uint32_t	n_columns = view->summary.n_features;
	uint32_t	label = forest_get32(bytes + GEN_AT_LABEL);
	uint64_t	inputs = 0;

	for (uint32_t c = 0; c < n_columns; c++)
	{
		ForestStatus status = check_column(bytes, c, feature_type(view, c),
										   fault);
		ForestColumn column;

		if (status != FOREST_OK)
			return status;
		forest_generator_column(bytes, c, &column);
		inputs += forest_column_inputs(&column);
		if (inputs > FOREST_NET_MAX_UNITS)
			return forest_broken(fault, "width of generator", c);
		forest_pause_at(c);
	}
	if (label != FOREST_NO_LABEL &&
		(label >= n_columns ||
		 !forest_table_is_classes(feature_type(view, label)) ||
		 forest_get32(bytes + GEN_AT_METHOD) != FOREST_METHOD_GAN))
		return forest_broken(fault, "label of generator", label);
	return FOREST_OK;
}

/* Checks all curves and classes; "p" moves behind them. */
static ForestStatus
check_curves(const uint8_t *bytes, const uint8_t **p, const ForestView *view,
			 ForestFault *fault)
{
	for (uint32_t c = 0; c < view->summary.n_features; c++)
	{
		ForestFeature feature = forest_view_feature(view, c);
		ForestColumn column;

		forest_generator_column(bytes, c, &column);
		if (column.is_classes ?
			!are_classes(*p, column.n_classes, feature.type == FOREST_BOOL ?
						 2 : feature.n_categories) :
			!is_curve(*p, column.rank.n_knots))
			return forest_broken(fault, "values of column", c);
		*p += gen_column_bytes(column.is_classes, column.is_classes ?
							   column.n_classes : column.rank.n_knots);
		forest_pause();
	}
	return FOREST_OK;
}

/* Checks the mixture of latents, and the padding behind it. */
static bool
is_mixture(const uint8_t *p, uint32_t n)
{
	uint64_t	floats = (uint64_t) n * GEN_COMPONENT_FLOATS;

	for (uint32_t k = 0; k < n; k++)
	{
		float		weight = gen_get_float(p + (size_t) k *
										   GEN_COMPONENT_FLOATS * 4);

		if (!(weight >= 0.0f && weight <= 1.0f))
			return false;
	}
	return are_within(p, floats, GEN_MOST_LATENT) &&
		are_zeros(p + floats * 4, gen_align(floats * 4) - floats * 4);
}

/* Checks that shares of a label's classes ascend from above 0. */
static bool
are_shares(const uint8_t *p, uint32_t n, uint32_t n_rows)
{
	double		last = 0.0;

	for (uint32_t k = 0; k < n; k++, p += 8)
	{
		double		share = forest_get_double(p);

		if (!(share > last && share <= n_rows))
			return false;
		last = share;
	}
	return true;
}

/*
 * Checks that bytes are a generator of rows with the features of a model, of
 * which the view tells their types and numbers of categories.  FOREST_INVALID
 * fills in the fault.
 */
ForestStatus
forest_generator_check(const uint8_t *bytes, uint64_t len,
					   const ForestView *view, ForestFault *fault)
{
	uint32_t	n_columns = view->summary.n_features;
	ForestStatus status = check_header(bytes, len, n_columns, fault);
	const uint8_t *p = bytes + GEN_HEADER_SIZE +
		(size_t) n_columns * GEN_COLUMN_SIZE;
	ForestGenerator g;
	uint32_t	n_shares;
	uint64_t	size;
	uint64_t	floats;

	if (status == FOREST_OK)
		status = check_columns(bytes, view, fault);
	if (status != FOREST_OK)
		return status;
	n_shares = forest_generator_label_classes(bytes);
	size = GEN_HEADER_SIZE + (uint64_t) n_columns * GEN_COLUMN_SIZE +
		forest_generator_head(bytes, &g) + 8 * (uint64_t) n_shares +
		gen_align((uint64_t) g.mixture.n * GEN_COMPONENT_FLOATS * 4);
	floats = forest_generator_floats(&g);
	if (len != size + gen_align(floats * 4))
		return forest_broken(fault, "length of generator", len);
	status = check_curves(bytes, &p, view, fault);
	if (status != FOREST_OK)
		return status;
	if (!are_shares(p, n_shares, forest_get32(bytes + GEN_AT_N_ROWS)))
		return forest_broken(fault, "shares of label", g.label);
	if (!is_mixture(p + 8 * (size_t) n_shares, g.mixture.n))
		return forest_broken(fault, "latents of generator", 0);
	p = bytes + size;
	if (!are_within(p, floats, GEN_MOST_WEIGHT) ||
		!are_zeros(p + floats * 4, gen_align(floats * 4) - floats * 4))
		return forest_broken(fault, "weights of generator", 0);
	return FOREST_OK;
}

/*
 * Opens a model as forest_open does, and checks its generator as well: what
 * it accepts needs no further check by any reader.
 */
ForestStatus
forest_open_whole(const uint8_t *bytes, size_t len, ForestView *view,
				  ForestFault *fault)
{
	ForestStatus status = forest_open(bytes, len, view, fault);

	if (status != FOREST_OK || view->generator == NULL)
		return status;
	return forest_generator_check(view->generator, view->generator_size, view,
								  fault);
}
