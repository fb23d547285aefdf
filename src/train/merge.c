/*-------------------------------------------------------------------------
 *
 * merge.c
 *	  The aggregate iforest_merge: the trees of several models as one.  A
 *	  single model is returned as it is.
 *
 * Models merge if their features have the same names and types in the same
 * order.  Their categories may differ: the union is numbered anew and the
 * code sets translated.  A category that a tree never saw goes to the side
 * with fewer rows, as everywhere.  Each model's projections stay its own, with
 * other numbers.  Trees keep their normalisation, so models
 * trained on samples of different sizes merge as well, and what they have
 * learned from labels.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/memutils.h"

#include "base/aggregate.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_tree.h"
#include "core/format/forest_view.h"
#include "model/model_bytes.h"
#include "model/model_features.h"
#include "model/model_parts.h"
#include "model/model_text.h"
#include "row/types.h"
#include "train/merge_calibration.h"
#include "train/merge_profile.h"
#include "train/merge_projections.h"
#include "train/merge_repeats.h"
#include "train/merge_unlike.h"

/* A model to merge; its bytes live in the aggregate's context. */
typedef struct MergeInput
{
	bytea	   *bytes;
	ForestView	view;
} MergeInput;

/* The state of the aggregate, in its context. */
typedef struct MergeState
{
	List	   *inputs;			/* MergeInput */
	uint64		n_trees;
} MergeState;

typedef struct Merge
{
	int			n_inputs;
	const ForestView **views;
	uint16	  **codes;			/* merged code of each string of each input */
	uint32	   *next_string;	/* of each input's categories to unite next */
	uint32		n_features;
	ForestString *strings;		/* names, then each feature's categories */
	ForestFeature *features;
	uint32	   *first_string;	/* of each feature's categories */
	uint32	   *shift;			/* of the numbers of each input's projections */
	uint64		category_bytes; /* united so far */
	bool		learned;		/* whether some input has labels */
	ForestGroup *groups;
	ModelParts	model;
} Merge;

/* A category of an input, and where its merged code belongs. */
typedef struct MergeCategory
{
	ForestString bytes;
	uint16	   *code;
} MergeCategory;

/* Adds counts of rows, up to the greatest that a model may tell. */
static uint64
add_rows(uint64 a, uint64 b)
{
	return Min(a + b, (uint64) PG_INT64_MAX);
}

/* Checks that a model has the features of the first one. */
static void
check_same_shape(const ForestView *a, const ForestView *b)
{
	if (a->summary.n_features != b->summary.n_features)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("cannot merge a model of %u features with one of %u",
						a->summary.n_features, b->summary.n_features)));
	for (uint32 f = 0; f < a->summary.n_features; f++)
	{
		ForestString name_a = forest_view_string(a, f);
		ForestString name_b = forest_view_string(b, f);
		ForestFeature feature_a = forest_view_feature(a, f);
		ForestFeature feature_b = forest_view_feature(b, f);

		if (forest_string_compare(name_a, name_b) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("cannot merge models whose feature %u is named \"%s\" and \"%s\"",
							f + 1, model_string_text(name_a),
							model_string_text(name_b))));
		if (!forest_types_agree(feature_a.type, feature_b.type))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("cannot merge models whose feature \"%s\" has type %s and %s",
							model_string_text(name_a),
							forest_type_name(feature_a.type),
							forest_type_name(feature_b.type))));
	}
}

/* Orders categories by their bytes, as codes are in a model. */
static int
compare_categories(const void *a, const void *b, void *arg)
{
	return forest_string_compare(((const MergeCategory *) a)->bytes,
								 ((const MergeCategory *) b)->bytes);
}

/* Lists all inputs' categories of a feature, palloc'd; *n is how many. */
static MergeCategory *
gather_categories(const Merge *merge, uint32 f, uint64 *n)
{
	MergeCategory *all;

	*n = 0;
	for (int i = 0; i < merge->n_inputs; i++)
		*n += forest_view_feature(merge->views[i], f).n_categories;
	all = palloc_extended(Max(*n, 1) * sizeof(MergeCategory),
						  MCXT_ALLOC_HUGE);
	*n = 0;
	for (int i = 0; i < merge->n_inputs; i++)
	{
		uint32		left = forest_view_feature(merge->views[i], f).n_categories;

		CHECK_FOR_INTERRUPTS();
		for (; left > 0; left--)
		{
			uint32		string = merge->next_string[i]++;

			all[*n].bytes = forest_view_string(merge->views[i], string);
			all[(*n)++].code = &merge->codes[i][string];
		}
	}
	return all;
}

