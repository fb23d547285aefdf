/*-------------------------------------------------------------------------
 *
 * document_row.c
 *	  A made row as a JSON object.
 *
 * Values are written as to_jsonb() writes those of a row, and so that scoring
 * the object reads them back (row/document.c).  No code of a user runs: a
 * document has no column types whose input functions could.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/jsonb.h"

#include "base/json_put.h"
#include "generate/document_row.h"
#include "model/category_texts.h"
#include "model/model.h"
#include "row/feature_json.h"

/* Puts the members of an object, which values that come later replace. */
static void
put_members(JsonWriter *json, Jsonb *object)
{
	JsonbIterator *it = JsonbIteratorInit(&object->root);
	JsonbValue	key;
	JsonbValue	value;

	(void) JsonbIteratorNext(&it, &key, true);	/* WJB_BEGIN_OBJECT */
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		CHECK_FOR_INTERRUPTS();
		(void) JsonbIteratorNext(&it, &value, true);
		json_put_key(json, pnstrdup(key.val.string.val, key.val.string.len));
		json_put_value(json, &value);
	}
}

/*
 * Puts a feature's value: null if it is missing, or a category that the model
 * does not know.
 */
static void
put_feature(JsonWriter *json, const Model *model,
			const CategoryTexts *categories, uint32 f, double value)
{
	const ModelFeature *feature = &model->features[f];

	if (!forest_type_is_category(feature->type))
		feature_put_json(json, feature->type, value);
	else if (value >= 0 && value < feature->n_categories)
		json_put_string(json, category_text(categories, f, (uint32) value));
	else
		json_put_null(json);
}

/*
 * The object "base" with a row's features in it, palloc'd; "datum" is the
 * model.  Features that are "kept" (NULL: none is) are as in the base, present
 * or not, as are members that are no features.
 */
Jsonb *
document_row(Jsonb *base, Model *model, Datum datum, const double *row,
			 const bool *kept)
{
	const CategoryTexts *categories = model->categories == NULL ? NULL :
		model_category_texts(model, datum);
	JsonWriter	json = {0};

	json_begin_object(&json);
	put_members(&json, base);
	for (uint32 f = 0; f < model->summary.n_features; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (kept != NULL && kept[f])
			continue;
		/* of members with one key, jsonb keeps the last */
		json_put_key(&json, model->features[f].name);
		put_feature(&json, model, categories, f, row[f]);
	}
	json_end_object(&json);
	return json_written(&json);
}
