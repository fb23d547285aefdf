/*-------------------------------------------------------------------------
 *
 * test_blocks.c
 *	  The fast form of a forest: every kernel that this processor has gives
 *	  the sums of the walk, bit for bit.
 *
 *-------------------------------------------------------------------------
 */
#include "forest_blocks.h"
#include "support.h"
#include "unit.h"

/* Kernels that have steps of their own. */
static const ForestKernel kernels[] = {
	FOREST_KERNEL_PORTABLE, FOREST_KERNEL_AVX2, FOREST_KERNEL_AVX512
};

/* A forest in both forms. */
typedef struct Pair
{
	Grove	   *grove;
	Scorer		scorer;
	ForestBlocksPlan plan;
	ForestBlocks blocks;
	void	   *memory;
	void	   *scratch;
	bool		possible;
} Pair;

/* Builds both forms of a grove; pair->possible tells if there are two. */
static void
pair_init(Pair *pair, Grove *grove, const Table *table)
{
	size_t		len;
	uint8_t    *bytes = model_bytes(&grove->parts, &len);
	ForestView	view;
	ForestFault fault;
	void	   *temporary;

	pair->grove = grove;
	pair->memory = NULL;
	pair->scratch = NULL;
	if (!REQUIRE(forest_open(bytes, len, &view, &fault) == FOREST_OK))
		exit(1);
	scorer_init(&pair->scorer, &view);
	free(bytes);

	temporary = allocate((size_t)
						 forest_blocks_plan_size(&pair->scorer.walk));
	forest_blocks_plan(&pair->scorer.walk, table->n_categories, temporary,
					   &pair->plan);
	free(temporary);
	pair->possible = pair->plan.possible;
	if (!pair->possible)
		return;

	pair->memory = allocate((size_t) pair->plan.size);
	temporary = allocate((size_t) pair->plan.temporary);
	memset(pair->memory, 0xA5, (size_t) pair->plan.size);
	memset(temporary, 0xA5, (size_t) pair->plan.temporary);
	pair->possible = forest_blocks_build(&pair->scorer.walk,
										 table->n_categories, &pair->plan,
										 pair->memory, temporary,
										 &pair->blocks);
	free(temporary);
	if (!pair->possible)
		return;
	pair->scratch = allocate(forest_blocks_scratch_size(&pair->blocks));
	memset(pair->scratch, 0xA5, forest_blocks_scratch_size(&pair->blocks));
}

static void
pair_free(Pair *pair)
{
	scorer_free(&pair->scorer);
	free(pair->memory);
	free(pair->scratch);
}

/* Compares both forms on one row, with limits near its sum and far away. */
static void
compare_row(const Pair *pair, const double *row)
{
	int64_t		sum = scorer_sum(&pair->scorer, row);
	const int64_t limits[] = {
		0, 1, sum / 2, sum - 1, sum, sum + 1, sum + sum / 2,
		INT64_C(1) << 62
	};

	for (int k = 0; k < 3; k++)
	{
		if (!forest_kernel_available(kernels[k]))
			continue;
		REQUIRE(forest_blocks_sum(&pair->blocks, kernels[k], row,
								  pair->scratch) == sum);
		for (int i = 0; i < 8; i++)
			REQUIRE(forest_blocks_below(&pair->blocks, kernels[k], row,
										limits[i], pair->scratch) ==
					(sum < limits[i]));
	}
}

/* Compares both forms on rows of the table, random ones and cuts. */
static void
compare_rows(const Pair *pair, const Table *table, int n, ForestRng *rng)
{
	const ForestParts *parts = &pair->grove->parts;
	double	   *row = allocate(table->n_features * sizeof(double));

	for (int i = 0; i < n; i++)
	{
		if (i % 2 == 0)
			random_row(parts, row, rng);
		else
			memcpy(row, table_at(table, forest_rng_below(rng,
				table->n_rows), 0), table->n_features * sizeof(double));
		/* a row without missing values takes another path */
		for (uint32_t f = 0; i % 3 == 0 && f < table->n_features; f++)
		{
			if (isnan(row[f]))
				row[f] = 0.0;
		}
		/* the values that matter are the cuts themselves */
		for (uint32_t f = 0; i % 4 == 0 && f < table->n_features; f++)
		{
			if (table->n_categories[f] == 0 && parts->n_cuts > 0)
				row[f] = parts->cuts[forest_rng_below(rng, parts->n_cuts)];
		}
		compare_row(pair, row);
	}
	free(row);
}

