/*-------------------------------------------------------------------------
 *
 * forest_generator_bytes.c
 *	  A generator to bytes, and back from bytes that were checked.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/generator/forest_gan.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"

/* Floats of all weights as they are written. */
uint64_t
forest_generator_floats(const ForestGenerator *g)
{
	return g->method == FOREST_METHOD_GAN ? gen_net_floats(&g->maker) :
		gen_net_floats(&g->vae.encoder) + gen_net_floats(&g->vae.decoder);
}

/* Entries of a column's list: its classes, or the knots of its curve. */
static uint32_t
column_length(const ForestColumn *column)
{
	return column->is_classes ? column->n_classes : column->rank.n_knots;
}

/* Bytes that forest_generator_write writes, a multiple of 8. */
uint64_t
forest_generator_size(const ForestGenerator *g)
{
	uint64_t	size = GEN_HEADER_SIZE +
		(uint64_t) g->columns.n_columns * GEN_COLUMN_SIZE;

	for (uint32_t c = 0; c < g->columns.n_columns; c++)
		size += gen_column_bytes(g->columns.columns[c].is_classes,
								 column_length(&g->columns.columns[c]));
	if (g->label != FOREST_NO_LABEL)
		size += 8 * (uint64_t) g->columns.columns[g->label].n_classes;
	size += gen_align((uint64_t) g->mixture.n * GEN_COMPONENT_FLOATS * 4);
	return size + gen_align(forest_generator_floats(g) * 4);
}

/* Writes the header's fields; its other bytes are zeros already. */
static void
write_header(const ForestGenerator *g, uint8_t *p)
{
	forest_put32(p + GEN_AT_FORMAT, GEN_FORMAT);
	forest_put32(p + GEN_AT_METHOD, g->method);
	forest_put32(p + GEN_AT_OUTCOME, g->outcome);
	forest_put32(p + GEN_AT_HIDDEN, g->hidden);
	forest_put32(p + GEN_AT_STEPS, g->n_steps);
	forest_put32(p + GEN_AT_LABEL, g->label);
	forest_put32(p + GEN_AT_N_COLUMNS, g->columns.n_columns);
	forest_put32(p + GEN_AT_N_ROWS, g->columns.n_rows);
	forest_put_double(p + GEN_AT_BITS, g->bits);
	forest_put32(p + GEN_AT_COMPONENTS, g->mixture.n);
	forest_put32(p + GEN_AT_LATENT, FOREST_VAE_LATENT);
}

/* Writes a column's fields, all but its list. */
static void
write_column(const ForestColumn *column, uint8_t *p)
{
	forest_put32(p + GEN_COLUMN_KIND, column->is_classes);
	forest_put32(p + GEN_COLUMN_FLAGS,
				 (column->varies ? GEN_FLAG_VARIES : 0) |
				 (column->may_miss ? GEN_FLAG_MAY_MISS : 0));
	forest_put32(p + GEN_COLUMN_N, column_length(column));
	forest_put_double(p + GEN_COLUMN_ORIGIN, column->rank.grid.origin);
	forest_put_double(p + GEN_COLUMN_STEP, column->rank.grid.step);
	forest_put_double(p + GEN_COLUMN_PER_UNIT, column->rank.grid.per_unit);
}

/* Writes a column's curve or classes; returns what is behind them. */
static uint8_t *
write_curve(const ForestColumn *column, uint8_t *p)
{
	for (uint32_t i = 0; i < column->n_classes; i++)
		forest_put32(p + 4 * (size_t) i, column->classes[i]);
	for (uint32_t i = 0; i < column->rank.n_knots; i++)
	{
		forest_put_double(p + (size_t) i * GEN_KNOT_SIZE,
						  column->rank.knots[i].score);
		forest_put_double(p + (size_t) i * GEN_KNOT_SIZE + 8,
						  column->rank.knots[i].value);
	}
	forest_pause();
	return p + gen_column_bytes(column->is_classes, column_length(column));
}

/* Writes floats; returns what is behind them. */
static uint8_t *
write_floats(const float *x, size_t n, uint8_t *p)
{
	for (size_t i = 0; i < n; i++, p += 4)
		gen_put_float(p, x[i]);
	return p;
}

/*
 * Writes a network's weights without the padding of their rows, layer by
 * layer, the biases behind each; returns the byte behind the last.
 */
static uint8_t *
write_net(const ForestNet *net, const float *weights, uint8_t *p)
{
	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
	{
		for (uint32_t i = 0; i < net->widths[l + 1]; i++)
		{
			p = write_floats(weights + net->weights[l] +
							 (size_t) i * net->strides[l], net->widths[l], p);
			forest_pause();
		}
		p = write_floats(weights + net->biases[l], net->widths[l + 1], p);
	}
	return p;
}

