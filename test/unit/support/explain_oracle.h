/*-------------------------------------------------------------------------
 *
 * explain_oracle.h
 *	  Two oracles for contributions that follow the definition of Shapley
 *	  values, and what compares a forest's explanations with them.
 *
 * Both work in long double on trees read from the arrays of the format: one
 * goes through all subsets of the features, the other leaf by leaf.
 *
 *-------------------------------------------------------------------------
 */
#ifndef EXPLAIN_ORACLE_H
#define EXPLAIN_ORACLE_H

#include "core/base/forest_rng.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_build.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"

#include "support.h"
#include "unit.h"

/* What the best possible sum of doubles may differ by, and then some. */
#define TOLERANCE	1e-12

/* ---- the oracles' trees ---- */

typedef struct OracleNode
{
	int			feature;		/* -1: a leaf */
	bool		right;			/* the row at hand goes there */
	uint32_t	left_child;
	uint32_t	right_child;
	long double rows;
	long double value;			/* of a leaf */
} OracleNode;

/* All trees of a forest, and on which way a row goes. */
typedef struct Oracle
{
	OracleNode *nodes;
	uint32_t   *roots;
	uint32_t	n_trees;
	uint32_t	n_features;
	uint32_t	n;				/* nodes read */
} Oracle;

/* Reads a subtree; returns its root. */
static inline uint32_t
oracle_read(Oracle *oracle, const ForestParts *parts, Place *at,
			const double *row, int depth, uint32_t sample_size)
{
	uint32_t	i = oracle->n++;
	OracleNode *node = &oracle->nodes[i];
	uint16_t	word = parts->nodes[at->node];

	node->feature = -1;
	if (word == 0x8000)
	{
		node->rows = parts->leaves[at->leaf];
		node->value = plain_leaf_length(parts, at->leaf, (uint32_t) depth,
										sample_size);
		plain_step(parts, at);
		return i;
	}
	node->feature = word & 0x3FFF;
	node->right = plain_goes_right(parts, *at, row);
	plain_step(parts, at);
	node->left_child = oracle_read(oracle, parts, at, row, depth + 1,
								   sample_size);
	node->right_child = oracle_read(oracle, parts, at, row, depth + 1,
									sample_size);
	node->rows = oracle->nodes[node->left_child].rows +
		oracle->nodes[node->right_child].rows;
	return i;
}

/* Reads a forest and sends a row down. */
static inline void
oracle_init(Oracle *oracle, const ForestParts *parts, const double *row)
{
	Place		at = {0, 0, 0, 0};
	uint32_t	tree = 0;

	oracle->nodes = allocate(parts->n_nodes * sizeof(OracleNode));
	oracle->roots = allocate(parts->summary.n_trees * sizeof(uint32_t));
	oracle->n_trees = parts->summary.n_trees;
	oracle->n_features = parts->summary.n_features;
	oracle->n = 0;
	for (uint32_t g = 0; g < parts->summary.n_groups; g++)
	{
		for (uint32_t i = 0; i < parts->groups[g].n_trees; i++)
			oracle->roots[tree++] =
				oracle_read(oracle, parts, &at, row, 0,
							parts->groups[g].sample_size);
	}
}

static inline void
oracle_free(Oracle *oracle)
{
	free(oracle->nodes);
	free(oracle->roots);
}

/* ---- the first oracle: all subsets ---- */

/* Expected value below a node when the features in "known" are. */
static inline long double
expected_value(const Oracle *oracle, uint32_t i, uint32_t known)
{
	const OracleNode *node = &oracle->nodes[i];
	long double left;
	long double right;

	if (node->feature < 0)
		return node->value;
	if (known >> node->feature & 1)
		return expected_value(oracle, node->right ? node->right_child :
							  node->left_child, known);
	left = expected_value(oracle, node->left_child, known);
	right = expected_value(oracle, node->right_child, known);
	return (left * oracle->nodes[node->left_child].rows +
			right * oracle->nodes[node->right_child].rows) / node->rows;
}

/* (size)! (n - 1 - size)! / n! */
static inline long double
shapley_weight(int n, int size)
{
	long double weight = 1.0L / n;

	for (int i = 1; i <= size; i++)
		weight *= (long double) i / (n - i);
	return weight;
}