/* Random forests of every width and many shapes. */
static void
test_random_forests(void)
{
	static const uint32_t widths[] = {1, 2, 5, 15, 16, 17, 33, 64, 65, 128};
	const uint64_t seed = 41;
	ForestRng	rng;
	uint32_t	n_compared = 0;

	claim("every kernel gives the sums of the walk");
	forest_rng_init(&rng, seed, 0);
	for (unit_case = 0; unit_case < 120; unit_case++)
	{
		Table		table;
		Grove		grove;
		Pair		pair;

		table_random(&table, 2 + forest_rng_below(&rng, 200),
					 widths[unit_case % 10], &rng);
		grove_begin(&grove, &table);
		for (uint32_t i = 0; i <= unit_case % 2; i++)
			grove_grow_group(&grove, &table, 1 + forest_rng_below(&rng, 30),
							 1 + forest_rng_below(&rng, table.n_rows),
							 forest_rng_below(&rng, 12), unit_case);
		pair_init(&pair, &grove, &table);
		if (REQUIRE(pair.possible))
		{
			compare_rows(&pair, &table, 40, &rng);
			n_compared++;
		}
		pair_free(&pair);
		grove_free(&grove);
		table_free(&table);
	}
	for (int k = 0; k < 3; k++)
		printf("# kernel %d: %s\n", (int) kernels[k],
			   forest_kernel_available(kernels[k]) ? "compared" :
			   "not on this processor");
	REQUIRE(n_compared == 120);
	REQUIRE(forest_kernel_available(forest_kernel_best()));
	proven();
}

/* More cuts on a feature than one chunk, and than one section, can hold. */
static void
test_many_chunks(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Pair		pair;

	claim("forests of several chunks and sections give the same sums");
	forest_rng_init(&rng, 42, 0);
	table_init(&table, 1000, 2);
	table_fill(&table, 0, UNIFORM, &rng);
	table_fill(&table, 1, FEW_CATEGORIES, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 60, 200, 0, 1);
	pair_init(&pair, &grove, &table);
	if (REQUIRE(pair.possible))
	{
		REQUIRE(pair.blocks.n_chunks > FOREST_SECTION_CHUNKS);
		REQUIRE(pair.blocks.n_sections > 1);
		compare_rows(&pair, &table, 300, &rng);
	}
	pair_free(&pair);
	grove_free(&grove);
	table_free(&table);
	proven();
}

/* Forests that the fast form cannot hold are told before they are built. */
static void
test_impossible(void)
{
	ForestRng	rng;
	Table		table;
	Grove		grove;
	Pair		pair;

	forest_rng_init(&rng, 43, 0);
	claim("more than 128 features have no fast form");
	table_random(&table, 30, 129, &rng);
	grove_begin(&grove, &table);
	grove_grow_group(&grove, &table, 3, 30, 0, 1);
	pair_init(&pair, &grove, &table);
	REQUIRE(!pair.possible);
	pair_free(&pair);
	grove_free(&grove);
	table_free(&table);
	proven();

	claim("a tree has at most 255 cuts on a feature in the fast form");
	for (uint32_t n = 256; n <= 257; n++)
	{
		table_init(&table, n, 1);
		for (uint32_t i = 0; i < n; i++)
			*table_at(&table, i, 0) = i;
		grove_begin(&grove, &table);
		grove_grow_group(&grove, &table, 60, n, 0, 1);
		pair_init(&pair, &grove, &table);
		REQUIRE(pair.possible == (n == 256));
		if (pair.possible)
		{
			double		missing = NAN;

			/* some of the trees ask it at their greatest cut */
			compare_row(&pair, &missing);
			compare_rows(&pair, &table, 40, &rng);
		}
		pair_free(&pair);
		grove_free(&grove);
		table_free(&table);
	}
	proven();
}

int
main(void)
{
	test_random_forests();
	test_many_chunks();
	test_impossible();
	return unit_done();
}
