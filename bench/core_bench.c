/*-------------------------------------------------------------------------
 *
 * core_bench.c
 *	  Nanoseconds a row of each kernel, without a server.
 *
 * usage: core_bench [rows] [columns] [trees] [sample_size] [max_depth]
 *					 [categorical columns] [share of missing values]
 *					 [one kernel: 1 walk, 2 portable, 3 avx2, 4 avx512, 5 neon,
 *					  0 all] [1: values of real]
 *
 * Rows are drawn from a mixture of Gaussian clusters by a fixed seed;
 * categorical columns have 20 categories.  Every kernel scores all rows
 * several times, in turn with the others, by the forest and by what it is once
 * it has learned from 50 labelled rows; the medians are printed, and the sums
 * compared with the reference walk's.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/forest_math.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/format/forest_write.h"
#include "core/grow/forest_grow.h"
#include "core/grow/forest_sample.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_blocks_plan.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_learn.h"
#include "core/score/forest_walk.h"
#include "core/score/forest_wide.h"

#define N_CATEGORIES	20
#define RUNS			7
#define LABELS			50
#define KERNELS			(FOREST_KERNEL_NEON + 1)

typedef struct Bench
{
	uint32_t	n_rows;
	uint32_t	n_columns;
	uint32_t	n_trees;
	uint32_t	sample_size;
	uint32_t	max_depth;
	uint32_t	n_categorical;
	double		missing;
	bool		real;			/* values of 32 bits */
	double	   *rows;
	uint32_t   *n_categories;
	ForestWalk	walk;
	ForestBlocks blocks;
	ForestWide	wide;			/* if it has no blocks */
	bool		has_blocks;
	uint32_t	n_leaves;
} Bench;

/* What the runs of a forest have measured, by kernel. */
typedef struct Times
{
	double		ns[KERNELS][RUNS];
	uint64_t	checksums[KERNELS];
} Times;

static const char *const kernel_names[] = {
	"auto", "walk", "portable", "avx2", "avx512", "neon"
};

static void *
allocate(size_t size)
{
	void	   *p = calloc(1, size > 0 ? size : 1);

	if (p == NULL)
	{
		fprintf(stderr, "out of memory\n");
		exit(1);
	}
	return p;
}

/* Processor time used, which other programs on the machine do not count in. */
static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* A standard normal deviate, nearly: the sum of twelve uniform ones. */
static double
normal(ForestRng *rng)
{
	double		sum = -6.0;

	for (int i = 0; i < 12; i++)
		sum += forest_rng_double(rng);
	return sum;
}

static void
make_rows(Bench *b)
{
	ForestRng	rng;

	forest_rng_init(&rng, 42, 0);
	b->rows = allocate((size_t) b->n_rows * b->n_columns * sizeof(double));
	b->n_categories = allocate(b->n_columns * sizeof(uint32_t));
	for (uint32_t f = 0; f < b->n_categorical; f++)
		b->n_categories[f] = N_CATEGORIES;
	for (uint32_t i = 0; i < b->n_rows; i++)
	{
		double		center = forest_rng_below(&rng, 3) * 4.0;

		for (uint32_t f = 0; f < b->n_columns; f++)
		{
			double	   *v = &b->rows[(size_t) i * b->n_columns + f];

			if (forest_rng_double(&rng) < b->missing)
				*v = NAN;
			else if (f < b->n_categorical)
				*v = floor(N_CATEGORIES * forest_rng_double(&rng) *
						   forest_rng_double(&rng));
			else
				*v = center + normal(&rng);
			if (b->real)
				*v = (float) *v;
		}
	}
}

