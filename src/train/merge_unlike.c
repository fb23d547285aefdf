/*-------------------------------------------------------------------------
 *
 * merge_unlike.c
 *	  Whether models to merge were trained on rows that are alike.
 *
 * A tree of a merged forest knows the rows of one model only.  Where these are
 * alike, that is enough.  Where each model saw another month, tenant or range,
 * its trees call the others' rows unusual, and outliers drown among them.
 *
 * Models keep a profile of their training rows.  Two are compared feature by
 * feature: numbers by the greatest distance of their distribution functions
 * (Kolmogorov and Smirnov's), categories by the rows that would have to change
 * theirs, both from 0 to 1, and less what chance makes of alike rows.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_pause.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model_features.h"
#include "model/model_text.h"
#include "train/merge_unlike.h"

/* A distance, beyond chance, from which on rows are clearly different. */
#define UNLIKE			0.25

/*
 * Standard deviations that are put down to chance.  Distribution functions of
 * alike rows are farther apart once in 1500 times, and then by a hair.
 */
#define CHANCE_NUMBERS	2.0
#define CHANCE_CATEGORY	3.0

/* A curve, and where a walk along it is. */
typedef struct CurveWalk
{
	const ForestView *view;
	uint32		first;			/* knot */
	uint32		n;				/* knots */
	uint32		i;				/* knots passed */
	double		rows;
} CurveWalk;

/* Begins to walk along the curve of a feature, from its first knot. */
static CurveWalk
curve_begin(const ForestView *view, uint32 f)
{
	CurveWalk	walk = {.view = view};

	walk.first = forest_view_curve(view, f, &walk.n);
	if (walk.n > 0)
		walk.rows = forest_view_knot(view, walk.first + walk.n - 1).through;
	return walk;
}

/* The value of the next knot; infinity behind the last. */
static double
curve_value(const CurveWalk *walk)
{
	return walk->i < walk->n ?
		forest_view_knot(walk->view, walk->first + walk->i).value : INFINITY;
}

/*
 * Walks on to a value, which is none of a knot passed.  Returns the least
 * share of rows that may be up to it, and the greatest.
 */
static void
curve_advance(CurveWalk *walk, double value, double *least, double *greatest)
{
	double		passed;

	if (walk->i < walk->n && curve_value(walk) == value)
		walk->i++;
	passed = walk->i == 0 ? 0 :
		forest_view_knot(walk->view, walk->first + walk->i - 1).through;
	*least = passed / walk->rows;
	*greatest = *least;
	if (walk->i > 0 && walk->i < walk->n &&
		forest_view_knot(walk->view, walk->first + walk->i - 1).value != value)
		*greatest =
			forest_view_knot(walk->view, walk->first + walk->i).below /
			walk->rows;
}

/* The difference of two shares of n_a and n_b rows, beyond chance. */
static double
shares_apart(double in_a, double n_a, double in_b, double n_b)
{
	double		share = (in_a + in_b) / (n_a + n_b);
	double		chance = CHANCE_CATEGORY *
		sqrt(share * (1 - share) * (1 / n_a + 1 / n_b));

	return Max(fabs(in_a / n_a - in_b / n_b) - chance, 0);
}

/* How far the shares of rows without feature f are apart in two models. */
static double
missing_apart(const ForestView *a, const ForestView *b, uint32 f)
{
	double		of_a = forest_summary_evidence(&a->summary);
	double		of_b = forest_summary_evidence(&b->summary);
	double		n_a = of_a * (double) a->summary.rows_kept;
	double		n_b = of_b * (double) b->summary.rows_kept;
	double		in_a = of_a * (double) forest_view_feature(a, f).n_missing;
	double		in_b = of_b * (double) forest_view_feature(b, f).n_missing;

	return n_a == 0 || n_b == 0 ? 0 :
		shares_apart(Min(in_a, n_a), n_a, Min(in_b, n_b), n_b);
}

/* How far the numbers of feature f are apart in two models. */
static double
numbers_apart(const ForestView *a, const ForestView *b, uint32 f)
{
	CurveWalk	walk_a = curve_begin(a, f);
	CurveWalk	walk_b = curve_begin(b, f);
	double		missing = missing_apart(a, b, f);
	double		apart = 0;

	if (walk_a.n == 0 || walk_b.n == 0)
		return missing;
	while (walk_a.i < walk_a.n && walk_b.i < walk_b.n)
	{
		double		value = Min(curve_value(&walk_a), curve_value(&walk_b));
		double		least_a,
					least_b,
					greatest_a,
					greatest_b;

		curve_advance(&walk_a, value, &least_a, &greatest_a);
		curve_advance(&walk_b, value, &least_b, &greatest_b);
		apart = Max(apart, Max(least_a - greatest_b, least_b - greatest_a));
	}
	apart -= CHANCE_NUMBERS *
		sqrt(1 / (walk_a.rows * forest_summary_evidence(&a->summary)) +
			 1 / (walk_b.rows * forest_summary_evidence(&b->summary)));
	return Max(apart, missing);
}

