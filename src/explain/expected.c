/*-------------------------------------------------------------------------
 *
 * expected.c
 *	  What a model expects of a column, given the others of a row.
 *
 * It is what iforest_impute puts where this column alone is missing.  That
 * takes a walk of all trees a column, several times as long as explaining the
 * row, and a density that is built when it is first asked for: so nobody
 * pays for it but who looks at it (plan/plan_expected.c).
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/builtins.h"

#include "core/density/forest_expect.h"
#include "explain/expected.h"
#include "model/model.h"
#include "row/feature_text.h"

/*
 * Begins with a row that has been scored by the model "datum", which may have
 * a profile of its training rows.  Nothing is expected without one, nor where
 * splits look at several columns, which say nothing of each column's values.
 */
void
expected_begin(Expected *expected, const ScoredRow *row, Datum datum,
			   bool has_profile)
{
	Model	   *model = row->model;
	bool		can_tell = has_profile && model->walk.projections.n == 0;

	expected->row = row;
	expected->density = can_tell ? model_density(model, datum) : NULL;
	expected->categories = !can_tell || model->categories == NULL ? NULL :
		model_category_texts(model, datum);
}

/*
 * What is expected of a feature, as its type writes it; NULL where the model
 * can't say, or the database has no letters for it.  A number's is written to
 * "buffer", which has room for FEATURE_TEXT_SIZE bytes of data.
 */
text *
expected_text(const Expected *expected, uint32 feature, text *buffer)
{
	const Model *model = expected->row->model;
	ForestType	type = model->features[feature].type;
	const CategoryTexts *texts = expected->categories;
	const char *category;
	double		value;

	if (expected->density == NULL)
		return NULL;
	value = forest_expect_given(&expected->density->box, feature, model->row);
	if (isnan(value))
		return NULL;
	if (forest_type_is_category(type))
	{
		category = texts->texts[texts->first[feature] + (uint32) value];
		return category == NULL ? NULL : cstring_to_text(category);
	}
	if (forest_type_is(type, FOREST_TRAIT_WHOLE))
		value = rint(value);
	feature_write_value(type, value, VARDATA(buffer));
	SET_VARSIZE(buffer, VARHDRSZ + strlen(VARDATA(buffer)));
	return buffer;
}