/* Grows the forest and lays out its bytes. */
static uint8_t *
grow(const Bench *b, size_t *len)
{
	uint32_t	d = b->n_columns;
	uint32_t	n = b->sample_size < b->n_rows ? b->sample_size : b->n_rows;
	size_t		max_sets = (size_t) n * 64 + 64;
	ForestParts parts = {0};
	ForestFeature *features = allocate(d * sizeof(ForestFeature));
	ForestString *strings = allocate((d + b->n_categorical * N_CATEGORIES) *
									 sizeof(ForestString));
	char	   *names = allocate((d + N_CATEGORIES) * 16);
	ForestGroup group = {b->n_trees, n, b->max_depth};
	uint32_t   *tree_nodes = allocate(b->n_trees * sizeof(uint32_t));
	uint16_t   *nodes = allocate((size_t) b->n_trees * 2 * n * 2);
	double	   *cuts = allocate((size_t) b->n_trees * n * 8);
	uint32_t   *leaves = allocate((size_t) b->n_trees * n * 4);
	uint16_t   *sets = allocate(b->n_trees * max_sets * 2);
	void	   *memory = allocate(forest_grow_scratch_size(n, d, N_CATEGORIES,
														   false));
	uint32_t   *deck = allocate(b->n_rows * sizeof(uint32_t));
	ForestRows	rows = {b->rows, d, b->n_categories};
	ForestGrowth growth = {.max_depth = b->max_depth, .n_columns = d};
	ForestGrowScratch scratch;
	ForestDealer dealer;
	uint8_t    *bytes;

	for (uint32_t f = 0; f < d; f++)
	{
		strings[f].bytes = names + 16 * f;
		strings[f].len = (uint32_t) sprintf(names + 16 * f, "f%u", f);
		features[f].type = f < b->n_categorical ? FOREST_TEXT : FOREST_FLOAT8;
		features[f].n_categories = b->n_categories[f];
		features[f].minimum = features[f].maximum = NAN;
	}
	parts.n_strings = d;
	for (uint32_t i = 0; i < b->n_categorical * N_CATEGORIES; i++)
	{
		char	   *name = names + 16 * (d + i % N_CATEGORIES);

		strings[parts.n_strings].bytes = name;
		strings[parts.n_strings++].len = (uint32_t)
			sprintf(name, "c%02u", i % N_CATEGORIES);
	}

	forest_grow_scratch_init(&scratch, memory, n, d, N_CATEGORIES, false);
	forest_dealer_init(&dealer, deck, b->n_rows, b->n_rows, 7);
	for (uint32_t t = 0; t < b->n_trees; t++)
	{
		ForestTree	tree = {
			.nodes = nodes + parts.n_nodes, .cuts = cuts + parts.n_cuts,
			.leaves = leaves + parts.n_leaves, .sets = sets + parts.n_sets,
			.max_sets = max_sets
		};
		ForestRng	rng;

		forest_deal(&dealer, scratch.index, n, false);
		forest_rng_start(&rng, 7, FOREST_FOR_TREE, t);
		if (forest_grow_tree(&rows, n, &growth, &rng, &scratch,
							 &tree) != FOREST_OK)
			exit(1);
		tree_nodes[t] = tree.n_nodes;
		parts.n_nodes += tree.n_nodes;
		parts.n_cuts += tree.n_cuts;
		parts.n_leaves += tree.n_leaves;
		parts.n_sets += tree.n_sets;
	}
	parts.summary = (ForestSummary) {
		.n_features = d, .n_trees = b->n_trees, .n_groups = 1,
		.rows_seen = b->n_rows, .rows_kept = b->n_rows,
		.sample_size = b->sample_size, .max_depth = b->max_depth,
		.max_categories = 1000, .max_features = 1, .contamination = 0.05
	};
	parts.features = features;
	parts.strings = strings;
	parts.groups = &group;
	parts.tree_nodes = tree_nodes;
	parts.nodes = nodes;
	parts.cuts = cuts;
	parts.leaves = leaves;
	parts.sets = sets;
	*len = forest_model_size(&parts);
	bytes = allocate(*len);
	forest_model_write(&parts, bytes);
	return bytes;
}

