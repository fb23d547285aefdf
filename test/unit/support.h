/*-------------------------------------------------------------------------
 *
 * support.h
 *	  Random tables, forests grown on them, and a walk down the arrays of
 *	  the format, written without a look at the core's own.
 *
 * Buffers have exactly the sizes that the contracts name, so that an address
 * sanitizer sees the first byte too many.
 *
 *-------------------------------------------------------------------------
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "forest.h"
#include "forest_rng.h"
#include "unit.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* malloc that never fails nor returns NULL; exact but for 0 bytes. */
static inline void *
allocate(size_t size)
{
	void	   *memory = malloc(size > 0 ? size : 1);

	if (memory == NULL)
	{
		printf("Bail out! no memory\n");
		exit(2);
	}
	return memory;
}

/* ---- random tables ---- */

/* The columns of a random table. */
typedef enum ColumnKind
{
	UNIFORM,
	TIES,
	EXTREMES,					/* infinities, greatest values, denormals */
	TINY,						/* denormals alone */
	INFINITIES,					/* both of them and nothing else */
	HALF_INFINITE,				/* one value and one infinity */
	ZEROS,						/* 0.0 and -0.0 */
	CONSTANT,
	ALL_MISSING,
	ONE_OR_MISSING,
	FEW_CATEGORIES,
	MANY_CATEGORIES,
	ONE_CATEGORY,
	CATEGORY_OR_MISSING,
	N_COLUMN_KINDS
} ColumnKind;

typedef struct Table
{
	uint32_t	n_rows;
	uint32_t	n_features;
	uint32_t	max_categories;
	double	   *values;
	uint32_t   *n_categories;
} Table;

/* The table as the grower takes it. */
static inline ForestRows
table_rows(const Table *table)
{
	return (ForestRows) {table->values, table->n_features,
						 table->n_categories};
}

static inline double *
table_at(const Table *table, uint32_t row, uint32_t feature)
{
	return &table->values[(size_t) row * table->n_features + feature];
}

/* Allocates a table; the caller fills values and n_categories. */
static inline void
table_init(Table *table, uint32_t n_rows, uint32_t n_features)
{
	table->n_rows = n_rows;
	table->n_features = n_features;
	table->max_categories = 0;
	table->values = allocate((size_t) n_rows * n_features * sizeof(double));
	table->n_categories = allocate(n_features * sizeof(uint32_t));
	memset(table->n_categories, 0, n_features * sizeof(uint32_t));
}

static inline void
table_free(Table *table)
{
	free(table->values);
	free(table->n_categories);
}

/* One of the numbers that break things. */
static inline double
extreme_number(ForestRng *rng)
{
	static const double numbers[] = {
		INFINITY, -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN, -DBL_MIN,
		DBL_TRUE_MIN, -DBL_TRUE_MIN, 0.0, -0.0, 1.0, -1.0,
		1.0 + DBL_EPSILON, 1e300, -1e300, 1e-300
	};

	return numbers[forest_rng_below(rng, sizeof(numbers) /
									sizeof(numbers[0]))];
}

/* Sets how many categories a column has. */
static inline void
table_set_categories(Table *table, uint32_t feature, uint32_t n)
{
	table->n_categories[feature] = n;
	if (n > table->max_categories)
		table->max_categories = n;
}

/* Fills a column; codes need not all occur. */
static inline void
table_fill(Table *table, uint32_t feature, ColumnKind kind, ForestRng *rng)
{
	bool		some_missing = forest_rng_below(rng, 3) == 0;
	double		one = forest_rng_below(rng, 2) ? extreme_number(rng) : 7.0;
	uint32_t	n = 0;

	if (kind == FEW_CATEGORIES || kind == CATEGORY_OR_MISSING)
		n = 2 + forest_rng_below(rng, 4);
	else if (kind == MANY_CATEGORIES)
		n = 60 + forest_rng_below(rng, 200);
	else if (kind == ONE_CATEGORY)
		n = 1;
	table_set_categories(table, feature, n);

	for (uint32_t i = 0; i < table->n_rows; i++)
	{
		double		v = one;
		bool		missing = some_missing && forest_rng_below(rng, 5) == 0;

		switch (kind)
		{
			case UNIFORM:
				v = forest_rng_double(rng) * 10.0 - 3.0;
				break;
			case TIES:
				v = forest_rng_below(rng, 5) - 2.0;
				break;
			case EXTREMES:
				v = extreme_number(rng);
				break;
			case TINY:
				v = forest_rng_below(rng, 9) * DBL_TRUE_MIN -
					4 * DBL_TRUE_MIN;
				break;
			case INFINITIES:
				v = forest_rng_below(rng, 2) ? INFINITY : -INFINITY;
				break;
			case HALF_INFINITE:
				if (forest_rng_below(rng, 2))
					v = one > 0.0 ? -INFINITY : INFINITY;
				break;
			case ZEROS:
				v = forest_rng_below(rng, 2) ? 0.0 : -0.0;
				break;
			case ALL_MISSING:
				missing = true;
				break;
			case ONE_OR_MISSING:
				missing = forest_rng_below(rng, 2);
				break;
			case CATEGORY_OR_MISSING:
				v = 1.0;
				missing = forest_rng_below(rng, 2);
				break;
			case FEW_CATEGORIES:
			case MANY_CATEGORIES:
			case ONE_CATEGORY:
				v = forest_rng_below(rng, n);
				break;
			case CONSTANT:
			case N_COLUMN_KINDS:
				break;
		}
		*table_at(table, i, feature) = missing ? NAN : v;
	}
}

