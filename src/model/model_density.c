/*-------------------------------------------------------------------------
 *
 * model_density.c
 *	  What a model says about the distribution of its training rows, kept
 *	  with the model for the functions that make rows and those that tell
 *	  what was expected.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/density/forest_balance.h"
#include "core/density/forest_box.h"
#include "core/density/forest_density.h"
#include "core/density/forest_density_build.h"
#include "core/density/forest_draw.h"
#include "core/density/forest_narrow.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_attach.h"
#include "model/model_density.h"

/* Memory of a size that the core asked for. */
static void *
allocate(uint64 size)
{
	if (size > MaxAllocHugeSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("iforest model is too large to make rows of")));
	return palloc_extended(Max(size, 8), MCXT_ALLOC_HUGE);
}

/*
 * Draws the features of a row that are not fixed (NULL: all), from a leaf of
 * any tree and then from what all trees say.  "seen", unless NULL, takes up
 * what each feature could have been (forest_balance_add).
 */
void
density_draw_row(ModelDensity *density, const bool *fixed, double *row,
				 ForestRng *rng, double *seen)
{
	ForestBox  *box = &density->box;
	uint32		n_trees = density->density.walk->n_trees;
	uint32		d = density->density.walk->n_features;

	box->values_only = false;
	forest_draw_leaf(box, forest_rng_below(rng, n_trees), fixed, row, rng);
	for (uint32 sweep = 1; sweep <= FOREST_SWEEPS; sweep++)
	{
		for (uint32 f = 0; f < d; f++)
		{
			double		total;

			CHECK_FOR_INTERRUPTS();
			if (fixed != NULL && fixed[f])
				continue;
			total = forest_draw_feature(box, f, row, rng);
			if (seen != NULL && sweep == FOREST_SWEEPS)
				forest_balance_add(box, f, total, seen);
		}
	}
}

/* Nodes that there is room for at first, where a forest is narrowed. */
#define NARROW_NODES	4096

/* Gives a narrowed forest more room, for at least so many nodes in all. */
static void
widen_room(ForestNarrow *narrow, uint64 *room, uint64 nodes)
{
	if (nodes <= *room)
		return;
	*room = Max(nodes, 2 * *room);
	narrow->nodes = repalloc_huge(narrow->nodes,
								  *room * sizeof(*narrow->nodes));
	narrow->gain = repalloc_huge(narrow->gain, *room * sizeof(*narrow->gain));
	narrow->rank = repalloc_huge(narrow->rank, *room * sizeof(*narrow->rank));
}

/*
 * The density as rows meet it that have the fixed features as in "row", in the
 * current context.
 */
ForestNarrow *
density_narrow(ModelDensity *density, const bool *fixed, const double *row)
{
	const ForestDensity *whole = &density->density;
	const ForestWalk *walk = whole->walk;
	ForestNarrow *narrow = palloc0(sizeof(*narrow));
	uint64		room = Min(NARROW_NODES, walk->n_nodes);

	narrow->roots = allocate(walk->n_trees * sizeof(*narrow->roots));
	narrow->nodes = allocate(room * sizeof(*narrow->nodes));
	narrow->gain = allocate(room * sizeof(*narrow->gain));
	narrow->rank = allocate(room * sizeof(*narrow->rank));
	forest_walk_slots(walk, row, density->box.slots);
	for (uint32 tree = 0; tree < walk->n_trees; tree++)
	{
		uint64		most = forest_walk_tree_end(walk, tree) - walk->roots[tree];

		CHECK_FOR_INTERRUPTS();
		widen_room(narrow, &room, narrow->walk.n_nodes + most);
		forest_narrow_tree(whole, tree, fixed, density->box.slots, narrow);
	}
	forest_narrow_finish(whole, narrow);
	return narrow;
}

/* Works out the gains of all leaves. */
static void
weigh_trees(ModelDensity *result, const Model *model)
{
	double		sharpness = forest_sharpness(model->summary.n_features);

	for (uint32 tree = 0; tree < model->walk.n_trees; tree++)
	{
		CHECK_FOR_INTERRUPTS();
		forest_density_weigh_tree(&result->density, &result->box, tree,
								  sharpness);
	}
}

/* Sees to it that the features keep their distributions. */
static void
balance_shares(ModelDensity *result, const Model *model)
{
	Size		size = result->density.n_cells * sizeof(double);
	double	   *seen = allocate(size);
	double	   *row = palloc0(model->summary.n_features * sizeof(double));

	for (uint32 round = 0; round < FOREST_BALANCE_ROUNDS; round++)
	{
		forest_clear(seen, size);
		for (uint32 i = 0; i < FOREST_BALANCE_ROWS; i++)
		{
			ForestRng	rng;

			forest_rng_start(&rng, model->summary.seed, FOREST_FOR_BALANCE,
							 (uint64) round * FOREST_BALANCE_ROWS + i);
			density_draw_row(result, NULL, row, &rng, seen);
		}
		forest_balance(&result->density, seen, FOREST_BALANCE_ROWS, round);
	}
	pfree(row);
	pfree(seen);
}

/*
 * Builds the density of an opened model, in the current context; errors if
 * the model has no profile, or has projections.
 */
static void *
build_density(Model *model, const ForestView *view)
{
	ModelDensity *result = palloc0(sizeof(*result));
	void	   *temporary;

	if (!forest_has_density(view))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("a forest whose splits look at several columns says nothing of each column's values"),
				 errhint("Make rows with method => 'vae', by a model trained with generator => 'vae', or train with columns_per_split => 1.")));
	if (view->curve_ends == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("model does not tell what its training rows were like"),
				 errdetail("It has no profile: curves of its numbers and rows of its categories."),
				 errhint("Train it with iforest_train, or give the document of iforest_from_json a profile.")));
	temporary = allocate(forest_density_temporary_size(view));
	forest_density_build(view, &model->walk,
						 allocate(forest_density_size(view)), temporary,
						 &result->density);
	pfree(temporary);
	forest_box_init(&result->density,
					allocate(forest_box_size(&result->density)),
					&result->box);
	weigh_trees(result, model);
	balance_shares(result, model);
	return result;
}

/* What a model keeps for making rows; "datum" is the model. */
ModelDensity *
model_density(Model *model, Datum datum)
{
	static const ModelPart part = {"density", build_density};

	return model_attached(model, datum, &part);
}