/* Shapley values by their definition; up to 10 features or so. */
static inline void
subsets_explain(const Oracle *oracle, long double *phi)
{
	uint32_t	d = oracle->n_features;
	long double *v = allocate((sizeof(long double)) << d);

	for (uint32_t known = 0; known < UINT32_C(1) << d; known++)
	{
		v[known] = 0.0L;
		for (uint32_t t = 0; t < oracle->n_trees; t++)
			v[known] += expected_value(oracle, oracle->roots[t], known);
		v[known] /= oracle->n_trees;
	}
	for (uint32_t f = 0; f < d; f++)
	{
		phi[f] = 0.0L;
		for (uint32_t known = 0; known < UINT32_C(1) << d; known++)
		{
			int			size = 0;

			if (known >> f & 1)
				continue;
			for (uint32_t i = 0; i < d; i++)
				size += (known >> i & 1) != 0;
			phi[f] += shapley_weight((int) d, size) *
				(v[known | UINT32_C(1) << f] - v[known]);
		}
	}
	free(v);
}

/* ---- the second oracle: leaf by leaf, any number of features ---- */

/* The different features on the way to a leaf. */
typedef struct Way
{
	int			n;
	int		   *features;
	long double *shares;		/* of the rows that go along, all its splits */
	bool	   *followed;		/* by the row */
	long double *sums;			/* see leaf_explain */
} Way;

/*
 * The game of one leaf: its value counts if every known feature's splits
 * were followed, times the shares of the unknown ones.  For each feature the
 * others' subsets are summed up by their size.
 */
static inline void
leaf_explain(const Way *way, long double value, long double *phi)
{
	for (int f = 0; f < way->n; f++)
	{
		long double marginal = 0.0L;

		way->sums[0] = 1.0L;
		for (int i = 0, n = 0; i < way->n; i++)
		{
			if (i == f)
				continue;
			way->sums[n + 1] = 0.0L;
			for (int size = n + 1; size >= 0; size--)
				way->sums[size] = way->sums[size] * way->shares[i] +
					(size > 0 && way->followed[i] ? way->sums[size - 1] : 0.0L);
			n++;
		}
		for (int size = 0; size < way->n; size++)
			marginal += shapley_weight(way->n, size) * way->sums[size];
		phi[way->features[f]] += value * marginal *
			((way->followed[f] ? 1.0L : 0.0L) - way->shares[f]);
	}
}

/* Most features on a way that ways_explain went. */
static int	longest_way;

/* Explains all leaves below a node. */
static inline void
leaves_explain(const Oracle *oracle, uint32_t i, Way *way, long double *phi)
{
	const OracleNode *node = &oracle->nodes[i];
	int			at = 0;
	int			n = way->n;

	if (node->feature < 0)
	{
		if (way->n > longest_way)
			longest_way = way->n;
		leaf_explain(way, node->value, phi);
		return;
	}
	while (at < n && way->features[at] != node->feature)
		at++;
	if (at == n)
	{
		way->features[at] = node->feature;
		way->shares[at] = 1.0L;
		way->followed[at] = true;
		way->n++;
	}
	for (int right = 0; right < 2; right++)
	{
		uint32_t	child = right ? node->right_child : node->left_child;
		long double share = way->shares[at];
		bool		followed = way->followed[at];

		way->shares[at] *= oracle->nodes[child].rows / node->rows;
		way->followed[at] = followed && node->right == right;
		leaves_explain(oracle, child, way, phi);
		way->shares[at] = share;
		way->followed[at] = followed;
	}
	way->n = n;
}

static inline void
ways_explain(const Oracle *oracle, long double *phi)
{
	uint32_t	d = oracle->n_features;
	Way			way = {
		.features = allocate(d * sizeof(int)),
		.shares = allocate(d * sizeof(long double)),
		.followed = allocate(d * sizeof(bool)),
		.sums = allocate((d + 1) * sizeof(long double))
	};

	for (uint32_t f = 0; f < d; f++)
		phi[f] = 0.0L;
	for (uint32_t t = 0; t < oracle->n_trees; t++)
		leaves_explain(oracle, oracle->roots[t], &way, phi);
	for (uint32_t f = 0; f < d; f++)
		phi[f] /= oracle->n_trees;
	free(way.features);
	free(way.shares);
	free(way.followed);
	free(way.sums);
}

/* ---- explainers ---- */

/* A forest ready to explain, with the memory behind it. */
typedef struct Explainer
{
	const ForestParts *parts;
	Scorer		scorer;
	ForestExplain explain;
	void	   *memory;
	void	   *scratch;
	double	   *phi;
} Explainer;

