/*-------------------------------------------------------------------------
 *
 * generators_core.c
 *	  Trains a generator on a CSV file, without a server, and makes rows.
 *
 * usage: generators_core [-m vae|gan] [-s SEED] [-t STEPS] [-n ROWS]
 *			[-c COLUMN,..] [-l COLUMN] [-g COLUMN=VALUE,..] [-a RADIUS] [-i]
 *			[-r ROWS] FILE
 *
 * The file has a header; an empty field is a NULL.  A column that has
 * something else than numbers, or is named by -c, is a category.  As many
 * rows as were read, or -n of them, are made and written to standard output;
 * -g gives columns, -l is the label of an adversarial network.  With -a the
 * rows are made around those read instead, with -i those that miss something
 * are made whole.  -r repeats the rows until there are so many.  Times go to
 * standard error.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/generator/forest_around.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_training.h"
#include "core/generator/forest_whole.h"
#include "core/net/forest_net_kernel.h"

#define LINE	1000000

typedef struct Csv
{
	uint32_t	n_rows;
	uint32_t	n_columns;
	char	  **names;
	char	  **fields;			/* n_rows x n_columns */
	double	   *values;
	uint32_t   *types;
	uint32_t   *n_categories;
	char	 ***categories;		/* of each column */
} Csv;

static void
fail(const char *what)
{
	fprintf(stderr, "generators_core: %s\n", what);
	exit(1);
}

static void *
allocate(size_t size)
{
	void	   *memory = calloc(size + 1, 1);

	if (memory == NULL)
		fail("no memory");
	return memory;
}

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* Splits a line at its commas; returns how many fields it has. */
static uint32_t
split(char *line, char **fields, uint32_t most)
{
	uint32_t	n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (n < most)
	{
		char	   *comma = strchr(line, ',');

		if (comma != NULL)
			*comma = '\0';
		fields[n++] = strdup(line);
		if (comma == NULL)
			break;
		line = comma + 1;
	}
	return n;
}

static void
read_file(Csv *csv, const char *path)
{
	FILE	   *file = fopen(path, "r");
	char	   *line = allocate(LINE);
	size_t		room = 0;

	if (file == NULL || fgets(line, LINE, file) == NULL)
		fail("cannot read the file");
	csv->names = allocate(FOREST_MAX_FEATURES * sizeof(char *));
	csv->n_columns = split(line, csv->names, FOREST_MAX_FEATURES);
	while (fgets(line, LINE, file) != NULL)
	{
		if (csv->n_rows == room)
		{
			room = 2 * room + 100;
			csv->fields = realloc(csv->fields,
								  room * csv->n_columns * sizeof(char *));
		}
		if (split(line, csv->fields + (size_t) csv->n_rows * csv->n_columns,
				  csv->n_columns) != csv->n_columns)
			fail("rows of different lengths");
		csv->n_rows++;
	}
	fclose(file);
	free(line);
}

/* Whether a name is in a list with commas. */
static int
is_in(const char *list, const char *name)
{
	size_t		n = strlen(name);

	for (const char *at = list; at != NULL; at = strchr(at, ','))
	{
		at += *at == ',';
		if (strncmp(at, name, n) == 0 &&
			(at[n] == ',' || at[n] == '\0' || at[n] == '='))
			return 1;
	}
	return 0;
}

static int
compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Turns fields into values; returns the code of a category, or the number. */
static double
read_field(const Csv *csv, uint32_t c, const char *field)
{
	char	  **found;

	if (*field == '\0')
		return NAN;
	if (csv->types[c] != FOREST_TEXT)
		return strtod(field, NULL);
	found = bsearch(&field, csv->categories[c], csv->n_categories[c],
					sizeof(char *), compare_text);
	return found == NULL ? csv->n_categories[c] :
		(double) (found - csv->categories[c]);
}

/* Decides what a column is. */
static void
read_column(Csv *csv, uint32_t c, const char *classes)
{
	char	  **texts = allocate(csv->n_rows * sizeof(char *));
	uint32_t	n = 0;

	csv->types[c] = is_in(classes, csv->names[c]) ? FOREST_TEXT : FOREST_FLOAT8;
	for (uint32_t i = 0; i < csv->n_rows; i++)
	{
		char	   *field = csv->fields[(size_t) i * csv->n_columns + c];
		char	   *end;

		(void) strtod(field, &end);
		if (*end != '\0')
			csv->types[c] = FOREST_TEXT;
		if (*field != '\0')
			texts[n++] = field;
	}
	if (csv->types[c] == FOREST_TEXT)
	{
		uint32_t	kept = 0;

		qsort(texts, n, sizeof(char *), compare_text);
		for (uint32_t i = 0; i < n; i++)
			if (kept == 0 || strcmp(texts[kept - 1], texts[i]) != 0)
				texts[kept++] = texts[i];
		csv->n_categories[c] = kept;
		csv->categories[c] = texts;
	}
	for (uint32_t i = 0; i < csv->n_rows; i++)
	{
		size_t		at = (size_t) i * csv->n_columns + c;

		csv->values[at] = read_field(csv, c, csv->fields[at]);
	}
}

