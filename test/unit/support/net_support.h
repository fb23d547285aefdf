/*-------------------------------------------------------------------------
 *
 * net_support.h
 *	  What tests of generators share: small tables of all kinds of columns,
 *	  and generators trained on them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef NET_SUPPORT_H
#define NET_SUPPORT_H

#include "core/base/forest_bytes.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_generator_check.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_training.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

#include "tables.h"
#include "unit.h"

/* A table with everything in it, and room to change it. */
typedef struct NetTable
{
	ForestTable table;
	double	   *values;
	uint32_t	types[8];
	uint32_t	n_categories[8];
} NetTable;

/* A generator, and what it was made of. */
typedef struct Trained
{
	ForestTraining training;
	ForestCoded coded;
	void	   *table_memory;
	void	   *memory;
} Trained;

/* An empty table; columns are numbers. */
static inline void
net_table_init(NetTable *t, uint32_t n_rows, uint32_t n_columns)
{
	memset(t, 0, sizeof(*t));
	t->values = allocate((size_t) n_rows * n_columns * sizeof(double));
	for (uint32_t c = 0; c < n_columns; c++)
		t->types[c] = FOREST_FLOAT8;
	t->table = (ForestTable) {t->values, n_rows, n_columns, t->types,
	t->n_categories};
}

static inline double *
net_at(NetTable *t, uint32_t row, uint32_t c)
{
	return t->values + (size_t) row * t->table.n_columns + c;
}

/*
 * Seven columns: a normal number, one that follows it, a whole number with
 * ties, one that is mostly 0 and often missing, a boolean, a category that
 * goes with the first and is sometimes missing, and a constant.
 */
static inline void
net_table_mixed(NetTable *t, uint32_t n_rows, uint64_t seed)
{
	ForestRng	rng;

	forest_rng_init(&rng, seed, 0);
	net_table_init(t, n_rows, 7);
	t->types[2] = FOREST_INT4;
	t->types[4] = FOREST_BOOL;
	t->types[5] = FOREST_TEXT;
	t->n_categories[5] = 5;		/* the last never occurs */
	for (uint32_t i = 0; i < n_rows; i++)
	{
		double		x = forest_normal_draw(&rng);

		*net_at(t, i, 0) = x;
		*net_at(t, i, 1) = 10.0 * x + forest_normal_draw(&rng);
		*net_at(t, i, 2) = forest_rng_below(&rng, 6) + 1;
		*net_at(t, i, 3) = forest_rng_below(&rng, 4) == 0 ? (double) NAN :
			forest_rng_below(&rng, 3) > 0 ? 0.0 : forest_rng_double(&rng);
		*net_at(t, i, 4) = forest_rng_below(&rng, 5) == 0;
		*net_at(t, i, 5) = forest_rng_below(&rng, 10) == 0 ? (double) NAN :
			x > 0.0 ? 0.0 : 1.0 + forest_rng_below(&rng, 3);
		*net_at(t, i, 6) = 42.0;
	}
}

/* Checks a generator's bytes for rows of the first n_columns of a table. */
static inline ForestStatus
check_generator(const uint8_t *bytes, size_t len, const NetTable *t,
				uint32_t n_columns)
{
	uint8_t		features[8 * FOREST_FEATURE_SIZE] = {0};
	ForestView	view = {.features = features,
	.summary = {.n_features = n_columns}};
	ForestFault fault;

	for (uint32_t c = 0; c < n_columns; c++)
	{
		uint8_t    *p = features + (size_t) c * FOREST_FEATURE_SIZE;

		forest_put32(p + FOREST_FEATURE_TYPE, t->types[c]);
		forest_put32(p + FOREST_FEATURE_N_CATEGORIES, t->n_categories[c]);
	}
	return forest_generator_check(bytes, len, &view, &fault);
}

/* Codes a table and prepares to train on it. */
static inline ForestTrainingFault
trained_begin(Trained *trained, const NetTable *t,
			  const ForestTrainingOptions *options,
			  const ForestNetKernel *kernel)
{
	void	   *scratch = allocate((size_t)
								   forest_table_scratch_size(&t->table));
	ForestTrainingFault fault;
	size_t		size;

	trained->table_memory = allocate((size_t) forest_table_size(&t->table));
	trained->memory = NULL;
	forest_table_code(&t->table, trained->table_memory, scratch,
					  &trained->coded);
	free(scratch);
	fault = forest_training_check(&trained->coded, options);
	if (fault != FOREST_TRAINING_POSSIBLE)
		return fault;
	size = (size_t) forest_training_size(&trained->coded, options);
	trained->memory = allocate(size);
	memset(trained->memory, 0xA5, size);
	forest_training_begin(&trained->training, &trained->coded, options, kernel,
						  trained->memory);
	return FOREST_TRAINING_POSSIBLE;
}

