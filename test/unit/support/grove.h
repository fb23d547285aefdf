/*-------------------------------------------------------------------------
 *
 * grove.h
 *	  Forests grown on tables, and their bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef GROVE_H
#define GROVE_H

#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_write.h"
#include "core/grow/forest_grow.h"
#include "core/grow/forest_sample.h"

#include "tables.h"

/* Parts whose arrays grow. */
typedef struct Grove
{
	ForestParts parts;
	ForestFeature *features;
	ForestString *strings;
	ForestGroup *groups;
	uint32_t   *tree_nodes;
	uint16_t   *nodes;
	double	   *cuts;
	uint32_t   *leaves;
	uint16_t   *sets;
	ForestLabels *labels;		/* NULL, or of all leaves */
	char	   *names;			/* 6 bytes a string */
	uint32_t   *ends;			/* NULL, or of projections */
	ForestTerm *terms;
} Grove;

/* Points the parts to the arrays, which may have moved. */
static inline void
grove_refresh(Grove *grove)
{
	grove->parts.features = grove->features;
	grove->parts.strings = grove->strings;
	grove->parts.groups = grove->groups;
	grove->parts.tree_nodes = grove->tree_nodes;
	grove->parts.nodes = grove->nodes;
	grove->parts.cuts = grove->cuts;
	grove->parts.leaves = grove->leaves;
	grove->parts.sets = grove->sets;
	grove->parts.labels = grove->labels;
}

/* Describes a column as training would. */
static inline ForestFeature
describe_column(const Table *table, uint32_t f)
{
	ForestFeature feature = {FOREST_FLOAT8, 0, 0, NAN, NAN};

	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		double		v = *table_at(table, i, f);

		if (isnan(v))
			feature.n_missing++;
		else if (table->n_categories[f] == 0)
		{
			/* not fmin and fmax, which may take either zero of 0.0 and -0.0 */
			if (!(feature.minimum <= v))
				feature.minimum = v;
			if (!(feature.maximum >= v))
				feature.maximum = v;
		}
	}
	if (table->n_categories[f] > 0)
	{
		feature.type = FOREST_TEXT + f % 7;
		feature.n_categories = table->n_categories[f];
	}
	else if (f % 3 == 1)
		feature.type = FOREST_BOOL + f % 12;
	return feature;
}

/* Describes all columns of a table; the caller frees them. */
static inline ForestFeature *
describe_columns(const Table *table)
{
	ForestFeature *features = allocate(table->n_features *
									   sizeof(ForestFeature));

	for (uint32_t f = 0; f < table->n_features; f++)
		features[f] = describe_column(table, f);
	return features;
}

/* Starts a forest over a table: features and strings, no trees. */
static inline void
grove_begin(Grove *grove, const Table *table)
{
	uint32_t	n_strings = table->n_features;

	memset(grove, 0, sizeof(*grove));
	grove->features = describe_columns(table);
	for (uint32_t f = 0; f < table->n_features; f++)
		n_strings += table->n_categories[f];
	grove->strings = allocate(n_strings * sizeof(ForestString));
	grove->names = allocate(n_strings * (size_t) 6);
	for (uint32_t i = 0, f = 0, code = 0; i < n_strings; i++)
	{
		char	   *name = grove->names + (size_t) 6 * i;

		if (i < table->n_features)
			snprintf(name, 6, "f%u", i % 10000);
		else
		{
			while (code == table->n_categories[f])
			{
				f++;
				code = 0;
			}
			snprintf(name, 6, "c%04u", code++ % 10000);
		}
		grove->strings[i] =
			(ForestString) {name, (uint32_t) strlen(name)};
	}
	grove->parts.n_strings = n_strings;
	grove->parts.summary = (ForestSummary) {
		.n_features = table->n_features,
		.flags = FOREST_FLAG_SEED_DRAWN,
		.rows_seen = table->n_rows + UINT64_C(5000000000),
		.rows_kept = table->n_rows,
		.seed = UINT64_C(0xFEDCBA9876543210),
		.sample_size = 256,
		.max_depth = FOREST_DEPTH_DEFAULT,
		.max_categories = FOREST_MAX_CATEGORIES,
		.max_features = 1.0,
		.contamination = 0.05
	};
	grove_refresh(grove);
}

