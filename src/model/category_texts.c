/*-------------------------------------------------------------------------
 *
 * category_texts.c
 *	  The categories of a model as texts of the database, for the functions
 *	  that make rows or tell what was expected.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/category_texts.h"
#include "model/model.h"
#include "model/model_attach.h"
#include "model/model_features.h"
#include "model/model_text.h"

/* Copies the texts of an opened model's categories. */
static void *
build_texts(Model *model, const ForestView *view)
{
	CategoryTexts *result = palloc(sizeof(*result));
	uint32		d = model->summary.n_features;
	uint32		n = view->n_strings - d;

	result->first = model_first_categories(view);
	result->texts = palloc_extended(Max(n, 1) * sizeof(char *),
									MCXT_ALLOC_HUGE);
	for (uint32 f = 0; f < d; f++)
		result->first[f] -= d;
	for (uint32 i = 0; i < n; i++)
	{
		ForestString string = forest_view_string(view, d + i);
		ForestString here;

		CHECK_FOR_INTERRUPTS();
		result->texts[i] = model_string_here(string, &here) ?
			pnstrdup(here.bytes, here.len) : NULL;
	}
	return result;
}

/* The texts of a model's categories; "datum" is the model. */
CategoryTexts *
model_category_texts(Model *model, Datum datum)
{
	static const ModelPart part = {"categories", build_texts};

	return model_attached(model, datum, &part);
}

/*
 * The text of a feature's category; an error if it cannot be text in this
 * database.  It is the model's.
 */
const char *
category_text(const CategoryTexts *categories, uint32 f, uint32 code)
{
	const char *text = categories->texts[categories->first[f] + code];

	if (text == NULL)
		report_untranslatable("model");
	return text;
}
