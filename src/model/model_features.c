/*-------------------------------------------------------------------------
 *
 * model_features.c
 *	  A model's features by name, and the usual row of its training rows.
 *
 * The usual row, the medians and the commonest categories, is where maps hold
 * the features that they do not vary.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_features.h"

/* Features that a hint lists by name. */
#define MAX_LISTED		20

/*
 * The names of a model's features in their order, for a hint: quoted, and of
 * more than MAX_LISTED the first and how many more there are.
 */
char *
list_features(const Model *model)
{
	uint32		d = model->summary.n_features;
	uint32		n = d <= MAX_LISTED ? d : MAX_LISTED - 1;
	StringInfoData names;

	initStringInfo(&names);
	for (uint32 f = 0; f < n; f++)
		appendStringInfo(&names, "%s\"%s\"", f > 0 ? ", " : "",
						 model->features[f].name);
	if (n < d)
		appendStringInfo(&names, " and %u more (iforest_features(model) lists them)",
						 d - n);
	return names.data;
}

/*
 * The hint of an error about a feature that the model does not have.  Returns
 * what errhint() does, so that it stands where that does.
 */
int
hint_features(const Model *model)
{
	return errhint("Its features are %s.", list_features(model));
}

/*
 * The number of the feature of a name of "len" bytes; n_features if there is
 * none.
 */
uint32
find_feature(const Model *model, const char *name, size_t len)
{
	uint32		f = 0;

	while (f < model->summary.n_features &&
		   (strlen(model->features[f].name) != len ||
			memcmp(model->features[f].name, name, len) != 0))
		f++;
	return f;
}

/*
 * The code of a feature's most frequent category, the first of several;
 * without a profile the first of all.  NaN if it has none.
 */
static double
common_category(const ForestView *view, uint32 first, uint32 n)
{
	uint32		best = 0;

	for (uint32 i = 1; i < n && view->category_rows != NULL; i++)
		if (forest_view_category_rows(view, first + i) >
			forest_view_category_rows(view, first + best))
			best = i;
	return n > 0 ? best : NAN;
}

/*
 * The median of a number; without a profile, the middle of its range.  A
 * boolean is one or the other.
 */
static double
usual_number(const ForestView *view, uint32 feature,
			 const ForestFeature *trained)
{
	double		median = view->curve_ends == NULL ?
		trained->minimum / 2 + trained->maximum / 2 :
		forest_view_quantile(view, feature, FOREST_MEDIAN);

	return trained->type == FOREST_BOOL ? floor(median + 0.5) : median;
}

/*
 * Fills a row with what is usual: the median of a number, the commonest
 * category.
 */
void
grid_usual_row(const ForestView *view, double *row)
{
	uint32	   *first = model_first_categories(view);

	for (uint32 f = 0; f < view->summary.n_features; f++)
	{
		ForestFeature trained = forest_view_feature(view, f);

		CHECK_FOR_INTERRUPTS();
		row[f] = forest_type_is_category(trained.type) ?
			common_category(view, first[f], trained.n_categories) :
			usual_number(view, f, &trained);
	}
	pfree(first);
}

/*
 * String numbers of each feature's first category, palloc'd; those of a
 * number are where its would be.
 */
uint32 *
model_first_categories(const ForestView *view)
{
	uint32		d = view->summary.n_features;
	uint32	   *first = palloc(d * sizeof(uint32));
	uint32		string = d;

	for (uint32 f = 0; f < d; f++)
	{
		first[f] = string;
		string += forest_view_feature(view, f).n_categories;
	}
	return first;
}