/* Writes a generator, forest_generator_size bytes. */
void
forest_generator_write(const ForestGenerator *g, uint8_t *bytes)
{
	const ForestColumns *columns = &g->columns;
	uint8_t    *p = bytes + GEN_HEADER_SIZE;
	uint8_t    *curve = p + (size_t) columns->n_columns * GEN_COLUMN_SIZE;
	uint32_t	n_shares = g->label == FOREST_NO_LABEL ? 0 :
		columns->columns[g->label].n_classes;

	forest_clear(bytes, (size_t) forest_generator_size(g));
	write_header(g, bytes);
	for (uint32_t c = 0; c < columns->n_columns; c++)
	{
		write_column(&columns->columns[c], p + (size_t) c * GEN_COLUMN_SIZE);
		curve = write_curve(&columns->columns[c], curve);
	}
	p = curve;
	for (uint32_t k = 0; k < n_shares; k++, p += 8)
		forest_put_double(p, g->label_shares[k]);
	curve = p;
	for (uint32_t k = 0; k < g->mixture.n; k++)
	{
		const ForestComponent *component = &g->mixture.components[k];

		gen_put_float(p, component->weight);
		p = write_floats(component->mean, FOREST_VAE_LATENT, p + 4);
		p = write_floats(component->root, FOREST_MIXTURE_HALF, p);
	}
	p = curve + gen_align((uint64_t) (p - curve));
	if (g->method == FOREST_METHOD_GAN)
	{
		(void) write_net(&g->maker, g->weights, p);
		return;
	}
	p = write_net(&g->vae.encoder, g->weights, p);
	(void) write_net(&g->vae.decoder, g->weights + g->vae.encoder.n, p);
}

/* ---- and back ---- */

/* Reads what a column is, but for its curve or classes. */
void
forest_generator_column(const uint8_t *bytes, uint32_t c,
						ForestColumn *column)
{
	const uint8_t *p = bytes + GEN_HEADER_SIZE + (size_t) c * GEN_COLUMN_SIZE;
	uint32_t	n = forest_get32(p + GEN_COLUMN_N);
	uint32_t	flags = forest_get32(p + GEN_COLUMN_FLAGS);

	memset(column, 0, sizeof(*column));
	column->is_classes = forest_get32(p + GEN_COLUMN_KIND) != 0;
	column->varies = (flags & GEN_FLAG_VARIES) != 0;
	column->may_miss = (flags & GEN_FLAG_MAY_MISS) != 0;
	column->rank.grid.origin = forest_get_double(p + GEN_COLUMN_ORIGIN);
	column->rank.grid.step = forest_get_double(p + GEN_COLUMN_STEP);
	column->rank.grid.per_unit = forest_get_double(p + GEN_COLUMN_PER_UNIT);
	if (column->is_classes)
		column->n_classes = n;
	else
		column->rank.n_knots = n;
}

/* Reads a column, and its curve or classes to memory; both move on. */
static void
read_column(const uint8_t *bytes, uint32_t c, const uint8_t **curve,
			uint8_t **memory, ForestColumn *column)
{
	ForestRankKnot *knots = (ForestRankKnot *) *memory;
	uint32_t   *classes = (uint32_t *) *memory;
	uint64_t	size;

	forest_generator_column(bytes, c, column);
	for (uint32_t i = 0; i < column->n_classes; i++)
		classes[i] = forest_get32(*curve + 4 * (size_t) i);
	for (uint32_t i = 0; i < column->rank.n_knots; i++)
	{
		const uint8_t *knot = *curve + (size_t) i * GEN_KNOT_SIZE;

		knots[i].score = forest_get_double(knot);
		knots[i].value = forest_get_double(knot + 8);
	}
	column->classes = classes;
	column->rank.knots = knots;
	size = gen_column_bytes(column->is_classes, column_length(column));
	*curve += size;
	*memory += size;
	forest_pause();
}

/* Reads n floats of 4 bytes at p; returns the byte behind the last. */
static const uint8_t *
read_floats(float *x, size_t n, const uint8_t *p)
{
	for (size_t i = 0; i < n; i++, p += 4)
		x[i] = gen_get_float(p);
	return p;
}

/*
 * Reads what write_net wrote, from p into the net->n floats of "weights",
 * whose padding stays as it is; returns the byte behind the last.
 */
static const uint8_t *
read_net(const ForestNet *net, float *weights, const uint8_t *p)
{
	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
	{
		for (uint32_t i = 0; i < net->widths[l + 1]; i++)
		{
			p = read_floats(weights + net->weights[l] +
							(size_t) i * net->strides[l], net->widths[l], p);
			forest_pause();
		}
		p = read_floats(weights + net->biases[l], net->widths[l + 1], p);
	}
	return p;
}

