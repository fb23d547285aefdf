/*-------------------------------------------------------------------------
 *
 * explain_bench.c
 *	  Microseconds to explain a row, by the portable kernel and by the best
 *	  of this processor, beside those to score it by the walk, without a
 *	  server.
 *
 * usage: explain_bench [columns] [trees] [sample_size] [max_depth] [rows]
 *
 * "columns" is their number, or - to read a table from standard input: a
 * header, then numbers between commas, of which the last (a label) is left
 * out.  Otherwise rows are drawn from three Gaussian clusters by a fixed
 * seed.  Explaining and walking take turns; medians and the least times, which
 * other work on the machine disturbs less, are printed.
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
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_build.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "core/format/forest_write.h"
#include "core/grow/forest_grow.h"
#include "core/grow/forest_sample.h"
#include "core/score/forest_kernel.h"
#include "core/score/forest_walk.h"

#define RUNS		51
#define DRAWN_ROWS	10000

typedef struct Bench
{
	uint32_t	n_rows;
	uint32_t	n_columns;
	double	   *rows;
	ForestView	view;
	ForestWalk	walk;
	ForestExplain explain;
} Bench;

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

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

static double
median(double *times)
{
	qsort(times, RUNS, sizeof(double), compare_doubles);
	return times[RUNS / 2];
}

/* Draws rows: each column is a sum of uniform numbers around a center. */
static void
draw_rows(Bench *b)
{
	ForestRng	rng;

	forest_rng_init(&rng, 42, 0);
	b->n_rows = DRAWN_ROWS;
	b->rows = allocate((size_t) b->n_rows * b->n_columns * sizeof(double));
	for (uint32_t i = 0; i < b->n_rows; i++)
	{
		double		center = forest_rng_below(&rng, 3) * 4.0;

		for (uint32_t f = 0; f < b->n_columns; f++)
		{
			double		sum = center - 6.0;

			for (int k = 0; k < 12; k++)
				sum += forest_rng_double(&rng);
			b->rows[(size_t) i * b->n_columns + f] = sum;
		}
	}
}

/* Reads rows from standard input. */
static void
read_rows(Bench *b)
{
	static char line[1 << 16];
	size_t		n = 0;
	size_t		room = 0;

	if (fgets(line, sizeof(line), stdin) == NULL)
		exit(1);
	for (const char *p = line; *p; p++)
		b->n_columns += *p == ',';
	while (fgets(line, sizeof(line), stdin) != NULL)
	{
		char	   *p = line;

		if (n + b->n_columns > room)
		{
			room = 2 * room + b->n_columns;
			b->rows = realloc(b->rows, room * sizeof(double));
		}
		for (uint32_t f = 0; f < b->n_columns; f++, p++)
			b->rows[n++] = strtod(p, &p);
	}
	b->n_rows = (uint32_t) (n / b->n_columns);
}

/* Grows a forest and returns the bytes of its model. */
static uint8_t *
grow(const Bench *b, uint32_t n_trees, uint32_t sample_size,
	 uint32_t max_depth, size_t *len)
{
	uint32_t	d = b->n_columns;
	ForestFeature *features = allocate(d * sizeof(ForestFeature));
	ForestString *strings = allocate(d * sizeof(ForestString));
	char	   *names = allocate(d * 8);
	ForestGroup group = {n_trees, sample_size, max_depth};
	uint32_t   *tree_nodes = allocate(n_trees * sizeof(uint32_t));
	uint16_t   *nodes = allocate((size_t) n_trees * 2 * sample_size * 2);
	double	   *cuts = allocate((size_t) n_trees * sample_size * 8);
	uint32_t   *leaves = allocate((size_t) n_trees * sample_size * 4);
	uint32_t   *deck = allocate(b->n_rows * sizeof(uint32_t));
	ForestRows	rows = {b->rows, d, allocate(d * sizeof(uint32_t))};
	ForestParts parts = {
		.features = features, .strings = strings, .groups = &group,
		.tree_nodes = tree_nodes, .nodes = nodes, .cuts = cuts,
		.leaves = leaves, .n_strings = d
	};
	ForestGrowth growth = {.max_depth = max_depth, .n_columns = d};
	ForestGrowScratch scratch;
	ForestDealer dealer;
	uint8_t    *bytes;

	for (uint32_t f = 0; f < d; f++)
	{
		strings[f].bytes = names + 8 * f;
		strings[f].len = (uint32_t) sprintf(names + 8 * f, "f%u", f);
		features[f] = (ForestFeature) {FOREST_FLOAT8, 0, 0, NAN, NAN};
	}
	forest_grow_scratch_init(&scratch,
							 allocate(forest_grow_scratch_size(sample_size, d,
															   0, false)),
							 sample_size, d, 0, false);
	forest_dealer_init(&dealer, deck, b->n_rows, b->n_rows, 7);
	for (uint32_t t = 0; t < n_trees; t++)
	{
		ForestTree	tree = {
			.nodes = nodes + parts.n_nodes, .cuts = cuts + parts.n_cuts,
			.leaves = leaves + parts.n_leaves
		};
		ForestRng	rng;

		forest_deal(&dealer, scratch.index, sample_size, false);
		forest_rng_start(&rng, 7, FOREST_FOR_TREE, t);
		if (forest_grow_tree(&rows, sample_size, &growth, &rng, &scratch,
							 &tree) != FOREST_OK)
			exit(1);
		tree_nodes[t] = tree.n_nodes;
		parts.n_nodes += tree.n_nodes;
		parts.n_cuts += tree.n_cuts;
		parts.n_leaves += tree.n_leaves;
	}
	parts.summary = (ForestSummary) {
		.n_features = d, .n_trees = n_trees, .n_groups = 1,
		.rows_seen = b->n_rows, .rows_kept = b->n_rows,
		.sample_size = sample_size, .max_depth = max_depth,
		.max_categories = 1000, .max_features = 1, .contamination = 0.05
	};
	*len = forest_model_size(&parts);
	bytes = allocate(*len);
	forest_model_write(&parts, bytes);
	return bytes;
}