static inline void
explainer_init(Explainer *e, const Grove *grove)
{
	size_t		len;
	uint8_t    *bytes = model_bytes(&grove->parts, &len);
	ForestView	view;
	ForestFault fault;
	ForestExplainPlan plan;
	void	   *temporary;
	size_t		size;

	e->parts = &grove->parts;
	if (!REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
		exit(1);
	scorer_init(&e->scorer, &view);
	size = (size_t) forest_explain_plan_size(&view);
	temporary = allocate(size);
	memset(temporary, 0xA5, size);
	forest_explain_plan(&view, &e->scorer.walk, temporary, &plan);
	e->memory = allocate((size_t) plan.size);
	memset(e->memory, 0xA5, (size_t) plan.size);
	memset(temporary, 0x5A, size);
	forest_explain_build(&view, &e->scorer.walk, &plan, e->memory, temporary,
						 &e->explain);
	free(temporary);
	free(bytes);
	size = (size_t) forest_explain_scratch_size(&e->explain);
	e->scratch = allocate(size);
	memset(e->scratch, 0xA5, size);
	e->phi = allocate(grove->parts.summary.n_features * sizeof(double));
}

static inline void
explainer_free(Explainer *e)
{
	scorer_free(&e->scorer);
	free(e->memory);
	free(e->scratch);
	free(e->phi);
}

/*
 * Explains a row into e->phi, by the portable kernel, and requires the same
 * bits of all others; returns the row's mean length.
 */
static inline double
explain_row(Explainer *e, const double *row)
{
	size_t		size = e->parts->summary.n_features * sizeof(double);
	double	   *phi = allocate(size);

	memset(e->phi, 0xA5, size);
	forest_explain(&e->explain, FOREST_KERNEL_PORTABLE, &e->scorer.walk, row,
				   e->phi, e->scratch);
	for (ForestKernel k = FOREST_KERNEL_WALK; k <= FOREST_KERNEL_NEON; k++)
	{
		if (!forest_kernel_available(k))
			continue;
		memset(phi, 0x5A, size);
		forest_explain(&e->explain, k, &e->scorer.walk, row, phi, e->scratch);
		REQUIRE(memcmp(phi, e->phi, size) == 0);
	}
	free(phi);
	return forest_mean_length(scorer_sum(&e->scorer, row),
							  e->scorer.walk.scale, e->scorer.walk.n_trees);
}

/* Explains a row and compares the sum with its length. */
static inline void
require_sum(Explainer *e, const double *row)
{
	double		length = explain_row(e, row);
	double		expected = forest_explain_expected(&e->explain);
	double		sum = expected;

	for (uint32_t f = 0; f < e->parts->summary.n_features; f++)
		sum += e->phi[f];
	REQUIRE(fabs(sum - length) <= TOLERANCE * fmax(1.0, expected));
}

/* Greatest difference from an oracle that a test has seen. */
static double greatest_error;

/* Explains a row and compares with an oracle. */
static inline void
require_oracle(Explainer *e, const double *row,
			   void (*oracle_explain) (const Oracle *, long double *))
{
	uint32_t	d = e->parts->summary.n_features;
	long double *phi = allocate(d * sizeof(long double));
	Oracle		oracle;

	require_sum(e, row);
	oracle_init(&oracle, e->parts, row);
	oracle_explain(&oracle, phi);
	for (uint32_t f = 0; f < d; f++)
	{
		double		error = (double) fabsl(phi[f] - e->phi[f]);

		REQUIRE(error <= TOLERANCE);
		if (!(error <= greatest_error))
			greatest_error = error;
	}
	oracle_free(&oracle);
	free(phi);
}

/* Ends a claim about an oracle. */
static inline void
proven_by_oracle(void)
{
	printf("# greatest difference %.1e\n", greatest_error);
	greatest_error = 0.0;
	proven();
}

/* A row of the table, a random one, or a mixture. */
static inline void
any_row(const Grove *grove, const Table *table, double *row, ForestRng *rng)
{
	const double *known = table_at(table, forest_rng_below(rng,
														   table->n_rows), 0);
	uint32_t	of_4 = forest_rng_below(rng, 5);

	random_row(&grove->parts, row, rng);
	for (uint32_t f = 0; f < table->n_features; f++)
	{
		if (forest_rng_below(rng, 4) < of_4)
			row[f] = known[f];
	}
}

#endif							/* EXPLAIN_ORACLE_H */
