/*-------------------------------------------------------------------------
 *
 * test_dictionary.c
 *	  Which projections a forest draws.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_digest.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_projection_check.h"
#include "core/grow/forest_dictionary.h"

#include "blocks_support.h"
#include "projected.h"
#include "unit.h"

/* A dictionary and what it was drawn for. */
typedef struct Dictionary
{
	uint32_t	n;
	uint32_t	each;
	uint32_t   *ends;
	ForestTerm *terms;
} Dictionary;

/* Draws n projections of "each" features. */
static void
draw(Dictionary *all, const ForestScale *scales, uint32_t d, uint32_t each,
	 uint32_t n, uint64_t seed)
{
	uint32_t   *deck = allocate(d * sizeof(uint32_t));
	ForestRng	rng;

	all->n = n;
	all->each = each;
	all->ends = allocate(n * sizeof(uint32_t));
	all->terms = allocate((size_t) n * each * sizeof(ForestTerm));
	forest_rng_start(&rng, seed, FOREST_FOR_DICTIONARY, 0);
	forest_draw_dictionary(scales, d, each, &rng, n, all->ends, all->terms,
						   deck);
	free(deck);
}

static void
dictionary_free(Dictionary *all)
{
	free(all->ends);
	free(all->terms);
}

/* What every dictionary is. */
static void
test_drawn(void)
{
	ForestRng	rng;

	claim("features with a scale take turns, each once in a projection");
	forest_rng_init(&rng, 95, 0);
	for (unit_case = 0; unit_case < 200; unit_case++)
	{
		uint32_t	d = 2 + forest_rng_below(&rng, 30);
		ForestScale *scales = allocate(d * sizeof(ForestScale));
		uint32_t   *uses = allocate(d * sizeof(uint32_t));
		uint32_t	least = UINT32_MAX;
		uint32_t	most = 0;
		uint32_t	each;
		uint32_t	n;
		uint32_t	n_scaled;
		Dictionary	all;

		for (uint32_t f = 0; f < d; f++)
			scales[f] = (ForestScale) {f * 10.0,
				f >= 2 && forest_rng_below(&rng, 4) == 0 ? 0.0 : 1.0 + f};
		n_scaled = forest_count_scaled(scales, d);
		each = 2 + forest_rng_below(&rng, n_scaled < 8 ? n_scaled - 1 : 7);
		n = forest_dictionary_size(n_scaled, each);
		draw(&all, scales, d, each, n, unit_case);
		memset(uses, 0, d * sizeof(uint32_t));
		for (uint32_t i = 0; i < n * each; i++)
		{
			const ForestTerm *term = &all.terms[i];

			REQUIRE(all.ends[i / each] == (i / each + 1) * each);
			REQUIRE(i % each == 0 || term->feature > term[-1].feature);
			REQUIRE(scales[term->feature].scale > 0.0);
			REQUIRE(term->centre == scales[term->feature].centre);
			REQUIRE(forest_term_valid(term));
			REQUIRE(fabs(term->coefficient * scales[term->feature].scale) <
					6.0001);
			uses[term->feature]++;
		}
		for (uint32_t f = 0; f < d; f++)
		{
			if (scales[f].scale == 0.0)
				continue;
			least = uses[f] < least ? uses[f] : least;
			most = uses[f] > most ? uses[f] : most;
		}
		/* a round may begin in the middle of a projection */
		REQUIRE(least >= 1 && most - least <= 1);
		dictionary_free(&all);
		free(uses);
		free(scales);
	}
	proven();

	claim("there are 56, or enough to use every column");
	REQUIRE(forest_dictionary_size(2, 2) == 56);
	REQUIRE(forest_dictionary_size(112, 2) == 56);
	REQUIRE(forest_dictionary_size(113, 2) == 57);
	REQUIRE(forest_dictionary_size(16000, 8) == 2000);
	proven();
}

/* Coefficients are normal, whatever the scale. */
static void
test_coefficients(void)
{
	const ForestScale scales[] = {
		{0.0, 4.0}, {INFINITY, 1e-300}, {-1e200, 1e300}
	};
	Dictionary	all;
	double		sum = 0.0;
	double		squares = 0.0;
	uint32_t	n = 20000;

	claim("coefficients times scales have mean 0 and variance 1");
	draw(&all, scales, 1, 1, n, 7);
	for (uint32_t i = 0; i < n; i++)
	{
		double		z = all.terms[i].coefficient * 4.0;

		sum += z;
		squares += z * z;
	}
	REQUIRE(fabs(sum / n) < 0.03 && fabs(squares / n - 1.0) < 0.04);
	dictionary_free(&all);
	proven();

	claim("extreme scales and centres give numbers that a model may have");
	draw(&all, scales, 3, 3, 500, 8);
	for (uint32_t i = 0; i < 1500; i++)
		REQUIRE(forest_term_valid(&all.terms[i]));
	REQUIRE(all.terms[1].centre == 1e150 && all.terms[2].centre == -1e150);
	REQUIRE(fabs(all.terms[1].coefficient) == 1e150 &&
			fabs(all.terms[2].coefficient) == 1e-150);
	dictionary_free(&all);
	proven();
}

