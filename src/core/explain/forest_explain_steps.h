/*-------------------------------------------------------------------------
 *
 * forest_explain_steps.h
 *	  The body of a kernel that explains.
 *
 * A kernel's file defines EXPLAIN_VECTOR, the bytes of its processor's
 * vectors (16 or 32), and then includes this, which gives it explain_tree.
 * The arithmetic is the same, operation by operation, whatever the vectors:
 * all kernels give the same bits.
 *
 * forest_explain.c tells what is computed and why, with the letters that the
 * comments use here.
 *
 *-------------------------------------------------------------------------
 */
#include "core/explain/forest_explain_kernel.h"
#include "core/score/forest_walk.h"

/* ---- four doubles at a time ---- */

#if defined(__GNUC__)
/* The attribute lets these read and write the doubles of ForestLanes. */
typedef double Vector __attribute__((vector_size(EXPLAIN_VECTOR), may_alias));
#else
typedef double Vector;
#endif

#define N_VECTORS	(sizeof(ForestLanes) / sizeof(Vector))

/* ForestLanes as operands. */
typedef struct Lanes
{
	Vector		vectors[N_VECTORS];
} Lanes;

#define LANES_OPERATION(name, operator) \
static inline Lanes \
name(Lanes x, Lanes y) \
{ \
	for (size_t i = 0; i < N_VECTORS; i++) \
		x.vectors[i] = x.vectors[i] operator y.vectors[i]; \
	return x; \
}

LANES_OPERATION(lanes_add, +)
LANES_OPERATION(lanes_subtract, -)
LANES_OPERATION(lanes_multiply, *)
LANES_OPERATION(lanes_divide, /)

/* A number in each lane. */
static inline Lanes
lanes_of(double x)
{
	Lanes		lanes;

	for (size_t i = 0; i < N_VECTORS; i++)
		lanes.vectors[i] = x - (Vector) {0};
	return lanes;
}

/* Lanes from memory that is aligned as FOREST_EXPLAIN_ALIGNMENT says. */
static inline Lanes
lanes_load(const ForestLanes *from)
{
	const Vector *vectors = (const Vector *) from;
	Lanes		lanes;

	for (size_t i = 0; i < N_VECTORS; i++)
		lanes.vectors[i] = vectors[i];
	return lanes;
}

/* Lanes to such memory. */
static inline void
lanes_store(ForestLanes *to, Lanes lanes)
{
	Vector	   *vectors = (Vector *) to;

	for (size_t i = 0; i < N_VECTORS; i++)
		vectors[i] = lanes.vectors[i];
}

/* ---- the passes over a tree at a block of quadrature points ---- */

/*
 * Each pass stays a function of its own: inlined, all in one, they would lose
 * what "restrict" promises, and a sixth of their speed.
 */
#if defined(__GNUC__)
#define EXPLAIN_PASS	static __attribute__((noinline)) void
#else
#define EXPLAIN_PASS	static void
#endif

/*
 * Makes the states begin .. end - 1 of a tree from their ratios; ratios[0] is
 * not used, and ratios[1] is 1: no split above tests the feature.
 */
EXPLAIN_PASS
make_states(const double *restrict ratios, uint32_t begin, uint32_t end,
			const ForestPoints *points, ForestExplainState *restrict states)
{
	Lanes		one = lanes_of(1.0);
	Lanes		t = lanes_load(&points->t);
	Lanes		u = lanes_subtract(one, t);

	lanes_store(&states[0].unknown, one);
	lanes_store(&states[0].slope, lanes_of(0.0));
	for (uint32_t i = begin > 0 ? begin : 1; i < end; i++)
	{
		Lanes		z = lanes_of(ratios[i]);
		Lanes		uz = lanes_multiply(u, z);
		Lanes		a = lanes_divide(one, lanes_add(t, uz));

		lanes_store(&states[i].unknown, lanes_multiply(uz, a));
		lanes_store(&states[i].slope, lanes_multiply(z, lanes_multiply(a, a)));
	}
}

/* Decides at tests begin .. end - 1 whether the row goes right. */
EXPLAIN_PASS
decide(const ForestWalk *walk, const ForestWalkNode *restrict tests,
	   uint32_t begin, uint32_t end, const double *restrict slots,
	   uint8_t *restrict rights)
{
	for (uint32_t i = begin; i < end; i++)
		rights[i] = forest_walk_goes_right(walk, &tests[i], slots);
}

/* From the root down, splits begin .. end - 1: how likely each place is. */
EXPLAIN_PASS
pass_down(const ForestSplit *restrict splits, uint32_t begin, uint32_t end,
		  const ForestExplainState *restrict states,
		  const uint8_t *restrict rights, ForestLanes *restrict reached,
		  uint32_t *restrict follows)
{
	for (uint32_t j = begin; j < end; j++)
	{
		const ForestSplit *split = &splits[j];
		size_t		right = rights[j];
		size_t		own = 2 * (size_t) j + 1 + right;
		size_t		other = 2 * (size_t) j + 2 - right;
		uint32_t	mask = follows[split->above];
		Lanes		p = lanes_load(&reached[split->place]);
		Lanes		away;

		away = lanes_multiply(lanes_load(&states[split->state & mask].unknown),
							  lanes_of(split->other[right]));
		away = lanes_multiply(p, away);
		lanes_store(&reached[other], away);
		lanes_store(&reached[own], lanes_subtract(p, away));
		follows[own] = mask;
		follows[other] = 0;
	}
}

