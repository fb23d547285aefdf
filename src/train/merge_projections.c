/*-------------------------------------------------------------------------
 *
 * merge_projections.c
 *	  The projections of models that are merged.
 *
 * Each model's trees split its own projections.  The merged model has all of
 * them, those of one model behind those of the one before.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "train/merge_projections.h"

/* Terms of all projections of a model. */
static uint32
count_terms(const ForestView *view)
{
	uint32		end = 0;

	if (view->n_projections > 0)
		(void) forest_view_terms(view, view->n_projections - 1, &end);
	return end;
}

/* Appends the projections of a model to arrays that have room. */
static void
append_projections(const ForestView *view, ForestProjections *all,
				   uint32 *ends, ForestTerm *terms)
{
	uint32		before = all->n > 0 ? ends[all->n - 1] : 0;
	uint32		n_terms = count_terms(view);

	for (uint32 i = 0; i < view->n_projections; i++)
	{
		(void) forest_view_terms(view, i, &ends[all->n]);
		ends[all->n++] += before;
	}
	for (uint32 i = 0; i < n_terms; i++)
	{
		forest_pause_at(i);
		terms[before + i] = forest_view_term(view, i);
	}
}

/* Refuses more columns or terms than a model can have. */
static void
check_count(const ForestView *view, uint64 n, uint64 n_terms)
{
	if (n <= FOREST_MAX_FEATURES - view->summary.n_features &&
		n_terms <= PG_UINT32_MAX)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("models to merge have " UINT64_FORMAT " projections, but %u features leave room for %u",
					n, view->summary.n_features,
					FOREST_MAX_FEATURES - view->summary.n_features),
			 errhint("Merge fewer models, or train with columns_per_split => 1.")));
}

/*
 * Puts the projections of all models into the parts of the merged one.  Returns
 * what is to be added to the number of each model's projections, palloc'd.
 */
uint32 *
merge_projections(const ForestView *const *views, int n_views,
				  ForestParts *parts)
{
	uint32	   *shift = palloc(n_views * sizeof(uint32));
	uint64		n = 0;
	uint64		n_terms = 0;
	uint32	   *ends;
	ForestTerm *terms;

	for (int i = 0; i < n_views; i++)
	{
		shift[i] = (uint32) n;
		n += views[i]->n_projections;
		n_terms += count_terms(views[i]);
		check_count(views[0], n, n_terms);
	}
	ends = palloc(Max(n, 1) * sizeof(uint32));
	terms = palloc_extended(Max(n_terms, 1) * sizeof(ForestTerm),
							MCXT_ALLOC_HUGE);
	parts->projections = (ForestProjections) {0, ends, terms};
	for (int i = 0; i < n_views; i++)
	{
		CHECK_FOR_INTERRUPTS();
		append_projections(views[i], &parts->projections, ends, terms);
	}
	return shift;
}