/* Decodes the model, telling how long each step takes. */
static void
decode(Bench *b, const uint8_t *bytes, size_t len)
{
	ForestView	view;
	ForestFault fault;
	ForestBlocksPlan plan;
	double		start = seconds();
	double		opened;
	double		walked;
	size_t		walk_size;
	void	   *temporary;

	if (forest_open(bytes, len, &view, &fault) != FOREST_OK)
	{
		fprintf(stderr, "model refused: %s\n", fault.rule);
		exit(1);
	}
	opened = seconds();
	b->n_leaves = view.n_leaves;
	walk_size = forest_walk_size(&view);
	forest_walk_build(&view, allocate(walk_size), &b->walk);
	walked = seconds();
	temporary = allocate(forest_blocks_temporary_size(&b->walk));
	forest_blocks_plan(&b->walk, b->n_categories, temporary, &plan);
	b->has_blocks = plan.possible;
	if (plan.possible)
		forest_blocks_build(&b->walk, b->n_categories, &plan,
							allocate(plan.size), temporary, &b->blocks);
	else
		forest_wide_build(&b->walk, allocate(forest_wide_size(&b->walk)),
						  &b->wide);
	free(temporary);
	printf("model %zu bytes, %u nodes; open %.2f ms, walk %.2f ms (%zu kB)",
		   len, view.n_nodes, 1e3 * (opened - start), 1e3 * (walked - opened),
		   walk_size / 1024);
	if (b->has_blocks)
		printf(", blocks %.2f ms (%zu kB, %u blocks, %u values, %u levels)\n",
			   1e3 * (seconds() - walked), (size_t) plan.size / 1024,
			   plan.n_blocks, plan.n_values, plan.flat_levels);
	else
		printf(", no blocks\n");
}

/*
 * Prints how long the ways of rows are, the first thousand's, and how many
 * of the blocks' nodes are splits.
 */
static void
print_ways(const Bench *b)
{
	const ForestWalk *walk = &b->walk;
	double	   *slots = allocate(2 * b->n_columns * sizeof(double));
	uint32_t	n = b->n_rows < 1000 ? b->n_rows : 1000;
	uint64_t	levels = 0;
	uint64_t	blocks = 0;
	double		ways = (double) n * walk->n_trees;

	for (uint32_t i = 0; i < n; i++)
	{
		forest_walk_slots(walk, b->rows + (size_t) i * b->n_columns, slots);
		for (uint32_t tree = 0; tree < walk->n_trees; tree++)
		{
			uint32_t	at = walk->roots[tree];
			uint32_t	depth = 0;

			/* a leaf is its own child */
			for (; walk->nodes[at].child != at; depth++)
				at = walk->nodes[at].child +
					forest_walk_goes_right(walk, &walk->nodes[at], slots);
			levels += depth;
			blocks += (depth + FOREST_BLOCK_LEVELS - 1) / FOREST_BLOCK_LEVELS;
		}
	}
	free(slots);
	printf("ways of %.1f levels, %.2f blocks", (double) levels / ways,
		   (double) blocks / ways);
	if (b->has_blocks)
		printf("; %.0f %% of the blocks' nodes are splits",
			   100.0 * (walk->n_nodes - walk->n_trees) / 2 /
			   ((double) b->blocks.n_blocks * FOREST_BLOCK_NODES));
	printf("\n");
}

/* Scores all rows; returns ns a row and a checksum of all sums. */
static double
run(const Bench *b, ForestKernel kernel, void *scratch, uint64_t *checksum)
{
	double		start = seconds();

	*checksum = 0;
	for (uint32_t i = 0; i < b->n_rows; i++)
	{
		const double *row = b->rows + (size_t) i * b->n_columns;
		int64_t		sum;

		if (kernel == FOREST_KERNEL_WALK)
		{
			forest_walk_slots(&b->walk, row, scratch);
			sum = forest_walk_sum(&b->walk, scratch);
		}
		else
			sum = b->has_blocks ?
				forest_blocks_sum(&b->blocks, kernel, row, scratch) :
				forest_wide_sum(&b->wide, row, scratch);
		*checksum = *checksum * 31 + (uint64_t) sum;
	}
	return 1e9 * (seconds() - start) / b->n_rows;
}

/*
 * Returns the model once it has learned from rows of a decoded forest, every
 * other one of them an outlier.
 */