/* Reads the header and the columns, the latter to memory. */
static const uint8_t *
read_head(const uint8_t *bytes, uint8_t **memory, ForestGenerator *g)
{
	uint32_t	n = forest_get32(bytes + GEN_AT_N_COLUMNS);
	ForestColumn *columns = (ForestColumn *) *memory;
	const uint8_t *curve = bytes + GEN_HEADER_SIZE +
		(size_t) n * GEN_COLUMN_SIZE;

	(void) forest_generator_head(bytes, g);
	g->outcome = (ForestOutcome) forest_get32(bytes + GEN_AT_OUTCOME);
	g->n_steps = forest_get32(bytes + GEN_AT_STEPS);
	g->bits = forest_get_double(bytes + GEN_AT_BITS);
	g->columns.columns = columns;
	g->columns.n_rows = forest_get32(bytes + GEN_AT_N_ROWS);
	*memory += n * sizeof(ForestColumn);
	for (uint32_t c = 0; c < n; c++)
		read_column(bytes, c, &curve, memory, &columns[c]);
	forest_columns_units(&g->columns, g->method == FOREST_METHOD_VAE);
	return curve;
}

/*
 * Fills in what a generator is but for its columns and numbers: shapes and
 * counts.  The head of the bytes has been checked.  Returns the bytes that
 * curves and classes take.
 */
uint64_t
forest_generator_head(const uint8_t *bytes, ForestGenerator *g)
{
	uint64_t	curves = 0;
	uint32_t	label_units = 0;
	ForestNet	critic;

	memset(g, 0, sizeof(*g));
	g->method = (ForestMethod) forest_get32(bytes + GEN_AT_METHOD);
	g->hidden = forest_get32(bytes + GEN_AT_HIDDEN);
	g->label = forest_get32(bytes + GEN_AT_LABEL);
	g->mixture.n = forest_get32(bytes + GEN_AT_COMPONENTS);
	g->columns.n_columns = forest_get32(bytes + GEN_AT_N_COLUMNS);
	for (uint32_t c = 0; c < g->columns.n_columns; c++)
	{
		ForestColumn column;

		forest_generator_column(bytes, c, &column);
		g->columns.n_input += forest_column_inputs(&column);
		g->columns.n_output +=
			forest_column_outputs(&column, g->method == FOREST_METHOD_VAE);
		if (c == g->label)
			label_units = forest_column_inputs(&column);
		curves += gen_column_bytes(column.is_classes, column_length(&column));
		forest_pause_at(c);
	}
	if (g->method == FOREST_METHOD_VAE)
		forest_vae_shape(&g->vae, &g->columns, g->hidden);
	else
		forest_gan_shape(&g->maker, &critic, &g->columns, label_units,
						 g->hidden);
	g->n_weights = g->method == FOREST_METHOD_VAE ? g->vae.n : g->maker.n;
	return curves;
}

/* Classes of the label that is written, 0 without one. */
uint32_t
forest_generator_label_classes(const uint8_t *bytes)
{
	uint32_t	label = forest_get32(bytes + GEN_AT_LABEL);
	ForestColumn column;

	if (label == FOREST_NO_LABEL)
		return 0;
	forest_generator_column(bytes, label, &column);
	return column.n_classes;
}

/*
 * Bytes of memory, aligned to 8, that forest_generator_read fills; the bytes
 * have been checked.
 */
uint64_t
forest_generator_memory(const uint8_t *bytes)
{
	ForestGenerator g;
	uint64_t	curves = forest_generator_head(bytes, &g);

	return g.columns.n_columns * (uint64_t) sizeof(ForestColumn) + curves +
		8 * (uint64_t) forest_generator_label_classes(bytes) +
		g.n_weights * sizeof(float);
}

/*
 * Reads a generator that forest_generator_check accepted; it is in memory, of
 * forest_generator_memory bytes, and no more in the bytes.
 */
void
forest_generator_read(const uint8_t *bytes, void *memory, ForestGenerator *g)
{
	uint8_t    *next = memory;
	const uint8_t *p = read_head(bytes, &next, g);
	const uint8_t *begin;
	double	   *shares = (double *) next;
	float	   *weights;

	if (g->label != FOREST_NO_LABEL)
	{
		uint32_t	n = g->columns.columns[g->label].n_classes;

		for (uint32_t k = 0; k < n; k++, p += 8)
			shares[k] = forest_get_double(p);
		g->label_shares = shares;
		next += n * sizeof(double);
	}
	begin = p;
	for (uint32_t k = 0; k < g->mixture.n; k++)
	{
		ForestComponent *component = &g->mixture.components[k];

		component->weight = gen_get_float(p);
		p = read_floats(component->mean, FOREST_VAE_LATENT, p + 4);
		p = read_floats(component->root, FOREST_MIXTURE_HALF, p);
	}
	p = begin + gen_align((uint64_t) (p - begin));
	weights = (float *) next;
	g->weights = weights;
	forest_clear(weights, g->n_weights * sizeof(float));
	if (g->method == FOREST_METHOD_GAN)
	{
		(void) read_net(&g->maker, weights, p);
		return;
	}
	p = read_net(&g->vae.encoder, weights, p);
	(void) read_net(&g->vae.decoder, weights + g->vae.encoder.n, p);
}