/* Trains to the end. */
static inline const ForestGenerator *
trained_init(Trained *trained, const NetTable *t,
			 const ForestTrainingOptions *options)
{
	(void) trained_begin(trained, t, options, forest_net_kernel());
	while (forest_training_run(&trained->training, 10))
		;
	return &trained->training.generator;
}

static inline void
trained_free(Trained *trained)
{
	free(trained->table_memory);
	free(trained->memory);
}

/* A generator's bytes. */
static inline uint8_t *
generator_bytes(const ForestGenerator *generator, size_t *len)
{
	uint8_t    *bytes;

	*len = (size_t) forest_generator_size(generator);
	bytes = allocate(*len);
	memset(bytes, 0xA5, *len);
	forest_generator_write(generator, bytes);
	return bytes;
}

/* Whether bytes have a digest, that of the time the test was written. */
static inline bool
is_frozen(const char *what, const uint8_t *bytes, size_t len, uint64_t wanted)
{
	uint8_t		digest[FOREST_DIGEST_SIZE];
	uint64_t	found;

	forest_digest(bytes, len, digest);
	found = forest_get64(digest);
	printf("# %s: %zu bytes, digest %016llX\n", what, len,
		   (unsigned long long) found);
	return found == wanted;
}

/* Trainings that take no time. */
static const ForestTrainingOptions few_steps_vae = {FOREST_METHOD_VAE,
UNIT_AMOUNT(60, 12), FOREST_NO_LABEL, 5};
static const ForestTrainingOptions few_steps_gan = {FOREST_METHOD_GAN,
UNIT_AMOUNT(30, 4), 5, 5};

/* Makes rows number first .. of seed 99. */
static inline void
make_rows(const ForestGenerator *g, const ForestNetKernel *kernel,
		  double label, uint64_t first, uint32_t n, double *rows)
{
	void	   *memory = allocate((size_t) forest_make_size(g));
	ForestMake	m;

	forest_make_init(&m, g, kernel, memory);
	forest_make_rows(&m, label, 99, first, n, rows);
	free(memory);
}

/* The same of n values of rows, every NaN alike. */
static inline bool
rows_frozen(const char *what, const double *rows, size_t n, uint64_t wanted)
{
	uint8_t    *bytes = allocate(8 * n);
	bool		frozen;

	for (size_t i = 0; i < n; i++)
		forest_put_double(bytes + 8 * i, rows[i]);
	frozen = is_frozen(what, bytes, 8 * n, wanted);
	free(bytes);
	return frozen;
}

/* The same of n floats, whatever the order of bytes in the machine. */
static inline bool
floats_frozen(const char *what, const float *numbers, size_t n,
			  uint64_t wanted)
{
	uint8_t    *bytes = allocate(4 * n);
	bool		frozen;

	for (size_t i = 0; i < n; i++)
		gen_put_float(bytes + 4 * i, numbers[i]);
	frozen = is_frozen(what, bytes, 4 * n, wanted);
	free(bytes);
	return frozen;
}

static inline bool
same_rows(const double *a, const double *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (a[i] != b[i] && !(isnan(a[i]) && isnan(b[i])))
			return false;
	return true;
}

/* Whether a value is one that a column of net_table_mixed may have. */
static inline bool
is_value(uint32_t c, double value)
{
	switch (c)
	{
		case 0:
		case 1:
			return isfinite(value);
		case 2:
			return value >= 1.0 && value <= 6.0 && rint(value) == value;
		case 3:
			return isnan(value) || (value >= 0.0 && value < 1.0);
		case 4:
			return value == 0.0 || value == 1.0;
		case 5:
			return isnan(value) || (value >= 0.0 && value < 4.0 &&
									rint(value) == value);
		default:
			return value == 42.0;
	}
}

#endif							/* NET_SUPPORT_H */
