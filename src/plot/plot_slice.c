/*-------------------------------------------------------------------------
 *
 * plot_slice.c
 *	  Which two features a map shows, and where it holds the others.
 *
 * A model has many features and a picture two.  The map is a slice: the other
 * features are held at option "at", or at what is usual.  A note below the
 * picture says so, since a row's own score depends on all of its values and
 * may differ from that of the place where it is drawn.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "base/json_value.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_features.h"
#include "model/model_text.h"
#include "plot/plot_options.h"
#include "plot/plot_slice.h"
#include "row/categories.h"
#include "row/document.h"
#include "row/feature_text.h"
#include "row/types.h"

/* Features that the text about a slice names; it counts the others. */
#define NAMED_FEATURES	4

/*
 * The number of the feature that an option gives by name or by position,
 * counted from 1; a name that is a number is a name first.  An error (42703)
 * where it is neither.
 */
uint32
plot_feature(const Model *model, const char *which, const char *option)
{
	uint32		d = model->summary.n_features;
	uint32		f = find_feature(model, which, strlen(which));
	size_t		digits = strspn(which, "0123456789");

	if (f < d)
		return f;
	if (digits > 0 && digits < 8 && which[digits] == '\0' &&
		atol(which) >= 1 && atol(which) <= (long) d)
		return (uint32) atol(which) - 1;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("option \"%s\" is \"%s\", but must be the name or the position of one of the model's %u features",
					option, which, d),
			 hint_features(model)));
}

/* The code of a category; n_categories if the model never saw it. */
static double
category_code(const Model *model, uint32 feature, ForestString category)
{
	int32		code = -1;

	if (model->categories != NULL)
		code = categories_find(model->categories, feature, category);
	return code >= 0 ? (double) code :
		(double) model->features[feature].n_categories;
}

/*
 * A JSON value as that of a feature: read as that of a document is, so that
 * no setting changes what a picture shows.
 */
static double
feature_from_json(const Model *model, uint32 feature, const JsonbValue *value)
{
	const ModelFeature *known = &model->features[feature];

	if (value->type == jbvNull)
		return NAN;
	if (forest_type_is_category(known->type))
		return category_code(model, feature,
							 document_category(known->name, known->type,
											   value));
	return document_number(known->name, known->type, value);
}

/* Tells which value of option "at" is refused. */
static void
at_context(void *name)
{
	errcontext("option \"at\", feature \"%s\"", (const char *) name);
}

/* The number of the feature that a key of option "at" names. */
static uint32
at_feature(const Model *model, const JsonbValue *key)
{
	uint32		f = find_feature(model, key->val.string.val,
								 (size_t) key->val.string.len);

	if (f == model->summary.n_features)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("option \"at\" names \"%.*s\", which is no feature of the model",
						key->val.string.len, key->val.string.val),
				 hint_features(model)));
	return f;
}

/* Sets the features of a row that option "at" gives. */
static void
place_slice(const Model *model, Jsonb *at, double *row)
{
	ErrorContextCallback context = {error_context_stack, at_context, NULL};
	JsonbIterator *it = JsonbIteratorInit(&at->root);
	JsonbValue	key;
	JsonbValue	value;

	(void) JsonbIteratorNext(&it, &key, true);	/* WJB_BEGIN_OBJECT */
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		uint32		feature = at_feature(model, &key);

		CHECK_FOR_INTERRUPTS();
		(void) JsonbIteratorNext(&it, &value, true);
		context.arg = (void *) model->features[feature].name;
		error_context_stack = &context;
		row[feature] = feature_from_json(model, feature, &value);
		error_context_stack = context.previous;
	}
}

/*
 * Checks that the model has every feature that the options name, also of a
 * picture that has no use for one.
 */
void
plot_check_features(const Model *model, const PlotOptions *options)
{
	double	   *row = palloc(model->summary.n_features * sizeof(double));

	if (options->x != NULL)
		(void) plot_feature(model, options->x, "x");
	if (options->y != NULL)
		(void) plot_feature(model, options->y, "y");
	if (options->at != NULL)
		place_slice(model, options->at, row);
	pfree(row);
}

/*
 * The row, palloc'd, that a map varies in two features: what option "at"
 * gives, and for all other features the median or the commonest category.
 */
double *
plot_slice(const ForestView *view, const Model *model,
		   const PlotOptions *options)
{
	double	   *row = palloc(view->summary.n_features * sizeof(double));

	grid_usual_row(view, row);
	if (options->at != NULL)
		place_slice(model, options->at, row);
	return row;
}

/*
 * The text of a feature's value, palloc'd; "first" is the number of the
 * feature's first category among the model's strings.
 */
static char *
slice_value(const ForestView *view, uint32 first, const ForestFeature *trained,
			double value)
{
	if (isnan(value))
		return pstrdup("NULL");
	if (!forest_type_is_category(trained->type))
		return feature_value_text((ForestType) trained->type, value);
	if (value >= trained->n_categories)
		return pstrdup("(never seen)");
	return model_string_text(forest_view_string(view, first + (uint32) value));
}

/*
 * Says where a map holds the features other than x and y, palloc'd; NULL if
 * there are none.
 */
char *
plot_slice_text(const ForestView *view, const double *row, uint32 x, uint32 y)
{
	uint32		d = view->summary.n_features;
	uint32	   *first;
	uint32		named = 0;
	StringInfoData s;

	if (d <= 2)
		return NULL;
	first = model_first_categories(view);
	initStringInfo(&s);
	appendStringInfoString(&s, "Map: the score where ");
	for (uint32 f = 0; f < d; f++)
	{
		ForestFeature trained = forest_view_feature(view, f);

		if (f == x || f == y || named++ >= NAMED_FEATURES)
			continue;
		appendStringInfo(&s, "%s%s is %s", named > 1 ? ", " : "",
						 model_string_text(forest_view_string(view, f)),
						 slice_value(view, first[f], &trained, row[f]));
	}
	if (named > NAMED_FEATURES)
		appendStringInfo(&s, " and %u more columns are as usual",
						 named - NAMED_FEATURES);
	return s.data;
}
