/*-------------------------------------------------------------------------
 *
 * features.c
 *	  The features of a model as rows.
 *
 * What the profile knows of the training rows: ranges and quantiles of
 * numbers, categories with their rows, the most frequent first.  Values are
 * texts as their types write them, so that one column holds those of all
 * features.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "base/srf.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model_bytes.h"
#include "model/model_features.h"
#include "model/model_text.h"
#include "row/feature_text.h"
#include "row/types.h"

/* The columns of iforest_features, in order. */
typedef enum FeatureColumn
{
	FEATURE_POSITION,
	FEATURE_NAME,
	FEATURE_TYPE,
	FEATURE_KIND,
	FEATURE_MISSING,
	FEATURE_MINIMUM,
	FEATURE_Q05,
	FEATURE_MEDIAN,
	FEATURE_Q95,
	FEATURE_MAXIMUM,
	FEATURE_CATEGORIES,
	FEATURE_CATEGORY_ROWS
} FeatureColumn;

/* Which of the quantiles (0, 1/40, .., 1) are shown. */
#define QUANTILE_Q05	2
#define QUANTILE_Q95	38

/* Sets a column to the text of a value, or leaves it NULL for NaN. */
static void
set_value(InspectRow *row, FeatureColumn column, const ForestFeature *feature,
		  double value)
{
	ForestType	type = (ForestType) feature->type;

	if (!isnan(value))
		inspect_set(row, column,
					CStringGetTextDatum(feature_value_text(type, value)));
}

/* A category and in how many rows it was seen. */
typedef struct CategoryCount
{
	uint32		string;
	uint32		rows;
} CategoryCount;

/* Orders categories by rows, most first, then as stored. */
static int
compare_counts(const void *a, const void *b, void *arg)
{
	const CategoryCount *x = a;
	const CategoryCount *y = b;

	if (x->rows != y->rows)
		return x->rows > y->rows ? -1 : 1;
	return (x->string > y->string) - (x->string < y->string);
}

/*
 * Sets the columns of n categories, which begin at a string's number; their
 * rows are NULL without a profile.
 */
static void
set_categories(InspectRow *row, const ForestView *view, uint32 first, uint32 n)
{
	CategoryCount *counts = palloc(Max(n, 1) * sizeof(CategoryCount));
	Datum	   *names = palloc(Max(n, 1) * sizeof(Datum));
	Datum	   *rows = palloc(Max(n, 1) * sizeof(Datum));

	for (uint32 i = 0; i < n; i++)
	{
		counts[i].string = first + i;
		counts[i].rows = view->category_rows == NULL ? 0 :
			forest_view_category_rows(view, first + i);
	}
	qsort_interruptible(counts, n, sizeof(CategoryCount), compare_counts, NULL);
	for (uint32 i = 0; i < n; i++)
	{
		ForestString name = forest_view_string(view, counts[i].string);

		CHECK_FOR_INTERRUPTS();
		names[i] = CStringGetTextDatum(model_string_text(name));
		rows[i] = Int64GetDatum((int64) counts[i].rows);
	}
	inspect_set(row, FEATURE_CATEGORIES,
			   PointerGetDatum(construct_array(names, (int) n, TEXTOID, -1,
											   false, TYPALIGN_INT)));
	if (view->category_rows != NULL)
		inspect_set(row, FEATURE_CATEGORY_ROWS,
				   PointerGetDatum(construct_array(rows, (int) n, INT8OID, 8,
												   FLOAT8PASSBYVAL,
												   TYPALIGN_DOUBLE)));
}

/*
 * Sets the columns of a number's range and, if the model has a profile, of its
 * quantiles.
 */
static void
set_range(InspectRow *row, const ForestView *view, uint32 f,
		  const ForestFeature *feature)
{
	set_value(row, FEATURE_MINIMUM, feature, feature->minimum);
	set_value(row, FEATURE_MAXIMUM, feature, feature->maximum);
	if (view->curve_ends == NULL)
		return;
	set_value(row, FEATURE_Q05, feature,
			  forest_view_quantile(view, f, QUANTILE_Q05));
	set_value(row, FEATURE_MEDIAN, feature,
			  forest_view_quantile(view, f, FOREST_MEDIAN));
	set_value(row, FEATURE_Q95, feature,
			  forest_view_quantile(view, f, QUANTILE_Q95));
}

PG_FUNCTION_INFO_V1(iforest_features);
/*
 * iforest_features(model bytea) -> TABLE(position int, name text, ..)
 *
 * One row a feature, numbered from 1: its type and what the training rows
 * were like.
 */
Datum
iforest_features(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ForestView	view;
	uint32	   *first;

	InitMaterializedSRF(fcinfo, 0);
	(void) model_open(PG_GETARG_DATUM(0), &view);
	first = model_first_categories(&view);
	for (uint32 f = 0; f < view.summary.n_features; f++)
	{
		ForestFeature feature = forest_view_feature(&view, f);
		ForestString name = forest_view_string(&view, f);
		bool		category = forest_type_is_category(feature.type);
		InspectRow	row;

		CHECK_FOR_INTERRUPTS();
		inspect_clear(&row);
		inspect_set(&row, FEATURE_POSITION, Int32GetDatum((int32) f + 1));
		inspect_set(&row, FEATURE_NAME,
					CStringGetTextDatum(model_string_text(name)));
		inspect_set(&row, FEATURE_TYPE,
				   CStringGetTextDatum(forest_type_name(feature.type)));
		inspect_set(&row, FEATURE_KIND,
				   CStringGetTextDatum(category ? "category" : "number"));
		inspect_set(&row, FEATURE_MISSING,
				   Int64GetDatum((int64) feature.n_missing));
		if (category)
			set_categories(&row, &view, first[f], feature.n_categories);
		else
			set_range(&row, &view, f, &feature);
		tuplestore_putvalues(result->setResult, result->setDesc,
							 row.values, row.nulls);
	}
	return (Datum) 0;
}