static void
read_columns(Csv *csv, const char *classes)
{
	csv->types = allocate(csv->n_columns * sizeof(uint32_t));
	csv->n_categories = allocate(csv->n_columns * sizeof(uint32_t));
	csv->categories = allocate(csv->n_columns * sizeof(char **));
	csv->values = allocate((size_t) csv->n_rows * csv->n_columns *
						   sizeof(double));
	for (uint32_t c = 0; c < csv->n_columns; c++)
		read_column(csv, c, classes);
}

static void
write_row(const Csv *csv, const double *row)
{
	for (uint32_t c = 0; c < csv->n_columns; c++)
	{
		if (c > 0)
			putchar(',');
		if (isnan(row[c]))
			continue;
		if (csv->types[c] == FOREST_TEXT)
			fputs(csv->categories[c][(uint32_t) row[c]], stdout);
		else
			printf("%.15g", row[c]);
	}
	putchar('\n');
}

static uint32_t
column_of(const Csv *csv, const char *name)
{
	for (uint32_t c = 0; c < csv->n_columns; c++)
		if (strcmp(csv->names[c], name) == 0)
			return c;
	fail("no such column");
	return 0;
}

/* Repeats the rows until there are n. */
static void
repeat_rows(Csv *csv, uint32_t n)
{
	csv->values = realloc(csv->values, (size_t) n * csv->n_columns *
						  sizeof(double));
	for (uint32_t i = csv->n_rows; i < n; i++)
		memcpy(csv->values + (size_t) i * csv->n_columns,
			   csv->values + (size_t) (i % csv->n_rows) * csv->n_columns,
			   csv->n_columns * sizeof(double));
	csv->n_rows = n;
}

/* Trains; what it allocates stays. */
static const ForestGenerator *
train(const Csv *csv, const ForestTrainingOptions *options,
	  ForestCoded *coded, ForestTraining *training)
{
	ForestTable table = {csv->values, csv->n_rows, csv->n_columns, csv->types,
	csv->n_categories};
	void	   *scratch = allocate(forest_table_scratch_size(&table));
	double		start = seconds();
	double		coded_at;

	forest_table_code(&table, allocate(forest_table_size(&table)), scratch,
					  coded);
	free(scratch);
	coded_at = seconds();
	if (forest_training_check(coded, options) != FOREST_TRAINING_POSSIBLE)
		fail("the table cannot be learnt");
	forest_training_begin(training, coded, options, forest_net_kernel(),
						  allocate(forest_training_size(coded, options)));
	while (forest_training_run(training, 1) &&
		   training->phase == FOREST_TRAINING_STEPS)
		;
	fprintf(stderr, "rows %u, columns %u, units %u to %u, hidden %u\n",
			csv->n_rows, csv->n_columns, training->generator.columns.n_input,
			training->generator.columns.n_output, training->generator.hidden);
	fprintf(stderr, "coding %.2f s, steps %u in %.2f s", coded_at - start,
			training->n_steps, seconds() - coded_at);
	coded_at = seconds();
	while (forest_training_run(training, 1))
		;
	fprintf(stderr, ", latents %.2f s; outcome %d, %.3f bits a row\n",
			seconds() - coded_at, (int) training->generator.outcome,
			training->generator.bits);
	return &training->generator;
}

/* Reads "column=value,.." into a row. */
static void
read_given(const Csv *csv, char *text, double *row, bool *given)
{
	for (char *item = strtok(text, ","); item != NULL;
		 item = strtok(NULL, ","))
	{
		char	   *value = strchr(item, '=');
		uint32_t	c;

		if (value == NULL)
			fail("-g wants COLUMN=VALUE");
		*value++ = '\0';
		c = column_of(csv, item);
		given[c] = true;
		row[c] = read_field(csv, c, value);
	}
}

static void
make_rows(const Csv *csv, ForestMake *make, uint32_t n, uint64_t seed,
		  char *given_text, double label)
{
	double	   *rows = allocate((size_t) n * csv->n_columns * sizeof(double));
	double	   *row = allocate(csv->n_columns * sizeof(double));
	bool	   *given = allocate(csv->n_columns * sizeof(bool));
	double		start = seconds();
	ForestGiven weighed;

	if (given_text != NULL)
	{
		read_given(csv, given_text, row, given);
		forest_given_weigh(make, row, given, seed, FOREST_GIVEN_LATENTS,
						   allocate(forest_given_size(FOREST_GIVEN_LATENTS)),
						   &weighed);
		fprintf(stderr, "weighed in %.4f s, effective %.1f\n",
				seconds() - start, weighed.effective);
		start = seconds();
		forest_make_given(make, &weighed, row, given, seed, 0, n, rows);
	}
	else
		forest_make_rows(make, label, seed, 0, n, rows);
	fprintf(stderr, "%.2f us a row\n", 1e6 * (seconds() - start) / n);
	for (uint32_t i = 0; i < n; i++)
		write_row(csv, rows + (size_t) i * csv->n_columns);
}