/* The deviation that stands for a quartile range of 0. */
static void
test_deviation(void)
{
	const double values[] = {
		1.0, 9.0, NAN, 9.0, INFINITY, 9.0, 3.0, 9.0, -INFINITY, 9.0, 5.0, 9.0
	};
	const double none[] = {NAN, INFINITY};

	claim("a column's deviation is that of its finite values");
	REQUIRE(forest_usual_deviation(values, 6, 2) == sqrt(8.0 / 3.0));
	REQUIRE(forest_usual_deviation(none, 2, 1) == 0.0);
	proven();
}

/*
 * Which columns trees split of a table of two numbers, the second one of which
 * is 1 but in n_other rows, and of their sum: whether any splits each.
 */
static void
split_columns(uint32_t n_other, uint32_t max_depth, bool *used)
{
	static const ForestTerm terms[] = {{0, 0.0, 1.0}, {1, 0.0, 1.0}};
	static const uint32_t ends[] = {2};
	const ForestProjections sum = {1, ends, terms};
	ForestRng	rng;
	Table		table;

	forest_rng_init(&rng, 97, n_other);
	table_init(&table, 64, 3);
	table.projections = &sum;
	for (uint32_t i = 0; i < 64; i++)
	{
		*table_at(&table, i, 0) = i;
		*table_at(&table, i, 1) = i < n_other ? NAN : 1.0;
		*table_at(&table, i, 2) = forest_project(&sum, 0,
												 table_at(&table, i, 0));
	}
	if (n_other == 1)
		*table_at(&table, 0, 1) = 5.0;
	memset(used, 0, 3 * sizeof(bool));
	for (int t = 0; t < 50; t++)
	{
		ForestTree	tree;

		REQUIRE(tree_grow(&tree, &table, NULL, 64, max_depth, 3, &rng, 8) ==
				FOREST_OK);
		for (uint32_t i = 0; i < tree.n_nodes; i++)
		{
			if (tree.nodes[i] != FOREST_NODE_LEAF)
				used[tree.nodes[i] & FOREST_NODE_FEATURE] = true;
		}
		tree_free(&tree);
	}
	table_free(&table);
}

/* Where a projection may be split. */
static void
test_picked(void)
{
	bool		used[3];

	claim("a sum is split where all its columns have two values, else not");
	split_columns(0, FOREST_DEPTH_UNLIMITED, used);
	REQUIRE(used[0] && !used[1] && !used[2]);
	split_columns(1, 1, used);
	REQUIRE(used[0] && used[1] && used[2]);
	/* a missing value is none, though the column can be split by it */
	split_columns(8, FOREST_DEPTH_UNLIMITED, used);
	REQUIRE(used[0] && used[1] && !used[2]);
	proven();
}

/* The projections and trees of one forest, for good. */
static void
test_frozen(void)
{
	static const uint8_t frozen[FOREST_DIGEST_SIZE] = {
		0x0F, 0x3E, 0x75, 0x24, 0x42, 0xF4, 0x46, 0x3D,
		0x3D, 0x92, 0x9C, 0xEE, 0x29, 0x84, 0x2D, 0xD4,
		0x69, 0xD9, 0x0E, 0xBD, 0x7B, 0x85, 0x0E, 0xB1,
		0x67, 0x5F, 0x57, 0xAF, 0xF9, 0x78, 0xB0, 0xD7
	};
	ForestScale scales[5];
	ForestRng	rng;
	Table		table;
	Table		columns;
	Grove		grove;
	Dictionary	all;
	uint8_t    *bytes;
	size_t		len;

	claim("a seed gives the same projections, and splits of them, for ever");
	forest_rng_init(&rng, 42, 0);
	table_init(&table, 200, 5);
	for (uint32_t f = 0; f < 5; f++)
	{
		table_fill(&table, f, UNIFORM, &rng);
		scales[f] = (ForestScale) {0.5 * f, 1.0 + f};
	}
	table.guided = 0.5;
	draw(&all, scales, 5, 2, 56, 42);
	grove_begin(&grove, &table);
	for (uint32_t f = 0; f < 5; f++)
		grove.features[f].type = FOREST_FLOAT8;
	grove.parts.projections = (ForestProjections) {56, all.ends, all.terms};
	projected_table(&columns, &grove.parts, &table);
	columns.projections = &grove.parts.projections;
	grove_grow_group(&grove, &columns, 20, 128, 0, 42);
	table_free(&columns);
	bytes = model_bytes(&grove.parts, &len);
	if (!REQUIRE(memcmp(bytes + 8, frozen, sizeof(frozen)) == 0))
	{
		printf("# %zu bytes, digest", len);
		for (int i = 0; i < FOREST_DIGEST_SIZE; i++)
			printf(" 0x%02X,", bytes[8 + i]);
		printf("\n");
	}
	free(bytes);
	grove_free(&grove);
	dictionary_free(&all);
	table_free(&table);
	proven();
}

int
main(void)
{
	test_drawn();
	test_coefficients();
	test_deviation();
	test_picked();
	test_frozen();
	return unit_done();
}
