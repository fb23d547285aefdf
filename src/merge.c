/*-------------------------------------------------------------------------
 *
 * merge.c
 *	  The aggregate iforest_merge: the trees of several models as one.  A
 *	  single model is returned as it is.
 *
 * Models merge if their features have the same names and types in the same
 * order.  Their categories may differ: the union is numbered anew and the
 * code sets translated.  A category that a tree never saw goes to the side
 * with fewer rows, as everywhere.  Trees keep their normalisation, so models
 * trained on samples of different sizes merge as well.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "forest_layout.h"
#include "inspect.h"

/* A model to merge; its bytes live in the aggregate's context. */
typedef struct MergeInput
{
	bytea	   *bytes;
	ForestView	view;
	uint32		next_string;	/* of the categories to unite next */
} MergeInput;

typedef struct Merge
{
	List	   *inputs;			/* MergeInput */
	uint32		n_features;
	ForestString *strings;		/* names, then each feature's categories */
	ForestFeature *features;
	uint32	   *first_string;	/* of each feature's categories */
	ForestGroup *groups;
	ModelParts	model;
} Merge;

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

static int
compare_strings(const void *a, const void *b)
{
	return forest_string_compare(*(const ForestString *) a,
								 *(const ForestString *) b);
}

/*
 * Appends the union of the inputs' categories of a feature, in order; to be
 * called for one feature after the other.
 */
static void
unite_categories(Merge *merge, uint32 f)
{
	ForestString *strings = merge->strings + merge->model.parts.n_strings;
	uint32		n = 0;
	uint32		n_distinct = 0;
	ListCell   *cell;

	foreach(cell, merge->inputs)
	{
		MergeInput *input = lfirst(cell);
		uint32		left = forest_view_feature(&input->view, f).n_categories;

		for (; left > 0; left--)
			strings[n++] = forest_view_string(&input->view,
											  input->next_string++);
	}
	qsort(strings, n, sizeof(ForestString), compare_strings);
	for (uint32 i = 0; i < n; i++)
	{
		if (n_distinct == 0 ||
			compare_strings(&strings[n_distinct - 1], &strings[i]) != 0)
			strings[n_distinct++] = strings[i];
	}
	if (n_distinct > FOREST_MAX_CATEGORIES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("merged models have %u categories of one feature, but at most %d are supported",
						n_distinct, FOREST_MAX_CATEGORIES)));
	merge->first_string[f] = merge->model.parts.n_strings;
	merge->features[f].n_categories = n_distinct;
	merge->model.parts.n_strings += n_distinct;
}

/* Merges what the inputs tell about their features. */
static void
merge_features(Merge *merge)
{
	const ForestView *head = &((MergeInput *) linitial(merge->inputs))->view;
	uint32		d = head->summary.n_features;
	uint64		n_strings = d;
	ListCell   *cell;

	foreach(cell, merge->inputs)
	{
		MergeInput *input = lfirst(cell);

		n_strings += input->view.n_strings - d;
		input->next_string = d;
	}
	merge->n_features = d;
	merge->features = palloc(d * sizeof(ForestFeature));
	merge->first_string = palloc(d * sizeof(uint32));
	merge->strings = palloc_extended(n_strings * sizeof(ForestString),
									 MCXT_ALLOC_HUGE);
	merge->model.parts.n_strings = d;
	for (uint32 f = 0; f < d; f++)
	{
		ForestFeature *feature = &merge->features[f];

		CHECK_FOR_INTERRUPTS();
		merge->strings[f] = forest_view_string(head, f);
		*feature = forest_view_feature(head, f);
		feature->n_missing = 0;
		foreach(cell, merge->inputs)
		{
			ForestFeature one =
			forest_view_feature(&((MergeInput *) lfirst(cell))->view, f);

			feature->n_missing = add_rows(feature->n_missing, one.n_missing);
			if (!(feature->minimum <= one.minimum))
				feature->minimum = isnan(one.minimum) ? feature->minimum : one.minimum;
			if (!(feature->maximum >= one.maximum))
				feature->maximum = isnan(one.maximum) ? feature->maximum : one.maximum;
		}
		unite_categories(merge, f);
	}
}