/*
 * Rows behind the categories of a feature, whose strings begin at "string", as
 * many as they tell.
 */
static double
category_rows(const ForestView *view, uint32 f, uint32 string)
{
	ForestFeature feature = forest_view_feature(view, f);
	double		rows = (double) feature.n_missing;

	for (uint32 i = 0; i < feature.n_categories; i++)
		rows += forest_view_category_rows(view, string + i);
	return rows * forest_summary_evidence(&view->summary);
}

/*
 * How far the categories of feature f are apart in two models, in which their
 * strings begin at i and j.
 */
static double
categories_apart(const ForestView *a, const ForestView *b, uint32 f,
				 uint32 i, uint32 j)
{
	ForestFeature in_a = forest_view_feature(a, f);
	ForestFeature in_b = forest_view_feature(b, f);
	double		of_a = forest_summary_evidence(&a->summary);
	double		of_b = forest_summary_evidence(&b->summary);
	double		n_a = category_rows(a, f, i);
	double		n_b = category_rows(b, f, j);
	uint32		end_a = i + in_a.n_categories;
	uint32		end_b = j + in_b.n_categories;
	double		apart;

	if (n_a == 0 || n_b == 0)
		return 0;
	apart = shares_apart(of_a * (double) in_a.n_missing, n_a,
						 of_b * (double) in_b.n_missing, n_b);
	while (i < end_a || j < end_b)
	{
		int			order = i == end_a ? 1 : j == end_b ? -1 :
			forest_string_compare(forest_view_string(a, i),
								  forest_view_string(b, j));
		double		rows_a = order <= 0 ? forest_view_category_rows(a, i) : 0;
		double		rows_b = order >= 0 ? forest_view_category_rows(b, j) : 0;

		forest_pause_at((uint64) i + j);
		apart += shares_apart(of_a * rows_a, n_a, of_b * rows_b, n_b);
		i += order <= 0;
		j += order >= 0;
	}
	return apart / 2;
}

/* How far the rows of two models are apart, and in which feature the most. */
static double
rows_apart(const ForestView *a, const ForestView *b, uint32 *feature)
{
	uint32	   *first_a = model_first_categories(a);
	uint32	   *first_b = model_first_categories(b);
	double		most = 0;

	for (uint32 f = 0; f < a->summary.n_features; f++)
	{
		double		apart;

		CHECK_FOR_INTERRUPTS();
		apart = forest_type_is_category(forest_view_feature(a, f).type) ?
			categories_apart(a, b, f, first_a[f], first_b[f]) :
			numbers_apart(a, b, f);
		if (apart <= most)
			continue;
		most = apart;
		*feature = f;
	}
	pfree(first_a);
	pfree(first_b);
	return most;
}

/*
 * Warns of models whose training rows are clearly different from the first
 * one's.  Those without a profile are passed over.
 */
void
merge_warn_unlike(const ForestView *const *views, int n_views)
{
	double		most = 0;
	uint32		feature = 0;
	int			n_unlike = 0;

	for (int v = 1; v < n_views && views[0]->curve_ends != NULL; v++)
	{
		uint32		f = 0;
		double		apart;

		if (views[v]->curve_ends == NULL)
			continue;
		apart = rows_apart(views[0], views[v], &f);
		n_unlike += apart > UNLIKE;
		if (apart <= most)
			continue;
		most = apart;
		feature = f;
	}
	if (n_unlike == 0)
		return;
	ereport(WARNING,
			(errmsg_plural("training rows of %d merged model are unlike those of the first, most of all in feature \"%s\"",
						   "training rows of %d merged models are unlike those of the first, most of all in feature \"%s\"",
						   n_unlike, n_unlike,
						   model_string_text(forest_view_string(views[0], feature))),
			 errdetail("Each tree knows the rows of one model and takes others for outliers."),
			 errhint("Make one model of all rows: unite sketches of the parts with iforest_sketch_union and train on that. Or score each part by its own model.")));
}
