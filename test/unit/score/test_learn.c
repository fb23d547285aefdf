/*-------------------------------------------------------------------------
 *
 * test_learn.c
 *	  What labels do to a forest: who counts where, and which scores move.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_math.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/score/forest_learn.h"
#include "core/score/forest_walk.h"

#include "format_support.h"
#include "unit.h"

/* A model, opened, with its walk and the numbers of its leaves. */
typedef struct Learner
{
	uint8_t    *bytes;
	size_t		len;
	ForestView	view;
	Scorer		scorer;
	uint32_t   *numbers;
} Learner;

/* Opens a model's bytes, which the learner frees. */
static void
learner_init(Learner *l, uint8_t *bytes, size_t len)
{
	ForestFault fault;

	l->bytes = bytes;
	l->len = len;
	if (!REQUIRE(forest_open(bytes, len, &l->view, &fault) == FOREST_OK))
		exit(2);
	scorer_init(&l->scorer, &l->view);
	l->numbers = allocate(l->view.n_nodes * sizeof(uint32_t));
	forest_number_leaves(&l->scorer.walk, l->numbers);
}

/* Grows a forest on a random table of some rows, and opens its model. */
static void
learner_grow(Learner *l, Table *table, Grove *grove, uint32_t n_trees,
			 uint32_t max_rows, uint32_t max_depth, ForestRng *rng)
{
	size_t		len;
	uint8_t    *bytes;

	table_random(table, 2 + forest_rng_below(rng, max_rows),
				 1 + forest_rng_below(rng, 6), rng);
	grove_begin(grove, table);
	grove_grow_group(grove, table, n_trees, table->n_rows,
					 forest_rng_below(rng, max_depth), unit_case);
	bytes = model_bytes(&grove->parts, &len);
	learner_init(l, bytes, len);
}

static void
learner_free(Learner *l)
{
	scorer_free(&l->scorer);
	free(l->numbers);
	free(l->bytes);
}

/* Counts a row among a model's labels. */
static bool
count_row(const Learner *l, const double *row, bool is_outlier,
		  ForestLabels *labels)
{
	forest_walk_slots(&l->scorer.walk, row, l->scorer.slots);
	return forest_count_label(&l->scorer.walk, l->numbers, l->scorer.slots,
							  is_outlier, labels);
}

/* A path length of 1/2, of 4 rows, and of 9 rows. */
static void
test_length(void)
{
	claim("a leaf's length is the weighted mean that the reference tells");
	REQUIRE(forest_learned_length(0.5, 4, 0, 0) == 0.5);
	REQUIRE(forest_learned_length(0.51, 4, 0, 0) == 0.51);
	REQUIRE(forest_learned_length(0.5, 4, 1, 0) == 5 / 64.0);	/* 0.2 / 2.4 */
	REQUIRE(forest_learned_length(0.5, 4, 0, 1) == 64 / 64.0);	/* 1.4 / 1.4 */
	REQUIRE(forest_learned_length(2.0, 9, 1, 1) == 57 / 64.0);	/* 3.2 / 3.6 */
	REQUIRE(forest_learned_length(2.0, 9, 0, 7) == 2.0);
	REQUIRE(forest_learned_length(0.5, 1, UINT32_MAX, 0) == 1 / 64.0);
	REQUIRE(forest_learned_length(0.5, 1, 0, UINT32_MAX) == 77 / 64.0);
	proven();
}

/* Rows are counted in the leaves where a plain walk ends. */
static void
test_counting(void)
{
	ForestRng	rng;

	claim("a row counts in the leaves where it ends, and nowhere else");
	forest_rng_init(&rng, 91, 0);
	for (unit_case = 0; unit_case < 100; unit_case++)
	{
		Table		table;
		Grove		grove;
		Learner		l;
		ForestLabels *counted;
		ForestLabels *plain;

		learner_grow(&l, &table, &grove, 7, 60, 6, &rng);
		counted = allocate(l.view.n_leaves * sizeof(ForestLabels));
		plain = allocate(l.view.n_leaves * sizeof(ForestLabels));
		memset(counted, 0, l.view.n_leaves * sizeof(ForestLabels));
		memset(plain, 0, l.view.n_leaves * sizeof(ForestLabels));
		for (uint32_t i = 0; i < table.n_rows; i++)
		{
			const double *row = table_at(&table, i, 0);
			Place		at = {0, 0, 0, 0};

			REQUIRE(count_row(&l, row, i % 3 == 0, counted));
			for (uint32_t tree = 0; tree < 7; tree++)
			{
				uint64_t	leaf;

				(void) plain_depth(&grove.parts, at, row, &leaf);
				*(i % 3 == 0 ? &plain[leaf].outliers :
				  &plain[leaf].normal) += 1;
				plain_skip(&grove.parts, &at);
			}
		}
		REQUIRE(memcmp(counted, plain,
					   l.view.n_leaves * sizeof(ForestLabels)) == 0);
		free(counted);
		free(plain);
		learner_free(&l);
		grove_free(&grove);
		table_free(&table);
	}
	proven();

	claim("more labels in a leaf than can be counted are refused");
	{
		ForestLabels full = {UINT32_MAX, 7};
		ForestLabels one = {1, 0};
		ForestLabels other = {0, 1};

		REQUIRE(!forest_add_labels(&full, &one, 1));
		REQUIRE(forest_add_labels(&full, &other, 1) && full.normal == 8);
	}
	proven();
}