/* For each string of an input, the merged code of that category. */
static uint16 *
translate_codes(const Merge *merge, const ForestView *view)
{
	uint16	   *codes = palloc(view->n_strings * sizeof(uint16));
	uint32		next = merge->n_features;

	for (uint32 f = 0; f < merge->n_features; f++)
	{
		const ForestString *merged = merge->strings + merge->first_string[f];
		uint32		n = forest_view_feature(view, f).n_categories;
		uint16		code = 0;

		/* both are in order, so one walk along them suffices */
		for (uint32 i = 0; i < n; i++, next++)
		{
			ForestString category = forest_view_string(view, next);

			while (forest_string_compare(merged[code], category) != 0)
				code++;
			codes[next] = code;
		}
	}
	return codes;
}

/* Appends the code sets of an input, in the order of its nodes. */
static void
append_sets(Merge *merge, const ForestView *view)
{
	ForestParts *parts = &merge->model.parts;
	uint16	   *codes = translate_codes(merge, view);
	uint32	   *first = palloc(merge->n_features * sizeof(uint32));
	uint64		at = 0;

	first[0] = merge->n_features;
	for (uint32 f = 1; f < merge->n_features; f++)
		first[f] = first[f - 1] + forest_view_feature(view, f - 1).n_categories;
	for (uint32 i = 0; i < view->n_nodes; i++)
	{
		uint16		word = forest_get16(view->nodes + 2 * (size_t) i);
		uint16		head;
		uint32		f;

		forest_pause_at(i);
		if (word & FOREST_NODE_LEAF)
			continue;
		f = word & FOREST_NODE_FEATURE;
		if (!forest_type_is_category(merge->features[f].type))
			continue;
		head = forest_get16(view->sets + 2 * at++);
		merge->model.sets[parts->n_sets++] = head;
		for (uint32 k = 0; k < (head & FOREST_SET_COUNT); k++)
			merge->model.sets[parts->n_sets++] =
				codes[first[f] + forest_get16(view->sets + 2 * at++)];
	}
	pfree(first);
	pfree(codes);
}

