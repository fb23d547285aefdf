/*-------------------------------------------------------------------------
 *
 * test_narrow.c
 *	  A narrowed forest against the whole one.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/density/forest_conditional.h"
#include "core/density/forest_density.h"
#include "core/density/forest_narrow.h"
#include "core/score/forest_walk.h"

#include "density_source.h"

/* Most features of a source. */
#define MAX_FEATURES	8

/* A source's forest, narrowed for rows that are as one in what is fixed. */
typedef struct Narrowed
{
	bool		fixed[MAX_FEATURES];
	double		row[MAX_FEATURES];
	ForestNarrow narrow;
	double	   *weight;			/* of one feature, by the whole forest */
} Narrowed;

/* Makes a source of a stream, narrowed to some features, for some row. */
static void
narrow(Source *s, Narrowed *n, ForestRng *rng, uint64_t stream, bool forged)
{
	const ForestWalk *walk = &s->scorer.walk;
	uint32_t	some;

	forest_rng_init(rng, stream, unit_case);
	source_random(s, rng, unit_case, forged);
	some = 1 + forest_rng_below(rng, 4);
	memset(n, 0, sizeof(*n));
	random_row(&s->grove.parts, n->row, rng);
	for (uint32_t f = 0; f < walk->n_features; f++)
		n->fixed[f] = forest_rng_below(rng, 4) < some;
	n->weight = allocate((s->density.max_values + 2) * sizeof(double));
	/* just as many nodes as the forest has */
	n->narrow.roots = allocate(walk->n_trees * sizeof(uint32_t));
	n->narrow.nodes = allocate(walk->n_nodes * sizeof(ForestWalkNode));
	n->narrow.gain = allocate(walk->n_nodes * sizeof(double));
	n->narrow.rank = allocate(walk->n_nodes * sizeof(uint32_t));
	forest_walk_slots(walk, n->row, s->box.slots);
	for (uint32_t t = 0; t < walk->n_trees; t++)
		forest_narrow_tree(&s->density, t, n->fixed, s->box.slots, &n->narrow);
	forest_narrow_finish(&s->density, &n->narrow);
}

static void
narrowed_free(Source *s, Narrowed *n)
{
	source_close(s);
	free(n->weight);
	free(n->narrow.roots);
	free(n->narrow.nodes);
	free(n->narrow.gain);
	free(n->narrow.rank);
}

/* Gives what varies in the row other values. */
static void
vary(Source *s, Narrowed *n, ForestRng *rng)
{
	double		other[MAX_FEATURES];

	random_row(&s->grove.parts, other, rng);
	for (uint32_t f = 0; f < s->table.n_features; f++)
	{
		if (!n->fixed[f])
			n->row[f] = other[f];
	}
}

static void
test_leaves(void)
{
	claim("rows end in leaves of the same gains, past what varies alone");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		Narrowed	n;
		ForestRng	rng;

		narrow(&s, &n, &rng, 91, false);
		for (uint32_t i = 0; i < n.narrow.walk.n_nodes; i++)
			REQUIRE(forest_walk_is_leaf(&n.narrow.walk, i) ||
					!n.fixed[forest_density_feature(&n.narrow.density, i)]);
		for (uint32_t t = 0; t < s.scorer.walk.n_trees; t++)
		{
			uint32_t	leaf;

			vary(&s, &n, &rng);
			leaf = leaf_of(&s, t, n.row);
			REQUIRE(n.narrow.gain[forest_walk_leaf(&n.narrow.walk, t,
												   s.scorer.slots)] ==
					s.density.gain[leaf]);
		}
		narrowed_free(&s, &n);
	}
	proven();
}

static void
test_weights(void)
{
	claim("what varies has the whole forest's weights, to the last bit");
	for (unit_case = 0; unit_case < 300; unit_case++)
	{
		Source		s;
		Narrowed	n;
		ForestRng	rng;

		narrow(&s, &n, &rng, 92, unit_case % 2 == 1);
		for (uint32_t f = 0; f < s.table.n_features; f++)
		{
			size_t		size = (s.density.features[f].n_values + 2) *
				sizeof(double);
			double		total;

			vary(&s, &n, &rng);
			if (n.fixed[f])
				continue;
			s.box.density = &s.density;
			total = forest_conditional(&s.box, f, n.row);
			memcpy(n.weight, s.box.weight, size);
			s.box.density = &n.narrow.density;
			REQUIRE(forest_conditional(&s.box, f, n.row) == total);
			REQUIRE(memcmp(n.weight, s.box.weight, size) == 0);
		}
		narrowed_free(&s, &n);
	}
	proven();
}

int
main(void)
{
	test_leaves();
	test_weights();
	return unit_done();
}
