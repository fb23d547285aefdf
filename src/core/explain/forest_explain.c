/*-------------------------------------------------------------------------
 *
 * forest_explain.c
 *	  How much each feature adds to a row's path length.
 *
 * The question.  Let v(S), for a set S of features, be the path length one
 * expects of a row when only its values in S are known: at a split on a
 * feature in S the row goes its way, at any other it goes both ways in
 * proportion to the training rows that did.  v of all features is the row's
 * path length, v of none is the forest's expected one.  The contribution of
 * feature i is its Shapley value: the rise of v as i becomes known, averaged
 * over all orders in which the features may become known.  (Lundberg et al.,
 * From local explanations to global understanding, Nature Machine
 * Intelligence 2, 2020, call it path-dependent.)  Contributions add up to
 * the difference between the row's length and the expected one.
 *
 * The method.  Let every feature be known with probability t, independently.
 * The expected length is then a polynomial M(t) = M(t_1, .., t_d) at t_i =
 * t, and the Shapley value of i is the integral over t from 0 to 1 of
 * dM/dt_i (Owen 1972).  In a path with k different features its degree is
 * k - 1, so Gauss-Legendre quadrature with k / 2 points is exact, but for
 * rounding.  What follows happens at each quadrature point, one lane each.
 *
 * Let u = 1 - t; p the probability that a node is reached, times the weight
 * of the quadrature point; G the expected value below a node; r the share of
 * a split's training rows on the side where the row at hand does not go.
 * Given that a split on feature f is reached, f is unknown with probability
 * B:
 *
 *	- u, if no split above tests f;
 *	- u z / (t + u z), if the row went along with the path at all splits on
 *	  f above, where z is the share of training rows that did, the product
 *	  of theirs (Bayes's rule);
 *	- 1, if the row left the path at one of them: were f known, the split
 *	  would not be reached.
 *
 * From the root down, p (other child) = p r B, p (own child) = p - that.
 * From the leaves up, D = r (G (other) - G (own)), G = G (own) + B D.
 * Each split adds p (-dB/dt) (-D) to the integral of its feature; here -dB/dt
 * is z / (t + u z)^2, or 0 in the last case.  B and -dB/dt depend on the row
 * only by the choice between the last two cases, and a tree has few different
 * z: these states are made ahead of a tree's passes.
 *
 * That is all: no polynomials, no division a split, no difference of nearly
 * equal things but D itself.  The other exact methods (TreeSHAP, linear
 * TreeSHAP as published, tables of all subsets a leaf) were slower, by up to
 * 20 times.
 *
 * What made it fast: no branch depends on the row.  Which side it goes is a
 * bit that indexes, which case applies is a mask (0 or all ones) for the
 * number of the state, state 0 being the last case.  Splits with two leaves
 * (forks) are 40 % of all; they take one pass, and their leaves none.
 *
 * Projections.  A split on a projection is, above, one on a feature of its
 * own: it is known or not as a whole.  Its contribution is then shared among
 * the features that it is a sum of, in proportion to how far each moves it
 * from its centre, |coefficient * (value - centre)|.  (By the coefficients
 * alone, a value that is as usual would be blamed as much as one far out.)
 *
 * The time for a row is linear in the forest's splits times the blocks of
 * FOREST_LANES quadrature points, one for up to 8 features on a path.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_kernel.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"

/* Where each array lies in the scratch, once that is aligned. */
typedef struct ScratchLayout
{
	uint64_t	reached;
	uint64_t	lengths;
	uint64_t	states;
	uint64_t	slots;
	uint64_t	follows;
	uint64_t	rights;
	uint64_t	total;
} ScratchLayout;

/*
 * Returns where the arrays lie, as bytes from the aligned start, and their
 * end.
 */
static ScratchLayout
scratch_layout(const ForestExplain *explain)
{
	const ForestExplainPlan *plan = &explain->plan;
	uint64_t	n_places = 2 * (uint64_t) plan->most_splits + 1;
	ScratchLayout at;

	at.reached = explain->n_columns * (uint64_t) sizeof(ForestLanes);
	at.lengths = at.reached + n_places * sizeof(ForestLanes);
	at.states = at.lengths + n_places * sizeof(ForestLanes);
	at.slots = at.states +
		plan->most_states * (uint64_t) sizeof(ForestExplainState);
	at.follows = at.slots + 2 * (uint64_t) explain->n_columns *
		sizeof(double);
	at.rights = at.follows + n_places * sizeof(uint32_t);
	at.total = at.rights + plan->most_splits + (uint64_t) plan->most_forks;
	return at;
}

/* Bytes of scratch, 8-byte aligned, that explaining a row needs. */
uint64_t
forest_explain_scratch_size(const ForestExplain *explain)
{
	return scratch_layout(explain).total + FOREST_EXPLAIN_ALIGNMENT - 8;
}

/*
 * Returns the arrays in a caller's scratch of forest_explain_scratch_size
 * bytes, 8-byte aligned.  The same memory gives the same places: what one call
 * left there, the next one finds.
 */
