/*-------------------------------------------------------------------------
 *
 * seeds.c
 *	  Writes the seed corpus of the fuzz targets: small models with
 *	  something of everything, and bytes that make varied tables.
 *
 *	  seeds DIRECTORY		makes DIRECTORY/model and DIRECTORY/other
 *
 * Both directories must be there.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_knot.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_table.h"

#include "format_support.h"
#include "generator_support.h"
#include "invent.h"
#include "projected.h"

/* Writes one file; the program ends if it cannot. */
static void
write_seed(const char *directory, const char *kind, int number,
		   const uint8_t *bytes, size_t len)
{
	char		path[1024];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s/%03d", directory, kind, number);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(bytes, 1, len, file) != len ||
		fclose(file) != 0)
	{
		perror(path);
		exit(1);
	}
}

/* Gives a forest a profile: numbers spread evenly, one row a category. */
static void
add_profile(Grove *grove)
{
	enum
	{
		VALUES = 50
	};
	uint32_t	d = grove->parts.summary.n_features;
	uint32_t   *ends = allocate(d * sizeof(uint32_t));
	ForestKnot *knots = allocate((size_t) d * FOREST_MAX_KNOTS *
								 sizeof(ForestKnot));
	uint32_t   *rows = allocate(grove->parts.n_strings * sizeof(uint32_t));
	uint32_t	end = 0;

	for (uint32_t f = 0; f < d; f++)
	{
		double		lo = fmax(grove->features[f].minimum, -1e300);
		double		hi = fmin(grove->features[f].maximum, 1e300);
		double		values[VALUES];

		for (uint32_t i = 0; i < VALUES; i++)
			values[i] = fmin(lo + i / 3 * ((hi - lo) / (VALUES / 3)), hi);
		end += choose_knots(values,
							isnan(grove->features[f].minimum) ? 0 : VALUES,
							knots + end);
		ends[f] = end;
	}
	for (uint32_t i = 0; i < grove->parts.n_strings; i++)
		rows[i] = 1;
	grove->parts.curve_ends = ends;
	grove->parts.knots = knots;
	grove->parts.category_rows = rows;
}

/* Gives a forest a generator of rows of its table, of one method or other. */
static void
add_generator(Grove *grove, const Table *table, ForestMethod method,
			  ForestRng *rng)
{
	uint32_t   *types = allocate(table->n_features * sizeof(uint32_t));
	ForestTable rows = {table->values, table->n_rows, table->n_features, types,
	table->n_categories};
	size_t		len;

	for (uint32_t f = 0; f < table->n_features; f++)
		types[f] = grove->features[f].type;
	grove->parts.generator = least_generator(&rows, method, FOREST_NO_LABEL,
											 rng, &len);
	grove->parts.generator_size = len;
	free(types);
}

/* A model of a random table, of one or two groups of trees. */
static void
write_grown(const char *directory, int number, ForestRng *rng)
{
	Table		table;
	Grove		grove;
	size_t		len;
	uint8_t    *bytes;

	table_random(&table, 2 + forest_rng_below(rng, 30),
				 1 + forest_rng_below(rng, 4), rng);
	grove_begin(&grove, &table);
	if (number % 5 == 3 &&
		grove_project(&grove, 1 + forest_rng_below(rng, 4), rng))
		grove_grow_projected(&grove, &table, 2, table.n_rows, 4,
							 forest_rng_next(rng));
	grove_grow_group(&grove, &table, 1 + forest_rng_below(rng, 3),
					 table.n_rows, forest_rng_below(rng, 6),
					 forest_rng_next(rng));
	if (number % 2)
		grove_grow_group(&grove, &table, 1, 1 + table.n_rows / 2, 0,
						 forest_rng_next(rng));
	if (number % 3)
		add_profile(&grove);
	if (number % 4 == 0)
		grove_label(&grove, 3, rng);
	if (number % 4 == 1)
		add_generator(&grove, &table, number % 8 == 1 ? FOREST_METHOD_VAE :
					  FOREST_METHOD_GAN, rng);
	bytes = model_bytes(&grove.parts, &len);
	write_seed(directory, "model", number, bytes, len);
	free(bytes);
	free((void *) grove.parts.generator);
	free((void *) grove.parts.curve_ends);
	free((void *) grove.parts.knots);
	free((void *) grove.parts.category_rows);
	grove_free(&grove);
	table_free(&table);
}

/* A model that nobody grew: trees of every shape. */
static void
write_invented(const char *directory, int number, ForestRng *rng)
{
	static const uint32_t n_categories[3] = {0, 3, 0};
	Grove		grove;
	size_t		len;
	uint8_t    *bytes;

	grove_begin_invented(&grove, 3, number % 2 ? n_categories : NULL);
	grove_invent_group(&grove, 1 + forest_rng_below(rng, 3), 16, 20, rng);
	bytes = model_bytes(&grove.parts, &len);
	write_seed(directory, "model", number, bytes, len);
	free(bytes);
	grove_free(&grove);
}

int
main(int argc, char **argv)
{
	ForestRng	rng;
	size_t		len;
	uint8_t    *bytes;

	if (argc != 2)
	{
		fprintf(stderr, "usage: seeds DIRECTORY\n");
		return 2;
	}
	forest_rng_init(&rng, 20081215, 0);
	for (int i = 0; i < 2; i++)
	{
		bytes = small_bytes(i > 0, &len);
		write_seed(argv[1], "model", i, bytes, len);
		free(bytes);
	}
	for (int i = 2; i < 40; i++)
		write_grown(argv[1], i, &rng);
	for (int i = 40; i < 60; i++)
		write_invented(argv[1], i, &rng);
	for (int i = 0; i < 40; i++)
	{
		uint8_t		noise[512];

		for (size_t k = 0; k < sizeof(noise); k++)
			noise[k] = (uint8_t) forest_rng_below(&rng, 256);
		write_seed(argv[1], "other", i, noise,
				   1 + forest_rng_below(&rng, sizeof(noise)));
	}
	return 0;
}