/* Which scores move, and how. */
static void
test_scores(void)
{
	ForestRng	rng;
	uint32_t	n_kept = 0;
	uint32_t	n_moved = 0;

	claim("rows that share no leaf with a label keep their sums");
	forest_rng_init(&rng, 92, 0);
	for (unit_case = 0; unit_case < 60; unit_case++)
	{
		Table		table;
		Grove		grove;
		Learner		before;
		Learner		after;
		size_t		len;
		uint8_t    *bytes;
		ForestLabels *labels;
		bool		is_outlier = unit_case % 2 == 0;

		table_random(&table, 30 + forest_rng_below(&rng, 60),
					 1 + forest_rng_below(&rng, 6), &rng);
		grove_begin(&grove, &table);
		grove_grow_group(&grove, &table, 3, table.n_rows / 2, 0, unit_case);
		bytes = model_bytes(&grove.parts, &len);
		learner_init(&before, bytes, len);
		labels = allocate(before.view.n_leaves * sizeof(ForestLabels));
		memset(labels, 0, before.view.n_leaves * sizeof(ForestLabels));
		REQUIRE(count_row(&before, table_at(&table, 0, 0), is_outlier,
						  labels));
		bytes = learned_bytes(before.bytes, labels, before.view.n_leaves,
							  &len);
		learner_init(&after, bytes, len);
		REQUIRE(after.scorer.walk.scale == before.scorer.walk.scale);
		for (uint32_t i = 0; i < table.n_rows; i++)
		{
			const double *row = table_at(&table, i, 0);
			int64_t		was = scorer_sum(&before.scorer, row);
			int64_t		is = scorer_sum(&after.scorer, row);
			bool		shares = false;
			int64_t		rounding = INT64_C(1) << (after.scorer.walk.scale - 7);

			for (uint32_t t = 0; t < 3; t++)
			{
				uint32_t	node = forest_walk_leaf(&before.scorer.walk, t,
													before.scorer.slots);
				uint32_t	leaf = before.numbers[node];

				shares |= labels[leaf].outliers + labels[leaf].normal > 0;
			}
			if (!shares)
				REQUIRE(was == is);
			else
				REQUIRE(is_outlier ? is < was : is >= was - 3 * rounding);
			n_kept += !shares;
			n_moved += is != was;
		}
		free(labels);
		learner_free(&before);
		learner_free(&after);
		grove_free(&grove);
		table_free(&table);
	}
	REQUIRE(n_kept > 100 && n_moved > 100);
	proven();

	claim("what was learned is replaced, and forgotten, without a trace");
	{
		ForestParts parts = small_parts();
		size_t		len;
		size_t		plain_len;
		size_t		again_len;
		uint8_t    *plain = model_bytes(&parts, &plain_len);
		uint8_t    *calibrated = small_bytes(false, &len);
		uint8_t    *learned = learned_bytes(calibrated, small_labels, 6, &len);
		uint8_t    *again;

		parts.labels = small_labels;
		again = model_bytes(&parts, &again_len);
		REQUIRE(len == again_len && memcmp(learned, again, len) == 0);
		free(again);
		again = learned_bytes(learned, NULL, 6, &again_len);
		REQUIRE(again_len == plain_len &&
				memcmp(again, plain, plain_len) == 0);
		free(again);
		free(learned);
		free(calibrated);
		free(plain);
	}
	proven();
}

/*
 * Whether the leaves below a node have the lengths that whoever shows trees
 * works out of depth, rows and labels: those with labels to the bit.
 */
static bool
has_lengths(const Learner *l, uint32_t i, uint32_t depth, uint32_t sample_size)
{
	const ForestWalk *walk = &l->scorer.walk;
	uint32_t	leaf = l->numbers[i];
	uint32_t	rows;
	ForestLabels labels;
	double		length;
	double		value;

	if (!forest_walk_is_leaf(walk, i))
		return has_lengths(l, walk->nodes[i].child, depth + 1, sample_size) &&
			has_lengths(l, walk->nodes[i].child + 1, depth + 1, sample_size);
	rows = forest_get32(l->view.leaves + 4 * (size_t) leaf);
	labels = forest_view_labels(&l->view, leaf);
	length = forest_leaf_length(depth, rows, sample_size);
	value = ldexp((double) walk->values[i], -(int) walk->scale);
	if (labels.outliers + labels.normal == 0)
		return fabs(value - length) < 1e-12;
	return value == forest_learned_length(length, rows, labels.outliers,
										  labels.normal);
}

/* The leaves of generated forests, a third of which have labels. */
static void
test_lengths(void)
{
	ForestRng	rng;

	claim("scores and whoever shows trees have one length of a leaf");
	forest_rng_init(&rng, 93, 0);
	for (unit_case = 0; unit_case < 200; unit_case++)
	{
		Table		table;
		Grove		grove;
		Learner		plain;
		Learner		l;
		size_t		len;
		uint8_t    *bytes;
		ForestLabels *labels;

		learner_grow(&plain, &table, &grove, 5, 200, 12, &rng);
		labels = allocate(plain.view.n_leaves * sizeof(ForestLabels));
		for (uint64_t i = 0; i < plain.view.n_leaves; i++)
		{
			labels[i].outliers = forest_rng_below(&rng, 3) == 0;
			labels[i].normal = labels[i].outliers *
				forest_rng_below(&rng, 5);
		}
		/* at least one, as a model that has learned has */
		labels[0].normal++;
		bytes = learned_bytes(plain.bytes, labels, plain.view.n_leaves, &len);
		learner_init(&l, bytes, len);
		for (uint32_t t = 0; t < 5; t++)
			REQUIRE(has_lengths(&l, l.scorer.walk.roots[t], 0,
								forest_view_group(&l.view, 0).sample_size));
		free(labels);
		learner_free(&plain);
		learner_free(&l);
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

int
main(void)
{
	test_length();
	test_lengths();
	test_counting();
	test_scores();
	return unit_done();
}