/* Builds both forms, telling what it takes. */
static void
build(Bench *b)
{
	void	   *temporary = allocate(forest_explain_plan_size(&b->view));
	ForestExplainPlan plan;
	double		times[RUNS];

	forest_walk_build(&b->view, allocate(forest_walk_size(&b->view)),
					  &b->walk);
	for (int r = 0; r < RUNS; r++)
	{
		double		start = seconds();
		void	   *memory;

		forest_explain_plan(&b->view, &b->walk, temporary, &plan);
		memory = malloc(plan.size);
		forest_explain_build(&b->view, &b->walk, &plan, memory, temporary,
							 &b->explain);
		times[r] = seconds() - start;
		if (r < RUNS - 1)
			free(memory);
	}
	printf("%u nodes: %llu splits, %llu forks, %llu tips, %llu states\n",
		   b->view.n_nodes, (unsigned long long) plan.n_splits,
		   (unsigned long long) plan.n_forks, (unsigned long long) plan.n_tips,
		   (unsigned long long) plan.n_states);
	printf("built in %.2f ms, %llu kB (walk %llu kB, scratch %llu kB)\n",
		   1e3 * median(times), (unsigned long long) plan.size / 1024,
		   (unsigned long long) forest_walk_size(&b->view) / 1024,
		   (unsigned long long)
		   forest_explain_scratch_size(&b->explain) / 1024);
	printf("%u features on a path, %u x %u points\n", plan.most_features,
		   plan.n_blocks, FOREST_LANES);
}

/* Explains n rows; returns the greatest error of a sum. */
static double
explain_rows(const Bench *b, ForestKernel kernel, uint32_t n, double *phi,
			 void *scratch, const double *lengths)
{
	double		worst = 0.0;

	for (uint32_t i = 0; i < n; i++)
	{
		double		sum = forest_explain_expected(&b->explain) - lengths[i];

		forest_explain(&b->explain, kernel, &b->walk,
					   b->rows + (size_t) i * b->n_columns, phi, scratch);
		for (uint32_t f = 0; f < b->n_columns; f++)
			sum += phi[f];
		if (fabs(sum) > worst)
			worst = fabs(sum);
	}
	return worst;
}

static void
walk_rows(const Bench *b, uint32_t n, double *slots, double *lengths)
{
	for (uint32_t i = 0; i < n; i++)
	{
		forest_walk_slots(&b->walk, b->rows + (size_t) i * b->n_columns, slots);
		lengths[i] = forest_mean_length(forest_walk_sum(&b->walk, slots),
										b->walk.scale, b->walk.n_trees);
	}
}

/* Measures n rows. */
static void
measure(const Bench *b, uint32_t n)
{
	double	   *phi = allocate(b->n_columns * sizeof(double));
	double	   *slots = allocate(2 * b->n_columns * sizeof(double));
	double	   *lengths = allocate(n * sizeof(double));
	void	   *scratch = allocate(forest_explain_scratch_size(&b->explain));
	double		walk[RUNS];
	double		explain[RUNS];
	double		best[RUNS];
	double		worst = 0.0;

	for (int r = 0; r < RUNS; r++)
	{
		double		start = seconds();
		double		walked;
		double		explained;

		walk_rows(b, n, slots, lengths);
		walked = seconds();
		worst = explain_rows(b, FOREST_KERNEL_PORTABLE, n, phi, scratch,
							 lengths);
		explained = seconds();
		explain_rows(b, forest_kernel_best(), n, phi, scratch, lengths);
		walk[r] = 1e6 * (walked - start) / n;
		explain[r] = 1e6 * (explained - walked) / n;
		best[r] = 1e6 * (seconds() - explained) / n;
	}
	printf("us a row: walk %.2f, explain: portable %.1f, best kernel %.1f",
		   median(walk), median(explain), median(best));
	printf("; least: %.2f, %.1f, %.1f", walk[0], explain[0], best[0]);
	printf("; greatest error of a sum %.1e\n", worst);
}

int
main(int argc, char **argv)
{
	Bench		b = {0};
	uint32_t	n_trees = argc > 2 ? (uint32_t) atoi(argv[2]) : 100;
	uint32_t	sample_size = argc > 3 ? (uint32_t) atoi(argv[3]) : 256;
	uint32_t	max_depth = argc > 4 ? (uint32_t) atoi(argv[4]) :
		forest_default_depth(sample_size);
	uint32_t	n = argc > 5 ? (uint32_t) atoi(argv[5]) : 200;
	ForestFault fault;
	size_t		len;
	uint8_t    *bytes;

	if (argc > 1 && strcmp(argv[1], "-") == 0)
		read_rows(&b);
	else
	{
		b.n_columns = argc > 1 ? (uint32_t) atoi(argv[1]) : 10;
		draw_rows(&b);
	}
	if (b.n_rows < sample_size || b.n_columns == 0)
	{
		fprintf(stderr, "not enough rows for a sample\n");
		return 1;
	}
	bytes = grow(&b, n_trees, sample_size, max_depth, &len);
	if (forest_open(bytes, len, &b.view, &fault) != FOREST_OK)
	{
		fprintf(stderr, "model refused: %s\n", fault.rule);
		return 1;
	}
	printf("%u columns, %u trees x %u, depth %u\n", b.n_columns, n_trees,
		   sample_size, max_depth);
	build(&b);
	measure(&b, n < b.n_rows ? n : b.n_rows);
	return 0;
}