/* A table of random columns. */
static inline void
table_random(Table *table, uint32_t n_rows, uint32_t n_features,
			 ForestRng *rng)
{
	table_init(table, n_rows, n_features);
	for (uint32_t f = 0; f < n_features; f++)
		table_fill(table, f, (ColumnKind)
				   forest_rng_below(rng, N_COLUMN_KINDS), rng);
}

/* ---- trees ---- */

/*
 * Grows a tree on some rows of a table (all, when rows is NULL) in freshly
 * allocated arrays.
 */
static inline ForestStatus
tree_grow(ForestTree *tree, const Table *table, const uint32_t *rows,
		  uint32_t n_rows, uint32_t max_depth, uint32_t n_columns,
		  ForestRng *rng, size_t max_sets)
{
	ForestRows	input = table_rows(table);
	ForestGrowScratch scratch;
	ForestStatus status;
	void	   *memory = allocate(forest_grow_scratch_size(n_rows,
		table->n_features, table->max_categories));

	tree->nodes = allocate((2 * (size_t) n_rows - 1) * sizeof(uint16_t));
	tree->cuts = allocate(n_rows * sizeof(double));
	tree->leaves = allocate(n_rows * sizeof(uint32_t));
	tree->sets = allocate(max_sets * sizeof(uint16_t));
	tree->max_sets = max_sets;
	forest_grow_scratch_init(&scratch, memory, n_rows, table->n_features,
							 table->max_categories);
	for (uint32_t i = 0; i < n_rows; i++)
		scratch.index[i] = rows != NULL ? rows[i] : i;
	status = forest_grow_tree(&input, n_rows, max_depth, n_columns, rng,
							  &scratch, tree);
	/* the scratch must be ready for the next tree, also after a failure */
	for (uint32_t i = 0; i < table->max_categories; i++)
		REQUIRE(scratch.code_side[i] == 0);
	free(memory);
	return status;
}

static inline void
tree_free(ForestTree *tree)
{
	free(tree->nodes);
	free(tree->cuts);
	free(tree->leaves);
	free(tree->sets);
}

/* Grows a tree, enlarging the room for sets as callers do. */
static inline void
tree_grow_fully(ForestTree *tree, const Table *table, const uint32_t *rows,
				uint32_t n_rows, uint32_t max_depth, uint32_t n_columns,
				ForestRng *rng)
{
	ForestRng	start = *rng;
	size_t		max_sets = 8;

	while (tree_grow(tree, table, rows, n_rows, max_depth, n_columns, rng,
					 max_sets) == FOREST_NO_SPACE)
	{
		tree_free(tree);
		*rng = start;
		max_sets *= 2;
	}
}

/* ---- the plain walk ---- */

/* A place in the arrays of ForestParts: at a node, and what comes next. */
typedef struct Place
{
	uint64_t	node;
	uint64_t	cut;
	uint64_t	leaf;
	uint64_t	set;
} Place;

static inline bool
plain_is_category(const ForestParts *parts, uint16_t word)
{
	return forest_type_is_category(parts->features[word & 0x3FFF].type);
}

/* Moves from a node to the next one in preorder. */
static inline void
plain_step(const ForestParts *parts, Place *at)
{
	uint16_t	word = parts->nodes[at->node++];

	if (word == 0x8000)
		at->leaf++;
	else if (plain_is_category(parts, word))
		at->set += 1 + (uint64_t) (parts->sets[at->set] & 0x7FFF);
	else
		at->cut++;
}

/* Moves from the root of a subtree to what follows the subtree. */
static inline void
plain_skip(const ForestParts *parts, Place *at)
{
	uint64_t	open = 1;

	while (open > 0)
	{
		if (parts->nodes[at->node] == 0x8000)
			open--;
		else
			open++;
		plain_step(parts, at);
	}
}