static uint8_t *
learn(const Bench *b, const uint8_t *bytes, size_t *len)
{
	uint32_t   *numbers = allocate(b->walk.n_nodes * sizeof(uint32_t));
	ForestLabels *labels = allocate(b->n_leaves * sizeof(ForestLabels));
	double	   *slots = allocate(2 * b->n_columns * sizeof(double));
	uint8_t    *learned;

	forest_number_leaves(&b->walk, numbers);
	for (uint32_t i = 0; i < LABELS && i < b->n_rows; i++)
	{
		forest_walk_slots(&b->walk, b->rows + (size_t) i * b->n_columns, slots);
		if (!forest_count_label(&b->walk, numbers, slots, i % 2 == 0, labels))
			exit(1);
	}
	*len = forest_learned_size(bytes, b->n_leaves, true);
	learned = allocate(*len);
	forest_learned_write(bytes, labels, b->n_leaves, learned);
	free(slots);
	free(labels);
	free(numbers);
	return learned;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* Memory for a row of either of two forests. */
static void *
allocate_scratch(const Bench *b, const Bench *other)
{
	size_t		size = 2 * (b->n_columns + 4) * sizeof(double);

	if (b->has_blocks && forest_blocks_scratch_size(&b->blocks) > size)
		size = forest_blocks_scratch_size(&b->blocks);
	if (other->has_blocks && forest_blocks_scratch_size(&other->blocks) > size)
		size = forest_blocks_scratch_size(&other->blocks);
	return allocate(size);
}

/* The median of a kernel's times, sorting them. */
static double
median(double *times)
{
	qsort(times, RUNS, sizeof(double), compare_doubles);
	return times[RUNS / 2];
}

/* What the sums of a kernel are beside those of the walk, if it has run. */
static const char *
compare_sums(const Times *times, ForestKernel k)
{
	if (times->checksums[FOREST_KERNEL_WALK] == 0)
		return "";
	return times->checksums[k] == times->checksums[FOREST_KERNEL_WALK] ?
		"same sums" : "SUMS DIFFER";
}

int
main(int argc, char **argv)
{
	Bench		b = {
		.n_rows = argc > 1 ? (uint32_t) atoi(argv[1]) : 100000,
		.n_columns = argc > 2 ? (uint32_t) atoi(argv[2]) : 10,
		.n_trees = argc > 3 ? (uint32_t) atoi(argv[3]) : 100,
		.sample_size = argc > 4 ? (uint32_t) atoi(argv[4]) : 256,
		.n_categorical = argc > 6 ? (uint32_t) atoi(argv[6]) : 0,
		.missing = argc > 7 ? atof(argv[7]) : 0,
		.real = argc > 9 && atoi(argv[9]) > 0
	};
	Bench		after;
	Times		plain = {0};
	Times		learned = {0};
	size_t		len;
	uint8_t    *bytes;
	void	   *scratch;
	double		start;

	b.max_depth = argc > 5 ? (uint32_t) atoi(argv[5]) :
		forest_default_depth(b.sample_size);
	make_rows(&b);
	start = seconds();
	bytes = grow(&b, &len);
	printf("%u rows, %u columns (%u categorical, %g missing), %u trees x %u, depth %u: grown in %.1f ms\n",
		   b.n_rows, b.n_columns, b.n_categorical, b.missing, b.n_trees,
		   b.sample_size, b.max_depth, 1e3 * (seconds() - start));
	decode(&b, bytes, len);
	print_ways(&b);
	after = b;
	bytes = learn(&b, bytes, &len);
	decode(&after, bytes, len);
	scratch = allocate_scratch(&b, &after);

	for (int r = 0; r < RUNS; r++)
	{
		for (ForestKernel k = FOREST_KERNEL_WALK; k < KERNELS; k++)
		{
			if (!forest_kernel_available(k) ||
				(argc > 8 && atoi(argv[8]) > 0 && atoi(argv[8]) != (int) k))
				continue;
			plain.ns[k][r] = run(&b, k, scratch, &plain.checksums[k]);
			learned.ns[k][r] = run(&after, k, scratch, &learned.checksums[k]);
		}
	}
	for (ForestKernel k = FOREST_KERNEL_WALK; k < KERNELS; k++)
	{
		double		ns = median(plain.ns[k]);
		double		ns_learned = median(learned.ns[k]);

		if (ns > 0)
			printf("%-9s %8.1f ns a row  %6.2f ns a tree  %s; learned %8.1f, %.2f times  %s\n",
				   kernel_names[k], ns, ns / b.n_trees,
				   compare_sums(&plain, k), ns_learned, ns_learned / ns,
				   compare_sums(&learned, k));
	}
	return 0;
}