/* Reports a union of categories that is beyond what a model can have. */
static void
check_union(const Merge *merge, uint32 n)
{
	if (n > FOREST_MAX_CATEGORIES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("merged models have %u categories of one feature, but at most %d are supported",
						n, FOREST_MAX_CATEGORIES)));
	if (merge->category_bytes > FOREST_MAX_STRINGS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("merged models have categories of more than %u MB in all",
						FOREST_MAX_STRINGS >> 20)));
}

/*
 * Appends the union of the inputs' categories of a feature, in order, and
 * sets their merged codes; to be called for one feature after the other.
 */
static void
unite_categories(Merge *merge, uint32 f)
{
	ForestString *strings = merge->strings + merge->model.parts.n_strings;
	uint32		n_distinct = 0;
	uint64		n;
	MergeCategory *all = gather_categories(merge, f, &n);

	qsort_interruptible(all, n, sizeof(MergeCategory), compare_categories,
						NULL);
	for (uint64 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		if (n_distinct == 0 ||
			forest_string_compare(strings[n_distinct - 1], all[i].bytes) != 0)
		{
			strings[n_distinct++] = all[i].bytes;
			merge->category_bytes += all[i].bytes.len;
		}
		*all[i].code = (uint16) (n_distinct - 1);
	}
	pfree(all);
	check_union(merge, n_distinct);
	merge->first_string[f] = merge->model.parts.n_strings;
	merge->features[f].n_categories = n_distinct;
	merge->model.parts.n_strings += n_distinct;
}

/* Merges what the inputs tell about a feature besides its categories. */
static void
merge_feature(Merge *merge, uint32 f)
{
	ForestFeature *feature = &merge->features[f];

	*feature = forest_view_feature(merge->views[0], f);
	feature->n_missing = 0;
	for (int i = 0; i < merge->n_inputs; i++)
	{
		ForestFeature one = forest_view_feature(merge->views[i], f);

		forest_pause_at((uint64) i);
		feature->n_missing = add_rows(feature->n_missing, one.n_missing);
		if (!(feature->minimum <= one.minimum))
			feature->minimum = isnan(one.minimum) ? feature->minimum :
				one.minimum;
		if (!(feature->maximum >= one.maximum))
			feature->maximum = isnan(one.maximum) ? feature->maximum :
				one.maximum;
	}
}

/* Merges what the inputs tell about their features. */
static void
merge_features(Merge *merge)
{
	uint32		d = merge->views[0]->summary.n_features;
	uint64		n_strings = d;

	merge->codes = palloc(merge->n_inputs * sizeof(uint16 *));
	merge->next_string = palloc(merge->n_inputs * sizeof(uint32));
	for (int i = 0; i < merge->n_inputs; i++)
	{
		uint32		n = merge->views[i]->n_strings;

		CHECK_FOR_INTERRUPTS();
		n_strings += n - d;
		merge->codes[i] = palloc(n * sizeof(uint16));
		merge->next_string[i] = d;
	}
	merge->n_features = d;
	merge->features = palloc(d * sizeof(ForestFeature));
	merge->first_string = palloc(d * sizeof(uint32));
	merge->strings = palloc_extended(n_strings * sizeof(ForestString),
									 MCXT_ALLOC_HUGE);
	merge->model.parts.n_strings = d;
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		merge->strings[f] = forest_view_string(merge->views[0], f);
		merge_feature(merge, f);
		unite_categories(merge, f);
	}
}

/*
 * Appends the nodes of an input, whose categories and projections get their
 * merged numbers.
 */
static void
append_nodes(Merge *merge, int input)
{
	const ForestView *view = merge->views[input];
	uint32		d = merge->n_features;
	uint8	   *is_category = palloc(d);
	uint32	   *first = model_first_categories(view);
	ForestCursor at;

	for (uint32 f = 0; f < d; f++)
		is_category[f] =
			forest_type_is_category(forest_view_feature(view, f).type);
	forest_cursor_begin(&at, view, is_category);
	while (at.node < view->n_nodes)
	{
		ForestNode	node;

		forest_cursor_read(&at, &node);
		forest_pause_at(at.node);
		if (node.kind == FOREST_KIND_CUT && node.feature >= d)
			node.feature += merge->shift[input];
		model_parts_append_translated(&merge->model, view, node,
									  merge->codes[input], first);
	}
	pfree(first);
	pfree(is_category);
}