/* Whether a row goes right at a split. */
static inline bool
plain_goes_right(const ForestParts *parts, Place at, const double *row)
{
	uint16_t	word = parts->nodes[at.node];
	double		v = row[word & 0x3FFF];
	const uint16_t *set = parts->sets + at.set;

	if (isnan(v))
		return (word & 0x4000) != 0;
	if (!plain_is_category(parts, word))
		return v > parts->cuts[at.cut];
	for (int i = 1; i <= (set[0] & 0x7FFF); i++)
	{
		if (set[i] == v)
			return (set[0] & 0x8000) == 0;
	}
	return (set[0] & 0x8000) != 0;
}

/* Walks a row down the tree at a place; returns its depth and leaf. */
static inline uint32_t
plain_depth(const ForestParts *parts, Place at, const double *row,
			uint64_t *leaf)
{
	uint32_t	depth = 0;

	while (parts->nodes[at.node] != 0x8000)
	{
		bool		right = plain_goes_right(parts, at, row);

		plain_step(parts, &at);
		if (right)
			plain_skip(parts, &at);
		depth++;
	}
	*leaf = at.leaf;
	return depth;
}

/* c(n) with libm's logarithm. */
static inline double
plain_average_path(double n)
{
	if (n < 2)
		return 0.0;
	if (n == 2)
		return 1.0;
	return 2.0 * (log(n - 1.0) + 0.57721566490153286061) -
		2.0 * (n - 1.0) / n;
}

/* Mean normalised path length of a row, tree by tree. */
static inline double
plain_mean_path(const ForestParts *parts, const double *row)
{
	Place		at = {0, 0, 0, 0};
	double		sum = 0.0;
	uint32_t	g = 0;
	uint32_t	left_in_group = parts->groups[0].n_trees;

	for (uint32_t i = 0; i < parts->summary.n_trees; i++, left_in_group--)
	{
		uint64_t	leaf;
		double		path;

		if (left_in_group == 0)
			left_in_group = parts->groups[++g].n_trees;
		path = plain_depth(parts, at, row, &leaf);
		path += plain_average_path(parts->leaves[leaf]);
		if (parts->groups[g].sample_size < 2)
			sum += 1.0;
		else
			sum += path / plain_average_path(parts->groups[g].sample_size);
		plain_skip(parts, &at);
	}
	return sum / parts->summary.n_trees;
}

/* ---- forests ---- */

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
	char	   *names;			/* 6 bytes a string */
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
			feature.minimum = fmin(feature.minimum, v);
			feature.maximum = fmax(feature.maximum, v);
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

/* Starts a forest over a table: features and strings, no trees. */
static inline void
grove_begin(Grove *grove, const Table *table)
{
	uint32_t	n_strings = table->n_features;

	memset(grove, 0, sizeof(*grove));
	grove->features = allocate(table->n_features * sizeof(ForestFeature));
	for (uint32_t f = 0; f < table->n_features; f++)
	{
		grove->features[f] = describe_column(table, f);
		n_strings += table->n_categories[f];
	}
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
		forest_rng_init(&rng, seed, FOREST_STREAM_TREE + i);
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

/* ---- scoring ---- */

/* A model ready to score, with the memory behind it. */
typedef struct Scorer
{
	ForestWalk	walk;
	void	   *memory;
	double	   *slots;
} Scorer;

static inline void
scorer_init(Scorer *scorer, const ForestView *view)
{
	scorer->memory = allocate((size_t) forest_walk_size(view));
	memset(scorer->memory, 0xA5, (size_t) forest_walk_size(view));
	forest_walk_build(view, scorer->memory, &scorer->walk);
	scorer->slots = allocate(2 * (size_t) scorer->walk.n_features *
							 sizeof(double));
}

static inline void
scorer_free(Scorer *scorer)
{
	free(scorer->memory);
	free(scorer->slots);
}

/* The sum of a row's path lengths, multiples of 2^-scale. */
static inline int64_t
scorer_sum(const Scorer *scorer, const double *row)
{
	forest_walk_slots(&scorer->walk, row, scorer->slots);
	return forest_walk_sum(&scorer->walk, scorer->slots);
}

static inline double
scorer_score(const Scorer *scorer, const double *row)
{
	return forest_score(scorer_sum(scorer, row), scorer->walk.scale,
						scorer->walk.n_trees);
}

/* A random row that a model may be asked about. */
static inline void
random_row(const ForestParts *parts, double *row, ForestRng *rng)
{
	for (uint32_t f = 0; f < parts->summary.n_features; f++)
	{
		const ForestFeature *feature = &parts->features[f];

		if (forest_rng_below(rng, 5) == 0)
			row[f] = NAN;
		else if (forest_type_is_category(feature->type))
			row[f] = forest_rng_below(rng, feature->n_categories + 1);
		else if (forest_rng_below(rng, 2) == 0)
			row[f] = extreme_number(rng);
		else
			row[f] = forest_rng_double(rng) * 12.0 - 4.0;
	}
}

#endif							/* SUPPORT_H */