static ForestExplainScratch
scratch_at(const ForestExplain *explain, void *memory)
{
	ScratchLayout at = scratch_layout(explain);
	uint8_t    *base = forest_explain_align(memory);
	ForestExplainScratch s;

	s.sums = (ForestLanes *) base;
	s.reached = (ForestLanes *) (base + at.reached);
	s.lengths = (ForestLanes *) (base + at.lengths);
	s.states = (ForestExplainState *) (base + at.states);
	s.slots = (double *) (base + at.slots);
	s.follows = (uint32_t *) (base + at.follows);
	s.rights = base + at.rights;
	return s;
}

/*
 * Begins to explain a row (n_features values).  The scratch (see
 * forest_explain_scratch_size) must stay in place to the end.
 */
void
forest_explain_begin(const ForestExplain *explain, const ForestWalk *walk,
					 const double *row, void *scratch)
{
	ForestExplainScratch s = scratch_at(explain, scratch);

	forest_walk_slots(walk, row, s.slots);
	memset(s.sums, 0, explain->n_columns * sizeof(ForestLanes));
}

/*
 * Takes one tree into account, by the kernel that scoring uses or the one
 * next to it.  "kernel" is available.
 */
void
forest_explain_tree(const ForestExplain *explain, ForestKernel kernel,
					const ForestWalk *walk, uint32_t tree, void *scratch)
{
	ForestExplainScratch s = scratch_at(explain, scratch);

#if defined(__x86_64__)
	if (kernel == FOREST_KERNEL_AVX2 || kernel == FOREST_KERNEL_AVX512)
	{
		forest_explain_avx2(explain, walk, tree, &s);
		return;
	}
#else
	(void) kernel;
#endif
	forest_explain_portable(explain, walk, tree, &s);
}

/* The contribution of a column, once all trees are accounted for. */
static double
column_contribution(const ForestExplain *explain, const ForestLanes *sums,
					uint32_t column)
{
	const double *sum = sums[column].lanes;

	return ((sum[0] + sum[2]) + (sum[1] + sum[3])) / explain->n_trees;
}

/*
 * Shares a projection's contribution among its features, by how far each of
 * the row's values moves the projection; evenly, where none does.
 */
static void
share_projection(const ForestProjections *all, uint32_t i, const double *row,
				 double contribution, double *phi)
{
	uint32_t	first = forest_first_term(all, i);
	uint32_t	end = all->ends[i];
	double		moved = 0.0;

	for (uint32_t k = first; k < end; k++)
		moved += fabs(forest_term_value(&all->terms[k], row));
	for (uint32_t k = first; k < end; k++)
	{
		const ForestTerm *term = &all->terms[k];
		double		share = moved > 0.0 ?
			fabs(forest_term_value(term, row)) / moved : 1.0 / (end - first);

		phi[term->feature] += share * contribution;
	}
}

/*
 * Writes the contributions of the row's features (n_features) once all trees
 * are accounted for.
 */
void
forest_explain_end(const ForestExplain *explain, const ForestWalk *walk,
				   const double *row, double *phi, void *scratch)
{
	ForestExplainScratch s = scratch_at(explain, scratch);

	for (uint32_t f = 0; f < walk->n_features; f++)
		phi[f] = column_contribution(explain, s.sums, f);
	for (uint32_t i = 0; i < walk->projections.n; i++)
		share_projection(&walk->projections, i, row,
						 column_contribution(explain, s.sums,
											 walk->n_features + i), phi);
}

/*
 * Explains a row of n_features values: phi[f] becomes the contribution of
 * feature f to the row's mean normalised path length.  A negative one makes
 * the path shorter and so the row more unusual; a feature that no split
 * tests has 0.  Together with forest_explain_expected they add up to the
 * length, forest_mean_length of forest_walk_sum, but for rounding.  Pauses
 * between trees.
 */
void
forest_explain(const ForestExplain *explain, ForestKernel kernel,
			   const ForestWalk *walk, const double *row, double *phi,
			   void *scratch)
{
	forest_explain_begin(explain, walk, row, scratch);
	for (uint32_t i = 0; i < explain->n_trees; i++)
	{
		forest_pause();
		forest_explain_tree(explain, kernel, walk, i, scratch);
	}
	forest_explain_end(explain, walk, row, phi, scratch);
}

/* The mean normalised path length expected of a training row. */
double
forest_explain_expected(const ForestExplain *explain)
{
	return explain->expected;
}

/*
 * Brings contributions to a length, in place, to the scale of scores: they
 * add up to the score of "length" less the score of "expected" then, and a
 * positive one makes the row more unusual.
 *
 * All are multiplied by one number, the slope of the secant of 2^-x between
 * the two lengths; so signs (but for the reversal), order and proportions
 * stay.  Where the lengths meet, the secant is the tangent.
 */
void
forest_explain_to_score(double *phi, uint32_t n_features, double expected,
						double length)
{
	double		x = 0.69314718055994530942 * (length - expected);
	double		slope = -0.69314718055994530942 * exp2(-expected);

	if (x != 0.0)
		slope *= -expm1(-x) / x;
	for (uint32_t f = 0; f < n_features; f++)
		phi[f] *= slope;
}
