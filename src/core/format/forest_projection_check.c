/*-------------------------------------------------------------------------
 *
 * forest_projection_check.c
 *	  Checking the projections of a model that is being opened.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_projection_check.h"
#include "core/format/forest_view.h"

/* Whether a term has numbers that no sum of such terms overflows with. */
bool
forest_term_valid(const ForestTerm *term)
{
	return fabs(term->centre) <= FOREST_MAX_PROJECTED &&
		fabs(term->coefficient) <= FOREST_MAX_PROJECTED &&
		fabs(term->coefficient) >= 1.0 / FOREST_MAX_PROJECTED;
}

/*
 * Checks the terms of a projection: of numbers, whose features ascend, so that
 * there is one way to write a sum.
 */
static ForestStatus
check_terms(const ForestView *view, uint32_t projection, ForestFault *fault)
{
	uint32_t	end;
	uint32_t	first = forest_view_terms(view, projection, &end);
	int64_t		previous = -1;

	for (uint32_t i = first; i < end; i++)
	{
		ForestTerm	term = forest_view_term(view, i);

		forest_pause_at(i);
		if (forest_get32(view->terms + (size_t) i * FOREST_TERM_SIZE +
						 FOREST_TERM_RESERVED) != 0)
			return FOREST_NEWER_FORMAT;
		if (term.feature >= view->summary.n_features ||
			(int64_t) term.feature <= previous ||
			forest_type_is_category(forest_view_feature(view,
														term.feature).type))
			return forest_broken(fault, "feature of term", i);
		if (!forest_term_valid(&term))
			return forest_broken(fault, "numbers of term", i);
		previous = term.feature;
	}
	return FOREST_OK;
}

/*
 * Checks a section of projections, of a view whose features are known: all
 * columns have numbers, every projection has a term, and the terms use up the
 * section.  The view gets them.
 */
ForestStatus
forest_projections_check(const uint8_t *bytes, uint64_t length,
						 ForestView *view, ForestFault *fault)
{
	uint32_t	n;
	uint64_t	n_terms;
	uint32_t	previous = 0;

	if (length < FOREST_PROJ_ENDS)
		return forest_broken(fault, "length of projections", length);
	n = forest_get32(bytes + FOREST_PROJ_N);
	if (forest_get32(bytes + FOREST_PROJ_RESERVED) != 0)
		return FOREST_NEWER_FORMAT;
	if (n < 1 || n > FOREST_MAX_FEATURES - view->summary.n_features)
		return forest_broken(fault, "number of projections", n);
	if (length < forest_terms_at(n) ||
		(length - forest_terms_at(n)) % FOREST_TERM_SIZE != 0)
		return forest_broken(fault, "length of projections", length);
	for (uint64_t at = FOREST_PROJ_ENDS + 4 * (uint64_t) n;
		 at < forest_terms_at(n); at++)
	{
		if (bytes[at] != 0)
			return forest_broken(fault, "padding of projections", n);
	}
	n_terms = (length - forest_terms_at(n)) / FOREST_TERM_SIZE;
	view->n_projections = n;
	view->projection_ends = bytes + FOREST_PROJ_ENDS;
	view->terms = bytes + forest_terms_at(n);
	for (uint32_t i = 0; i < n; i++)
	{
		uint32_t	end;
		ForestStatus status;

		(void) forest_view_terms(view, i, &end);
		if (end <= previous || end > n_terms)
			return forest_broken(fault, "terms of projection", i);
		status = check_terms(view, i, fault);
		if (status != FOREST_OK)
			return status;
		previous = end;
	}
	return previous == n_terms ? FOREST_OK :
		forest_broken(fault, "number of terms", n_terms);
}
