/*-------------------------------------------------------------------------
 *
 * forest_view.c
 *	  Reading the parts of an opened model.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_profile.h"
#include "core/format/forest_view.h"

/* Feature i of an opened model. */
ForestFeature
forest_view_feature(const ForestView *view, uint32_t i)
{
	const uint8_t *p = view->features + (size_t) i * FOREST_FEATURE_SIZE;
	ForestFeature feature;

	feature.type = forest_get32(p + FOREST_FEATURE_TYPE);
	feature.n_categories = forest_get32(p + FOREST_FEATURE_N_CATEGORIES);
	feature.n_missing = forest_get64(p + FOREST_FEATURE_N_MISSING);
	feature.minimum = forest_get_double(p + FOREST_FEATURE_MINIMUM);
	feature.maximum = forest_get_double(p + FOREST_FEATURE_MAXIMUM);
	return feature;
}

/* Group i of an opened model. */
ForestGroup
forest_view_group(const ForestView *view, uint32_t i)
{
	const uint8_t *p = view->groups + (size_t) i * FOREST_GROUP_SIZE;
	ForestGroup group;

	group.n_trees = forest_get32(p + FOREST_GROUP_N_TREES);
	group.sample_size = forest_get32(p + FOREST_GROUP_SAMPLE_SIZE);
	group.depth_limit = forest_get32(p + FOREST_GROUP_DEPTH_LIMIT);
	return group;
}

/* The first term of a projection; *end becomes the one behind its last. */
uint32_t
forest_view_terms(const ForestView *view, uint32_t projection, uint32_t *end)
{
	const uint8_t *p = view->projection_ends + 4 * (size_t) projection;

	*end = forest_get32(p);
	return projection > 0 ? forest_get32(p - 4) : 0;
}

/* Term i of all projections. */
ForestTerm
forest_view_term(const ForestView *view, uint32_t i)
{
	const uint8_t *p = view->terms + (size_t) i * FOREST_TERM_SIZE;
	ForestTerm	term;

	term.feature = forest_get32(p + FOREST_TERM_FEATURE);
	term.centre = forest_get_double(p + FOREST_TERM_CENTRE);
	term.coefficient = forest_get_double(p + FOREST_TERM_COEFFICIENT);
	return term;
}

/*
 * The first knot of a feature's curve, in a model with a profile; *n becomes
 * how many there are.
 */
uint32_t
forest_view_curve(const ForestView *view, uint32_t feature, uint32_t *n)
{
	const uint8_t *end = view->curve_ends + 4 * (size_t) feature;
	uint32_t	first = feature > 0 ? forest_get32(end - 4) : 0;

	*n = forest_get32(end) - first;
	return first;
}

/* Knot i of all curves of a model with a profile. */
ForestKnot
forest_view_knot(const ForestView *view, uint32_t i)
{
	const uint8_t *p = view->knots + (size_t) i * FOREST_KNOT_SIZE;
	ForestKnot	knot;

	knot.value = forest_get_double(p + FOREST_KNOT_VALUE);
	knot.below = forest_get32(p + FOREST_KNOT_BELOW);
	knot.through = forest_get32(p + FOREST_KNOT_THROUGH);
	return knot;
}

/*
 * String number of a feature's first category, which its others follow.  It
 * adds up those of all features before it: a loop over features takes
 * model_first_categories, or keeps the sum itself.
 */
uint32_t
forest_view_first_category(const ForestView *view, uint32_t feature)
{
	uint32_t	string = view->summary.n_features;

	for (uint32_t f = 0; f < feature; f++)
		string += forest_view_feature(view, f).n_categories;
	return string;
}

/*
 * Quantile i / 40 of a feature of a model with a profile, as SQL's
 * percentile_disc: the least knot through which at least that share of the
 * rows is.  NaN if there is no knot.
 */
double
forest_view_quantile(const ForestView *view, uint32_t feature, uint32_t i)
{
	uint32_t	n;
	uint32_t	lo = forest_view_curve(view, feature, &n);
	uint32_t	hi = lo + n;
	uint64_t	rank;

	if (n == 0)
		return NAN;
	rank = forest_quantile_rank(forest_view_knot(view, hi - 1).through, i);
	while (lo < hi)
	{
		uint32_t	middle = lo + (hi - lo) / 2;

		if (forest_view_knot(view, middle).through < rank)
			lo = middle + 1;
		else
			hi = middle;
	}
	return forest_view_knot(view, lo).value;
}

/* Rows of the category that is string "string", in a model with a profile. */
uint32_t
forest_view_category_rows(const ForestView *view, uint32_t string)
{
	return forest_get32(view->category_rows +
						4 * (size_t) (string - view->summary.n_features));
}

/* Point i of an opened model's calibration. */
ForestPoint
forest_view_point(const ForestView *view, uint32_t i)
{
	const uint8_t *p = view->points + (size_t) i * FOREST_POINT_SIZE;
	ForestPoint point;

	point.length = forest_get_double(p + FOREST_POINT_LENGTH);
	point.below = forest_get32(p + FOREST_POINT_BELOW);
	point.through = forest_get32(p + FOREST_POINT_THROUGH);
	return point;
}

/*
 * String i of an opened model, inside its bytes: the names of the features
 * come first, then the categories of each feature in turn.
 */
ForestString
forest_view_string(const ForestView *view, uint32_t i)
{
	const ForestStrings strings = forest_view_strings(view);

	return forest_strings_get(&strings, i);
}

/* The labels of a leaf of an opened model: none if it has learned none. */
ForestLabels
forest_view_labels(const ForestView *view, uint64_t leaf)
{
	const uint8_t *p = view->labels;
	ForestLabels labels = {0, 0};

	if (p == NULL)
		return labels;
	p += leaf * FOREST_LABELS_SIZE;
	labels.outliers = forest_get32(p + FOREST_LABELS_OUTLIERS);
	labels.normal = forest_get32(p + FOREST_LABELS_NORMAL);
	return labels;
}

/*
 * What a model has learned: the labels of each kind that the tree with the
 * most of them has.  All trees have as many unless models were merged.
 */
ForestLearned
forest_view_learned(const ForestView *view)
{
	ForestLearned most = {0, 0};
	uint64_t	node = 0;
	uint64_t	leaf = 0;

	if (view->labels == NULL)
		return most;
	for (uint32_t tree = 0; tree < view->summary.n_trees; tree++)
	{
		uint64_t	end = node +
			forest_get32(view->tree_nodes + 4 * (size_t) tree);
		ForestLearned sum = {0, 0};

		for (; node < end; node++)
		{
			ForestLabels labels;

			forest_pause_at(node);
			if (!(forest_get16(view->nodes + 2 * node) & FOREST_NODE_LEAF))
				continue;
			labels = forest_view_labels(view, leaf++);
			sum.outliers += labels.outliers;
			sum.normal += labels.normal;
		}
		if (sum.outliers > most.outliers)
			most.outliers = sum.outliers;
		if (sum.normal > most.normal)
			most.normal = sum.normal;
	}
	return most;
}