/* Appends the trees of an input. */
static void
append_trees(Merge *merge, int input)
{
	const ForestView *view = merge->views[input];

	model_parts_reserve(&merge->model, (ModelRoom)
						{
							.trees = view->summary.n_trees,
							.nodes = view->n_nodes,
							.cuts = view->n_cuts,
							.leaves = view->n_leaves,
							.sets = view->n_sets,
							.labels = merge->learned ? view->n_leaves : 0
						});
	for (uint32 i = 0; i < view->summary.n_trees; i++)
		merge->model.tree_nodes[merge->model.parts.summary.n_trees++] =
			forest_view_tree_nodes(view, i);
	append_nodes(merge, input);
}

/* Appends the groups of an input; like neighbours become one. */
static void
append_groups(Merge *merge, const ForestView *view)
{
	ForestSummary *sum = &merge->model.parts.summary;

	for (uint32 i = 0; i < view->summary.n_groups; i++)
	{
		ForestGroup group = forest_view_group(view, i);
		ForestGroup *last = sum->n_groups > 0 ?
			&merge->groups[sum->n_groups - 1] : NULL;

		if (last != NULL && last->sample_size == group.sample_size &&
			last->depth_limit == group.depth_limit)
			last->n_trees += group.n_trees;
		else
			merge->groups[sum->n_groups++] = group;
	}
}

/* Adds the rows of an input's categories to those of the merged ones. */
static void
add_category_rows(const Merge *merge, int input, uint32 *rows)
{
	const ForestView *view = merge->views[input];
	uint32		string = merge->n_features;

	for (uint32 f = 0; f < merge->n_features; f++)
	{
		uint32		end = string + forest_view_feature(view, f).n_categories;

		for (; string < end; string++)
		{
			uint32	   *sum = &rows[merge->first_string[f] +
									merge->codes[input][string] -
									merge->n_features];

			forest_pause_at(string);
			*sum = (uint32) Min((uint64) *sum +
								forest_view_category_rows(view, string),
								PG_UINT32_MAX);
		}
	}
}

/* Merges the profiles of the inputs, if all have one. */
static void
merge_profiles(Merge *merge)
{
	ForestParts *parts = &merge->model.parts;
	Size		size = Max(parts->n_strings, 1) * sizeof(uint32);
	uint32	   *rows = palloc_extended(size, MCXT_ALLOC_HUGE);

	forest_clear(rows, size);
	parts->category_rows = rows;
	if (!merge_curves(merge->views, merge->n_inputs, parts))
		return;
	for (int i = 0; i < merge->n_inputs; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_category_rows(merge, i, rows);
	}
}

/* Adds up the rows of the inputs; those without weights tell as many. */
static void
merge_rows(const Merge *merge, ForestSummary *sum)
{
	double		effective = 0;

	sum->rows_seen = sum->rows_kept = 0;
	for (int i = 0; i < merge->n_inputs; i++)
	{
		const ForestSummary *one = &merge->views[i]->summary;

		forest_pause_at((uint64) i);
		sum->flags |= one->flags & FOREST_FLAG_WEIGHTED;
		sum->rows_seen = add_rows(sum->rows_seen, one->rows_seen);
		sum->rows_kept = add_rows(sum->rows_kept, one->rows_kept);
		effective += rint(forest_summary_evidence(one) *
						  (double) one->rows_kept);
	}
	sum->rows_effective = (sum->flags & FOREST_FLAG_WEIGHTED) == 0 ? 0 :
		(uint32) Min(effective, (double) PG_UINT32_MAX);
}

/* Merges the trees of the inputs, and what they tell of their training. */
static void
merge_trees(Merge *merge)
{
	ForestSummary *sum = &merge->model.parts.summary;
	uint64		n_groups = 0;

	for (int i = 0; i < merge->n_inputs; i++)
	{
		n_groups += merge->views[i]->summary.n_groups;
		merge->learned |= merge->views[i]->labels != NULL;
	}
	merge->groups = palloc(n_groups * sizeof(ForestGroup));
	*sum = merge->views[0]->summary;
	sum->n_groups = sum->n_trees = 0;
	sum->flags |= FOREST_FLAG_MERGED;
	merge_rows(merge, sum);
	for (int i = 0; i < merge->n_inputs; i++)
	{
		const ForestView *view = merge->views[i];

		CHECK_FOR_INTERRUPTS();
		append_trees(merge, i);
		append_groups(merge, view);
	}
}