/* Appends n items to an array of *count. */
#define APPEND(array, count, items, n) \
	do { \
		size_t		size_ = sizeof((array)[0]); \
		\
		(array) = realloc((array), ((size_t) (count) + (n)) * size_ + 1); \
		if ((n) > 0) \
			memcpy((array) + (count), (items), (n) * size_); \
		(count) += (n); \
	} while (0)

/* Adds a tree to the forest's last group. */
static inline void
grove_add_tree(Grove *grove, const ForestTree *tree)
{
	ForestParts *parts = &grove->parts;

	APPEND(grove->tree_nodes, parts->summary.n_trees, &tree->n_nodes, 1);
	APPEND(grove->nodes, parts->n_nodes, tree->nodes, tree->n_nodes);
	APPEND(grove->cuts, parts->n_cuts, tree->cuts, tree->n_cuts);
	APPEND(grove->leaves, parts->n_leaves, tree->leaves, tree->n_leaves);
	APPEND(grove->sets, parts->n_sets, tree->sets, tree->n_sets);
	grove->groups[parts->summary.n_groups - 1].n_trees++;
	grove_refresh(grove);
}

/* Opens a group of trees, none yet. */
static inline void
grove_add_group(Grove *grove, uint32_t sample_size, uint32_t depth_limit)
{
	ForestGroup group = {0, sample_size, depth_limit};

	APPEND(grove->groups, grove->parts.summary.n_groups, &group, 1);
	grove_refresh(grove);
}

/* Adds a group of trees grown on a table. */
static inline void
grove_grow_group(Grove *grove, const Table *table, uint32_t n_trees,
				  uint32_t sample_size, uint32_t depth_limit, uint64_t seed)
{
	uint32_t   *deck = allocate(table->n_rows * sizeof(uint32_t));
	uint32_t   *rows = allocate(sample_size * sizeof(uint32_t));
	ForestDealer dealer;

	forest_dealer_init(&dealer, deck, table->n_rows, table->n_rows, seed);
	grove_add_group(grove, sample_size, depth_limit);
	for (uint32_t i = 0; i < n_trees; i++)
	{
		ForestTree	tree;
		ForestRng	rng;

		forest_deal(&dealer, rows, sample_size, false);
		forest_rng_start(&rng, seed, FOREST_FOR_TREE, i);
		tree_grow_fully(&tree, table, rows, sample_size, depth_limit,
						table->n_features, &rng);
		grove_add_tree(grove, &tree);
		tree_free(&tree);
	}
	free(deck);
	free(rows);
}

static inline void
grove_free(Grove *grove)
{
	free(grove->features);
	free(grove->strings);
	free(grove->names);
	free(grove->groups);
	free(grove->tree_nodes);
	free(grove->nodes);
	free(grove->cuts);
	free(grove->leaves);
	free(grove->sets);
	free(grove->labels);
	free(grove->ends);
	free(grove->terms);
}

/*
 * Gives a forest, to which no tree is added any more, labels: about one in
 * one_in leaves has some, few or as many as there can be.
 */
static inline void
grove_label(Grove *grove, uint32_t one_in, ForestRng *rng)
{
	static const uint32_t many[] = {1, 2, 5, 100, 70000, UINT32_MAX};
	uint32_t	n = grove->parts.n_leaves;

	grove->labels = allocate(n * sizeof(ForestLabels));
	memset(grove->labels, 0, n * sizeof(ForestLabels));
	grove->labels[forest_rng_below(rng, n)].outliers = 1;
	for (uint32_t i = 0; i < n; i++)
	{
		if (forest_rng_below(rng, one_in) > 0)
			continue;
		grove->labels[i].outliers = many[forest_rng_below(rng, 6)];
		grove->labels[i].normal = many[forest_rng_below(rng, 6)];
		if (forest_rng_below(rng, 2) == 0)
			grove->labels[i].outliers = 0;
		else if (forest_rng_below(rng, 2) == 0)
			grove->labels[i].normal = 0;
	}
	grove_refresh(grove);
}

/* The bytes of a model, in a block of exactly their size. */
static inline uint8_t *
model_bytes(const ForestParts *parts, size_t *len)
{
	uint8_t    *bytes;

	*len = (size_t) forest_model_size(parts);
	bytes = allocate(*len);
	memset(bytes, 0xA5, *len);
	forest_model_write(parts, bytes);
	return bytes;
}

#endif							/* GROVE_H */
