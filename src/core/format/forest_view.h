/*-------------------------------------------------------------------------
 *
 * forest_view.h
 *	  Reading the parts of an opened model.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_VIEW_H
#define FOREST_VIEW_H

#include "core/forest.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_labels.h"
#include "core/format/forest_model.h"
#include "core/format/forest_projection.h"
#include "core/format/forest_strings.h"

/* A model's bytes once forest_open has accepted them. */
typedef struct ForestView
{
	ForestSummary summary;
	uint32_t	n_strings;
	uint32_t	n_nodes;
	uint32_t	n_cuts;
	uint32_t	n_leaves;
	uint64_t	n_sets;
	uint32_t	n_set_splits;	/* categorical splits */
	const uint8_t *digest;		/* in the caller's bytes */
	/* sections, inside the caller's bytes */
	const uint8_t *features;
	const uint8_t *string_ends;
	const uint8_t *string_bytes;
	const uint8_t *groups;
	const uint8_t *tree_nodes;
	const uint8_t *nodes;
	const uint8_t *cuts;
	const uint8_t *leaves;
	const uint8_t *sets;
	/* the calibration; n_points is 0 if the model has none */
	uint32_t	n_points;
	uint32_t	calibration_rows;
	double		spread;
	const uint8_t *points;
	/* the profile; NULL if the model has none */
	const uint8_t *curve_ends;
	const uint8_t *knots;
	const uint8_t *category_rows;
	/* the labels of all leaves; NULL if the model has learned none */
	const uint8_t *labels;
	/* the projections; n_projections is 0 if the model has none */
	uint32_t	n_projections;
	const uint8_t *projection_ends;
	const uint8_t *terms;
	/* a generator of rows; NULL if the model has none */
	const uint8_t *generator;
	uint64_t	generator_size;
} ForestView;

/* All strings: the names of the features, then each feature's categories. */
static inline ForestStrings
forest_view_strings(const ForestView *view)
{
	return (ForestStrings)
	{
		view->n_strings, view->string_ends, view->string_bytes
	};
}

/*
 * Columns that trees may split: the features, then the projections.
 */
static inline uint32_t
forest_view_columns(const ForestView *view)
{
	return view->summary.n_features + view->n_projections;
}

extern ForestFeature forest_view_feature(const ForestView *view, uint32_t i);
extern ForestGroup forest_view_group(const ForestView *view, uint32_t i);
extern uint32_t forest_view_curve(const ForestView *view, uint32_t feature,
								  uint32_t *n);
extern ForestKnot forest_view_knot(const ForestView *view, uint32_t i);
extern double forest_view_quantile(const ForestView *view, uint32_t feature,
								   uint32_t i);
extern uint32_t forest_view_category_rows(const ForestView *view,
										  uint32_t string);
extern ForestLabels forest_view_labels(const ForestView *view, uint64_t leaf);
extern ForestLearned forest_view_learned(const ForestView *view);
extern uint32_t forest_view_terms(const ForestView *view, uint32_t projection,
								  uint32_t *end);
extern ForestTerm forest_view_term(const ForestView *view, uint32_t i);
extern ForestPoint forest_view_point(const ForestView *view, uint32_t i);
extern uint32_t forest_view_first_category(const ForestView *view,
										   uint32_t feature);
extern ForestString forest_view_string(const ForestView *view, uint32_t i);

#endif							/* FOREST_VIEW_H */