/* A copy of a model, palloc'd. */
static bytea *
copy_model(const bytea *bytes)
{
	bytea	   *copy = palloc(VARSIZE_ANY(bytes));

	forest_copy(copy, bytes, VARSIZE_ANY(bytes));
	return copy;
}

/*
 * Tells of generators that are left out: networks cannot be put together as
 * trees can, and that of one model knows its rows alone.
 */
static void
notice_generators(const Merge *merge)
{
	int			n = 0;

	for (int i = 0; i < merge->n_inputs; i++)
		n += merge->views[i]->generator != NULL;
	if (n > 0)
		ereport(NOTICE,
				(errmsg_plural("merged model has no generator: that of %d model is left out",
							   "merged model has no generator: those of %d models are left out",
							   n, n),
				 errhint("Train a model with a generator on the rows of all.")));
}

/* Merges the inputs into a model, palloc'd in the current context. */
static bytea *
merge_models(List *inputs)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest merge",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Merge		merge = {.n_inputs = list_length(inputs)};
	uint32		n_repeated;
	bytea	   *bytes;
	ListCell   *cell;

	merge.views = palloc(merge.n_inputs * sizeof(ForestView *));
	foreach(cell, inputs)
		merge.views[foreach_current_index(cell)] =
			&((MergeInput *) lfirst(cell))->view;
	n_repeated = merge_repeated_trees(merge.views, merge.n_inputs);
	merge_warn(merge.views, merge.n_inputs, n_repeated);
	merge_warn_unlike(merge.views, merge.n_inputs);
	notice_generators(&merge);
	merge_features(&merge);
	merge.shift = merge_projections(merge.views, merge.n_inputs,
									&merge.model.parts);
	merge_trees(&merge);
	merge_profiles(&merge);
	merge.model.parts.features = merge.features;
	merge.model.parts.strings = merge.strings;
	merge.model.parts.groups = merge.groups;

	bytes = model_parts_write(&merge.model);
	bytes = merge_calibrations(merge.views, merge.n_inputs, n_repeated, bytes);
	MemoryContextSwitchTo(old);
	bytes = copy_model(bytes);
	MemoryContextDelete(context);
	return bytes;
}

PG_FUNCTION_INFO_V1(iforest_merge_accum);
/*
 * _iforest_merge_accum(internal, bytea) -> internal
 *
 * Checks a model and keeps a copy; NULLs are passed over.
 */
Datum
iforest_merge_accum(PG_FUNCTION_ARGS)
{
	MergeState *state = PG_ARGISNULL(0) ? NULL :
		(MergeState *) PG_GETARG_POINTER(0);
	MemoryContext context = aggregate_context(fcinfo);
	MemoryContext old;
	MergeInput *input;

	if (PG_ARGISNULL(1))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}

	old = MemoryContextSwitchTo(context);
	if (state == NULL)
		state = palloc0(sizeof(*state));
	input = palloc(sizeof(*input));
	input->bytes = model_open(PointerGetDatum(PG_GETARG_BYTEA_P_COPY(1)),
							  &input->view);
	if (state->inputs != NIL)
		check_same_shape(&((MergeInput *) linitial(state->inputs))->view,
						 &input->view);
	state->n_trees += input->view.summary.n_trees;
	if (state->n_trees > FOREST_MAX_TREES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("models to merge have " UINT64_FORMAT " trees or more, but at most %d are supported",
						state->n_trees, FOREST_MAX_TREES)));
	state->inputs = lappend(state->inputs, input);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(iforest_merge_final);
/*
 * _iforest_merge_final(internal) -> bytea
 *
 * The merged model; NULL if there was none.
 */
Datum
iforest_merge_final(PG_FUNCTION_ARGS)
{
	List	   *inputs;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	inputs = ((MergeState *) PG_GETARG_POINTER(0))->inputs;
	if (list_length(inputs) == 1)
		PG_RETURN_BYTEA_P(copy_model(((MergeInput *) linitial(inputs))->bytes));
	PG_RETURN_BYTEA_P(merge_models(inputs));
}
