/*-------------------------------------------------------------------------
 *
 * model_load.c
 *	  From an opened model to one that is ready for scoring.
 *
 * Decoding makes three things of the bytes: the features with a hash table of
 * their categories, the walk (nodes in arrays, by which a score is defined)
 * and, once it has scored some rows (model_score.c), the blocks that the fast
 * kernels compare.  All is in one memory context, which the cache owns.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/memutils.h"

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/score/forest_walk.h"
#include "model/model.h"
#include "model/model_calibrate.h"
#include "model/model_load.h"
#include "model/model_score.h"
#include "model/model_text.h"
#include "row/categories.h"

/*
 * Adds a category to the table in which values are looked up, as text of this
 * database; one that cannot be text here is no value's.
 */
static void
load_category(Model *model, uint32 f, ForestString category, uint32 code)
{
	ForestString here;

	if (model_string_here(category, &here) &&
		categories_find(model->categories, f, here) < 0)
		categories_add(model->categories, f, here, code);
}

/*
 * Copies names, types and categories of a model's features.  Strings lie one
 * behind the other in the bytes, and are copied in one piece.
 */
static void
load_features(const ForestView *view, Model *model)
{
	uint32		d = view->summary.n_features;
	uint32		next = d;
	Size		bytes = 0;
	char	   *copy;

	if (view->n_strings > 0)
	{
		ForestString last = forest_view_string(view, view->n_strings - 1);

		bytes = (const uint8 *) last.bytes + last.len - view->string_bytes;
	}
	copy = palloc(bytes + 1);
	forest_copy(copy, view->string_bytes, bytes);

	model->features = palloc0(d * sizeof(ModelFeature));
	if (view->n_strings > d)
		model->categories = categories_create(CurrentMemoryContext, d);
	for (uint32 f = 0; f < d; f++)
	{
		ForestFeature feature = forest_view_feature(view, f);
		ForestString name = forest_view_string(view, f);

		model->features[f].name = model_string_text(name);
		model->features[f].type = (ForestType) feature.type;
		model->features[f].n_categories = feature.n_categories;
		if (feature.n_categories > 0)
			categories_reserve(model->categories, f, feature.n_categories);
		for (uint32 code = 0; code < feature.n_categories; code++, next++)
		{
			ForestString category = forest_view_string(view, next);

			category.bytes = copy + ((const uint8 *) category.bytes -
									 view->string_bytes);
			load_category(model, f, category, code);
		}
	}
}

/* Copies a model's calibration and works out its own threshold. */
static void
load_calibration(const ForestView *view, Model *model)
{
	read_calibration(view, &model->calibration);
	if (view->n_points > 0)
		model->outlier_limit =
			forest_sum_limit(model_threshold(model,
											 view->summary.contamination),
							 model->walk.scale, model->walk.n_trees);
}

/*
 * Decodes an opened model into the current context, which then holds all of it
 * and nothing of the bytes.
 */
Model *
model_load(const ForestView *view)
{
	Model	   *model = palloc0(sizeof(*model));
	uint64		size = forest_walk_size(view);

	if (size > MaxAllocHugeSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("iforest model is too large to decode")));
	model->context = CurrentMemoryContext;
	memcpy(model->digest, view->digest, sizeof(model->digest));
	model->summary = view->summary;
	model->learned = view->labels != NULL;
	if (view->generator != NULL)
		model->generator = forest_get32(view->generator + GEN_AT_METHOD);
	load_features(view, model);
	forest_walk_build(view, palloc_extended(size, MCXT_ALLOC_HUGE),
					  &model->walk);
	load_calibration(view, model);
	model->row = palloc(view->summary.n_features * sizeof(double));
	model_begin_scoring(model);
	return model;
}
