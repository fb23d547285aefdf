/*-------------------------------------------------------------------------
 *
 * forest_view.c
 *	  Reading the parts of an opened model.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_layout.h"

#include <string.h>

/* Orders two strings bytewise, a prefix first. */
int
forest_string_compare(ForestString a, ForestString b)
{
	uint32_t	n = a.len < b.len ? a.len : b.len;
	int			cmp = n > 0 ? memcmp(a.bytes, b.bytes, n) : 0;

	if (cmp != 0)
		return cmp;
	return (a.len > b.len) - (a.len < b.len);
}

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

/* Quantile i / 40 of a feature of a model with a profile; NaN if none. */
double
forest_view_quantile(const ForestView *view, uint32_t feature, uint32_t i)
{
	return forest_get_double(view->quantiles + 8 *
							 ((size_t) feature * FOREST_QUANTILES + i));
}

/* Rows of the category that is string "string", in a model with a profile. */
uint32_t
forest_view_category_rows(const ForestView *view, uint32_t string)
{
	return forest_get32(view->category_rows +
						4 * (size_t) (string - view->summary.n_features));
}

/* Point i of an opened model's score summary. */
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
	const uint8_t *end = view->string_ends + 4 * (size_t) i;
	uint32_t	begin = i > 0 ? forest_get32(end - 4) : 0;
	ForestString s;

	s.bytes = (const char *) view->string_bytes + begin;
	s.len = forest_get32(end) - begin;
	return s;
}