/*
 * Adds a split to its feature's integral, and returns the expected length
 * below it.  "own" is that of the row's side, "loss" how much the other
 * side's is above it, times that side's share.
 */
static inline Lanes
settle(const ForestExplainState *state, Lanes own, Lanes loss,
	   const ForestLanes *reached, ForestLanes *sum)
{
	Lanes		share = lanes_multiply(lanes_load(reached),
									   lanes_load(&state->slope));

	lanes_store(sum, lanes_subtract(lanes_load(sum),
									lanes_multiply(share, loss)));
	return lanes_add(own, lanes_multiply(lanes_load(&state->unknown), loss));
}

/* From the leaves up, forks begin .. end - 1. */
EXPLAIN_PASS
pass_forks(const ForestFork *restrict forks, uint32_t begin, uint32_t end,
		   const ForestExplainState *restrict states,
		   const uint8_t *restrict rights,
		   const ForestLanes *restrict reached,
		   const uint32_t *restrict follows,
		   ForestLanes *restrict lengths, ForestLanes *restrict sums)
{
	for (uint32_t j = begin; j < end; j++)
	{
		const ForestFork *fork = &forks[j];
		size_t		right = rights[j];
		uint32_t	mask = follows[fork->above];

		lanes_store(&lengths[fork->place],
					settle(&states[fork->state & mask],
						   lanes_of(fork->value[right]),
						   lanes_of(fork->loss[right]),
						   &reached[fork->place], &sums[fork->feature]));
	}
}

/* From the leaves up, all other splits from end - 1 to begin. */
EXPLAIN_PASS
pass_up(const ForestSplit *restrict splits, uint32_t begin, uint32_t end,
		const ForestExplainState *restrict states,
		const uint8_t *restrict rights, const ForestLanes *restrict reached,
		const uint32_t *restrict follows, ForestLanes *restrict lengths,
		ForestLanes *restrict sums)
{
	for (uint32_t j = end; j-- > begin;)
	{
		const ForestSplit *split = &splits[j];
		size_t		right = rights[j];
		uint32_t	mask = follows[split->above];
		Lanes		own = lanes_load(&lengths[2 * (size_t) j + 1 + right]);
		Lanes		other = lanes_load(&lengths[2 * (size_t) j + 2 - right]);
		Lanes		loss = lanes_multiply(lanes_subtract(other, own),
										  lanes_of(split->other[right]));

		lanes_store(&lengths[split->place],
					settle(&states[split->state & mask], own, loss,
						   &reached[split->place], &sums[split->feature]));
	}
}

/* ---- a tree ---- */

/* The number of the step behind the next piece of work, before step n. */
static uint32_t
piece_end(uint32_t begin, uint32_t n)
{
	if (n - begin <= FOREST_PAUSE_STEPS)
		return n;
	forest_pause();
	return begin + (uint32_t) FOREST_PAUSE_STEPS;
}

/* Takes one tree into account at one block of points, piece by piece. */
static void
explain_block(const ForestExplain *explain, const ForestExplainTree *t,
			  const ForestPoints *points, const ForestExplainScratch *s)
{
	const double *ratios = explain->ratios + t->first_state;
	const ForestSplit *splits = explain->splits + t->first_split;
	const ForestFork *forks = explain->forks + t->first_fork;
	const uint8_t *fork_rights = s->rights + t->n_splits;

	for (uint32_t i = 0, end; i < t->n_states; i = end)
	{
		end = piece_end(i, t->n_states);
		make_states(ratios, i, end, points, s->states);
	}
	s->reached[0] = points->weight;
	for (uint32_t i = 0, end; i < t->n_splits; i = end)
	{
		end = piece_end(i, t->n_splits);
		pass_down(splits, i, end, s->states, s->rights, s->reached,
				  s->follows);
	}
	for (uint32_t i = 0, end; i < t->n_forks; i = end)
	{
		end = piece_end(i, t->n_forks);
		pass_forks(forks, i, end, s->states, fork_rights, s->reached,
				   s->follows, s->lengths, s->sums);
	}
	for (uint32_t i = 0, end; i < t->n_splits; i = end)
	{
		uint32_t	n = t->n_splits;

		end = piece_end(i, n);
		pass_up(splits, n - end, n - i, s->states, s->rights, s->reached,
				s->follows, s->lengths, s->sums);
	}
}

/* Takes one tree into account. */
static inline void
explain_tree(const ForestExplain *explain, const ForestWalk *walk,
			 uint32_t tree, const ForestExplainScratch *s)
{
	const ForestExplainTree *t = &explain->trees[tree];
	const ForestWalkNode *tests = explain->tests + t->first_split +
		t->first_fork;
	const ForestTip *tips = explain->tips + t->first_tip;
	uint32_t	n = t->n_splits + t->n_forks;

	for (uint32_t i = 0, end; i < n; i = end)
	{
		end = piece_end(i, n);
		decide(walk, tests, i, end, s->slots, s->rights);
	}
	for (uint32_t i = 0; i < t->n_tips; i++)
	{
		forest_pause_at(i);
		lanes_store(&s->lengths[tips[i].place], lanes_of(tips[i].value));
	}
	s->follows[0] = UINT32_MAX;
	for (uint32_t block = 0; block < explain->plan.n_blocks; block++)
	{
		forest_pause();
		explain_block(explain, t, &explain->points[block], s);
	}
}
