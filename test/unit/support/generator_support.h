/*-------------------------------------------------------------------------
 *
 * generator_support.h
 *	  The least generators there are: a few bytes that keep every rule.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GENERATOR_SUPPORT_H
#define GENERATOR_SUPPORT_H

#include "core/base/forest_rng.h"
#include "core/generator/forest_gan.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net_kernel.h"

#include "tables.h"

/* Fills in the networks of a generator, of one hidden unit a layer. */
static inline void
least_networks(ForestGenerator *g, ForestColumns *columns)
{
	ForestNet	critic;

	forest_columns_units(columns, g->method == FOREST_METHOD_VAE);
	g->hidden = 1;
	g->columns = *columns;
	if (g->method == FOREST_METHOD_GAN)
	{
		forest_gan_shape(&g->maker, &critic, columns,
						 forest_generator_label_units(columns, g->label), 1);
		g->n_weights = g->maker.n;
		return;
	}
	forest_vae_shape(&g->vae, columns, 1);
	g->n_weights = g->vae.n;
	g->mixture.n = 1;
	g->mixture.components[0].weight = 1.0f;
	for (uint32_t u = 0; u < FOREST_VAE_LATENT; u++)
		g->mixture.components[0].root[u * (u + 3) / 2] = 1.0f;
}

/*
 * The bytes of a generator for rows of a table: its weights are random, so
 * that nothing was learnt but what each column's values are.
 */
static inline uint8_t *
least_generator(const ForestTable *table, ForestMethod method, uint32_t label,
				ForestRng *rng, size_t *len)
{
	void	   *memory = allocate((size_t) forest_table_size(table));
	void	   *scratch = allocate((size_t) forest_table_scratch_size(table));
	ForestGenerator g = {.method = method, .label = label,
	.outcome = FOREST_OUTCOME_ALL_STEPS, .n_steps = 1, .bits = NAN};
	double		shares[256];
	ForestCoded coded;
	float	   *weights;
	uint8_t    *bytes;

	forest_table_code(table, memory, scratch, &coded);
	least_networks(&g, &coded.columns);
	for (uint32_t k = 0; k < 256; k++)
		shares[k] = (k + 1) / 256.0;
	g.label_shares = shares;
	weights = allocate(g.n_weights * sizeof(float));
	for (size_t i = 0; i < g.n_weights; i++)
		weights[i] = (float) forest_rng_double(rng) - 0.5f;
	g.weights = weights;
	*len = (size_t) forest_generator_size(&g);
	bytes = allocate(*len);
	forest_generator_write(&g, bytes);
	free(weights);
	free(scratch);
	free(memory);
	return bytes;
}

#endif							/* GENERATOR_SUPPORT_H */