/* Makes n rows around each row read, or makes that whole. */
static void
change_rows(const Csv *csv, ForestMake *make, uint32_t n, uint64_t seed,
			double radius)
{
	double	   *rows = allocate((size_t) n * csv->n_columns * sizeof(double));
	double		start = seconds();

	for (uint32_t i = 0; i < csv->n_rows; i++)
	{
		const double *row = csv->values + (size_t) i * csv->n_columns;

		if (isnan(radius))
		{
			memcpy(rows, row, csv->n_columns * sizeof(double));
			forest_make_whole(make, rows);
		}
		else
			forest_make_around(make, row, radius, seed, (uint64_t) i * n, n,
							   rows);
		for (uint32_t k = 0; k < n; k++)
			write_row(csv, rows + (size_t) k * csv->n_columns);
	}
	fprintf(stderr, "%.2f us a row\n", 1e6 * (seconds() - start) /
			((double) csv->n_rows * n));
}

int
main(int argc, char **argv)
{
	ForestTrainingOptions options = {FOREST_METHOD_VAE, 0, FOREST_NO_LABEL, 1};
	const char *classes = NULL;
	const char *label = NULL;
	char	   *given = NULL;
	double		radius = NAN;
	double		label_value = NAN;
	int			whole = 0;
	uint32_t	n_made = 0;
	uint32_t	n_repeated = 0;
	int			option;
	Csv			csv = {0};
	Csv			base = {0};
	ForestCoded coded;
	static ForestTraining training;
	const ForestGenerator *generator;
	ForestMake	make;

	while ((option = getopt(argc, argv, "m:s:t:n:c:l:g:a:ir:")) != -1)
	{
		switch (option)
		{
			case 'm':
				options.method = strcmp(optarg, "gan") == 0 ?
					FOREST_METHOD_GAN : FOREST_METHOD_VAE;
				break;
			case 's':
				options.seed = strtoull(optarg, NULL, 10);
				break;
			case 't':
				options.n_steps = (uint32_t) strtoul(optarg, NULL, 10);
				break;
			case 'n':
				n_made = (uint32_t) strtoul(optarg, NULL, 10);
				break;
			case 'c':
				classes = optarg;
				break;
			case 'l':
				label = optarg;
				break;
			case 'g':
				given = optarg;
				break;
			case 'a':
				radius = strtod(optarg, NULL);
				break;
			case 'i':
				whole = 1;
				break;
			case 'r':
				n_repeated = (uint32_t) strtoul(optarg, NULL, 10);
				break;
			default:
				return 2;
		}
	}
	if (optind >= argc)
		fail("which file?");
	read_file(&csv, argv[optind]);
	read_columns(&csv, classes);
	if (n_repeated > csv.n_rows)
		repeat_rows(&csv, n_repeated);
	if (label != NULL)
	{
		char	   *name = strdup(label);
		char	   *value = strchr(name, '=');

		if (value != NULL)
			*value++ = '\0';
		options.label = column_of(&csv, name);
		if (value != NULL)
			label_value = read_field(&csv, options.label, value);
	}
	generator = train(&csv, &options, &coded, &training);
	forest_make_init(&make, generator, forest_net_kernel(),
					 allocate(forest_make_size(generator)));
	/* rows to change are in a second file, or those learnt from */
	base = csv;
	if (optind + 1 < argc)
	{
		base.n_rows = 0;
		base.fields = NULL;
		read_file(&base, argv[optind + 1]);
		base.values = allocate((size_t) base.n_rows * base.n_columns *
							   sizeof(double));
		for (size_t i = 0; i < (size_t) base.n_rows * base.n_columns; i++)
			base.values[i] = read_field(&csv, (uint32_t) (i % base.n_columns),
										base.fields[i]);
	}
	for (uint32_t c = 0; c < csv.n_columns; c++)
		printf("%s%s", c > 0 ? "," : "", csv.names[c]);
	putchar('\n');
	if (whole || !isnan(radius))
		change_rows(&base, &make, n_made > 0 && !whole ? n_made : 1,
					options.seed, whole ? (double) NAN : radius);
	else
		make_rows(&csv, &make, n_made > 0 ? n_made : csv.n_rows, options.seed,
				  given, label_value);
	return 0;
}
