/*-------------------------------------------------------------------------
 *
 * test_wide.c
 *	  The fast form of forests that have no blocks: its sums are the walk's,
 *	  bit for bit.
 *
 * compare_forms requires that of every forest that it is given, there and in
 * the tests of the kernels; here are the forests that are about it.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/score/forest_wide.h"

#include "blocks_support.h"
#include "unit.h"

/* Rows of hundreds of columns, some of them categories in every third. */
static void
test_columns(void)
{
	static const uint32_t columns[] = {129, 130, 384, 1536};
	ForestRng	rng;

	claim("rows of many columns, of any numbers and of those of 32 bits");
	forest_rng_init(&rng, 92, 0);
	for (unit_case = 0; unit_case < 24; unit_case++)
	{
		uint32_t	d = columns[unit_case % 4];
		bool		categories = unit_case % 3 == 2;
		uint32_t   *n_categories = allocate(d * sizeof(uint32_t));
		Grove		grove;
		Outcome		outcome;

		for (uint32_t f = 0; f < d; f++)
			n_categories[f] = categories && f % 5 == 0 ? 1 + f % 9 : 0;
		grove_begin_invented(&grove, d, n_categories);
		for (uint32_t n = 1 + forest_rng_below(&rng, 2); n > 0; n--)
			grove_invent_group(&grove, 1 + forest_rng_below(&rng, 25), 256,
							   60, &rng);
		if (unit_case % 2 == 0)
			grove_label(&grove, 5, &rng);
		outcome = compare_near_cuts(&grove, 40, &rng);
		REQUIRE(!outcome.built);
		REQUIRE(outcome.narrow == !categories);
		grove_free(&grove);
		free(n_categories);
	}
	proven();
}

/* A tree of one split. */
static void
add_stump(Grove *grove, double cut)
{
	uint16_t	nodes[3] = {0, FOREST_NODE_LEAF, FOREST_NODE_LEAF};
	uint32_t	leaves[2] = {3, 200};
	uint16_t	set;
	ForestTree	tree = {nodes, &cut, leaves, &set, 0, 3, 1, 2, 0};

	grove_add_tree(grove, &tree);
}

/* Cuts between two numbers of 32 bits, on one, and beyond them all. */
static void
test_cuts(void)
{
	static const double cuts[] = {
		0.0, -0.0, 0.1, -0.1, 1.0, 16777217.0, -16777217.0, 1e-320, -1e-320,
		1e-46, -1e-46, 1e300, -1e300, 3.5e38, -3.5e38, DBL_MAX, -DBL_MAX,
		(double) FLT_MAX, -(double) FLT_MAX
	};
	enum
	{
		N = sizeof(cuts) / sizeof(cuts[0]), NEAR = 5
	};
	ForestRng	rng;
	Grove		grove;
	Table		rows;

	claim("numbers of 32 bits are compared with cuts that are none");
	forest_rng_init(&rng, 93, 0);
	grove_begin_invented(&grove, 1, NULL);
	grove_add_group(&grove, 256, 0);
	table_init(&rows, N * NEAR + 3, 1);
	for (uint32_t i = 0; i < N; i++)
	{
		float		at = (float) cuts[i];
		const double near[NEAR] = {
			at, nextafterf(at, INFINITY), nextafterf(at, -INFINITY), cuts[i],
			nextafter(cuts[i], INFINITY)
		};

		add_stump(&grove, cuts[i]);
		for (uint32_t k = 0; k < NEAR; k++)
			*table_at(&rows, i * NEAR + k, 0) = near[k];
	}
	*table_at(&rows, N * NEAR, 0) = INFINITY;
	*table_at(&rows, N * NEAR + 1, 0) = -INFINITY;
	*table_at(&rows, N * NEAR + 2, 0) = NAN;
	REQUIRE(compare_forms(&grove, &rows, NULL, &rng).narrow);
	table_free(&rows);
	grove_free(&grove);
	proven();
}

/* Trees whose nodes are far from their children. */
static void
test_large_trees(void)
{
	ForestRng	rng;

	claim("trees too large for nodes of eight bytes go by the walk's");
	forest_rng_init(&rng, 94, 0);
	for (unit_case = 0; unit_case < 2; unit_case++)
	{
		Invention	wanted = {unit_case == 0 ? 200 : 200000, BUSHY, 9, true};
		Grove		grove;

		grove_begin_invented(&grove, 1, NULL);
		grove_add_group(&grove, 256, 0);
		grove_invent(&grove, &wanted, &rng);
		REQUIRE(compare_near_cuts(&grove, 50, &rng).narrow ==
				(unit_case == 0));
		grove_free(&grove);
	}
	proven();
}

int
main(void)
{
	test_columns();
	test_cuts();
	test_large_trees();
	return unit_done();
}