/* Appends the trees of an input. */
static void
append_trees(Merge *merge, const ForestView *view)
{
	ForestParts *parts = &merge->model.parts;

	model_parts_reserve(&merge->model, view->summary.n_trees, view->n_nodes,
						view->n_cuts, view->n_leaves, view->n_sets);
	for (uint32 i = 0; i < view->summary.n_trees; i++)
		merge->model.tree_nodes[parts->summary.n_trees++] =
			forest_get32(view->tree_nodes + 4 * (size_t) i);
	for (uint32 i = 0; i < view->n_nodes; i++)
	{
		forest_pause_at(i);
		merge->model.nodes[parts->n_nodes++] =
			forest_get16(view->nodes + 2 * (size_t) i);
	}
	for (uint32 i = 0; i < view->n_cuts; i++)
	{
		forest_pause_at(i);
		merge->model.cuts[parts->n_cuts++] =
			forest_get_double(view->cuts + 8 * (size_t) i);
	}
	for (uint32 i = 0; i < view->n_leaves; i++)
	{
		forest_pause_at(i);
		merge->model.leaves[parts->n_leaves++] =
			forest_get32(view->leaves + 4 * (size_t) i);
	}
	append_sets(merge, view);
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

/* Merges the profiles of the inputs, if all have one. */
static void
merge_profiles(Merge *merge, const ForestView *const *views)
{
	ForestParts *parts = &merge->model.parts;
	int			n = list_length(merge->inputs);
	uint32	   *rows = palloc0(Max(parts->n_strings, 1) * sizeof(uint32));

	parts->quantiles = merge_quantiles(views, n);
	parts->category_rows = rows;
	for (int i = 0; i < n && parts->quantiles != NULL; i++)
	{
		uint16	   *codes = translate_codes(merge, views[i]);
		uint32		string = merge->n_features;

		for (uint32 f = 0; f < merge->n_features; f++)
		{
			uint32		end = string + forest_view_feature(views[i], f).n_categories;

			for (; string < end; string++)
			{
				uint32	   *sum = &rows[merge->first_string[f] +
										codes[string] - merge->n_features];

				*sum = (uint32) Min((uint64) *sum +
									forest_view_category_rows(views[i], string),
									PG_UINT32_MAX);
			}
		}
		pfree(codes);
	}
}

/* Merges the inputs into a model, palloc'd in the current context. */
static bytea *
merge_models(List *inputs)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest merge",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	const ForestView *head = &((MergeInput *) linitial(inputs))->view;
	Merge		merge = {0};
	ForestSummary *sum = &merge.model.parts.summary;
	const ForestView **views = palloc(list_length(inputs) *
									  sizeof(ForestView *));
	uint32		n_groups = 0;
	uint64		n_trees = 0;
	bytea	   *bytes;
	ListCell   *cell;

	merge.inputs = inputs;
	foreach(cell, inputs)
	{
		const ForestView *view = &((MergeInput *) lfirst(cell))->view;

		views[foreach_current_index(cell)] = view;
		n_trees += view->summary.n_trees;
		n_groups += view->summary.n_groups;
	}
	if (n_trees > FOREST_MAX_TREES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("merged models have " UINT64_FORMAT " trees, but at most %d are supported",
						n_trees, FOREST_MAX_TREES)));
	merge.groups = palloc(n_groups * sizeof(ForestGroup));
	merge_features(&merge);
	*sum = head->summary;
	sum->n_groups = sum->n_trees = 0;
	sum->rows_seen = sum->rows_kept = 0;
	sum->flags |= FOREST_FLAG_MERGED;
	foreach(cell, inputs)
	{
		const ForestView *view = &((MergeInput *) lfirst(cell))->view;

		CHECK_FOR_INTERRUPTS();
		append_trees(&merge, view);
		append_groups(&merge, view);
		sum->rows_seen = add_rows(sum->rows_seen, view->summary.rows_seen);
		sum->rows_kept = add_rows(sum->rows_kept, view->summary.rows_kept);
	}
	merge_profiles(&merge, views);
	merge.model.parts.features = merge.features;
	merge.model.parts.strings = merge.strings;
	merge.model.parts.groups = merge.groups;

	bytes = model_parts_write(&merge.model);
	bytes = merge_summaries(views, list_length(inputs), bytes);
	MemoryContextSwitchTo(old);
	bytes = (bytea *) DatumGetPointer(datumCopy(PointerGetDatum(bytes), false, -1));
	MemoryContextDelete(context);
	return bytes;
}

PG_FUNCTION_INFO_V1(iforest_merge_accum);
/*
 * iforest_merge_accum(internal, bytea) -> internal
 *
 * Checks a model and keeps a copy; NULLs are passed over.
 */
Datum
iforest_merge_accum(PG_FUNCTION_ARGS)
{
	List	   *inputs = PG_ARGISNULL(0) ? NIL : (List *) PG_GETARG_POINTER(0);
	MemoryContext context;
	MemoryContext old;
	MergeInput *input;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "iforest_merge_accum called outside of an aggregate");
	if (PG_ARGISNULL(1))
	{
		if (inputs == NIL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(inputs);
	}

	old = MemoryContextSwitchTo(context);
	input = palloc(sizeof(*input));
	input->bytes = model_open(PointerGetDatum(PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(1))),
							  &input->view);
	if (inputs != NIL)
		check_same_shape(&((MergeInput *) linitial(inputs))->view,
						 &input->view);
	inputs = lappend(inputs, input);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(inputs);
}

PG_FUNCTION_INFO_V1(iforest_merge_final);
/*
 * iforest_merge_final(internal) -> bytea
 *
 * The merged model; NULL if there was none.
 */
Datum
iforest_merge_final(PG_FUNCTION_ARGS)
{
	List	   *inputs;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	inputs = (List *) PG_GETARG_POINTER(0);
	if (list_length(inputs) == 1)
		PG_RETURN_DATUM(datumCopy(PointerGetDatum(((MergeInput *)
												   linitial(inputs))->bytes),
								  false, -1));
	PG_RETURN_BYTEA_P(merge_models(inputs));
}
