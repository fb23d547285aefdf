/*-------------------------------------------------------------------------
 *
 * train_generator.c
 *	  Training a model's generator of rows.
 *
 * A generator learns from the rows that the state has kept, once the trees
 * have grown.  Each of its steps takes some milliseconds and looks for
 * interrupts; all memory is in the current context.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/format/forest_model.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_training.h"
#include "core/net/forest_net_kernel.h"
#include "sketch/row_sample.h"
#include "sketch/train_options.h"
#include "train/train_generator.h"
#include "train/train_progress.h"

/* Steps from one look at the clock to the next. */
#define STEPS_AT_ONCE	10

/* Reports an option of generators where the options ask for none. */
static void
report_no_generator(const char *option)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" is given, but option \"generator\" is not",
					option),
			 errhint("Ask for a generator: generator => 'vae' or 'gan'.")));
}

/* Checks that the options of generators go together. */
void
train_check_generator(const TrainOptions *options)
{
	if (options->generator == GENERATOR_NONE && options->generator_steps > 0)
		report_no_generator("generator_steps");
	if (options->generator_label == NULL ||
		options->generator == GENERATOR_GAN)
		return;
	if (options->generator == GENERATOR_NONE)
		report_no_generator("generator_label");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"generator_label\" is given, but generator 'vae' takes none"),
			 errhint("Take generator => 'gan', or leave the label out: it is learnt as any column.")));
}

/* The number of the feature that is the label; FOREST_NO_LABEL for none. */
static uint32
find_label(const RowSample *state)
{
	const char *label = state->options.generator_label;

	if (label == NULL)
		return FOREST_NO_LABEL;
	for (uint32 f = 0; f < state->n_features; f++)
	{
		const SampleFeature *feature = &state->features[f];

		CHECK_FOR_INTERRUPTS();
		if (strcmp(feature->name, label) != 0)
			continue;
		if (!forest_table_is_classes(feature->type))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"generator_label\" is \"%s\", but that column is a number",
							label),
					 errhint("Name a column of booleans or categories, or cast the column to text.")));
		return f;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"generator_label\" is \"%s\", but no column that is trained on has this name",
					label),
			 errhint("iforest_features() of a model without this option lists their names.")));
	return FOREST_NO_LABEL;		/* not reached */
}

/* Says what to expect of a generator that few rows are learnt by. */
static void
warn_of_few_rows(uint32 n_rows)
{
	if (n_rows >= FOREST_TRAINING_SMALL_ROWS)
		return;
	if (n_rows < FOREST_TRAINING_FEW_ROWS)
		ereport(NOTICE,
				(errmsg_plural("generator learns from %u row only, and so by heart",
							   "generator learns from %u rows only, and so by heart",
							   n_rows, n_rows),
				 errdetail("Of fewer than %d rows none are held out to notice it.",
						   FOREST_TRAINING_FEW_ROWS),
				 errhint("Prefer method => 'forest' for fewer than %d rows.",
						 FOREST_TRAINING_SMALL_ROWS)));
	else
		ereport(NOTICE,
				(errmsg("generator learns from %u rows only", n_rows),
				 errhint("Prefer method => 'forest' for fewer than %d rows.",
						 FOREST_TRAINING_SMALL_ROWS)));
}

/* Allocates memory for the training of a table, or reports too much of it. */
static void *
allocate(uint64 size, const ForestTable *table)
{
	if (size > MaxAllocSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("generator for %u rows of %u columns would take %llu MB of memory, but at most 1024 MB are supported",
						table->n_rows, table->n_columns,
						(unsigned long long) (size >> 20)),
				 errhint("Lower n_trees or sample_size, whose product is how many rows training keeps.")));
	return palloc_extended(size, MCXT_ALLOC_HUGE);
}

/* Sees a table as networks do. */
static void
code_table(const ForestTable *table, ForestCoded *coded)
{
	void	   *memory = allocate(forest_table_size(table), table);
	void	   *scratch = allocate(forest_table_scratch_size(table), table);

	forest_table_code(table, memory, scratch, coded);
	pfree(scratch);
}

/* Reports a table that cannot be learnt. */
static void
check_table(const ForestCoded *coded, const ForestTrainingOptions *options)
{
	switch (forest_training_check(coded, options))
	{
		case FOREST_TRAINING_POSSIBLE:
		case FOREST_TRAINING_NO_ROWS:	/* there is no model then */
		case FOREST_TRAINING_NO_CLASSES:	/* see find_label */
			break;
		case FOREST_TRAINING_TOO_WIDE:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("columns take %u inputs and %u outputs of a generator, but at most %u and %u are supported",
							coded->columns.n_input, coded->columns.n_output,
							FOREST_NET_MAX_UNITS, FOREST_NET_MAX_WIDTH),
					 errdetail("A category takes one for each of its values, a number one or two."),
					 errhint("Group rare categories, or train on fewer columns.")));
			break;
	}
}

/* Learns; what the generator is of stays allocated. */
static void
learn(ForestTraining *training, ForestCoded *coded, const ForestTable *table,
	  const ForestTrainingOptions *options)
{
	uint64		size = forest_training_size(coded, options);

	forest_training_begin(training, coded, options, forest_net_kernel(),
						  allocate(size, table));
	while (forest_training_run(training, STEPS_AT_ONCE))
	{
		CHECK_FOR_INTERRUPTS();
		if (train_watched)
			train_watch_generator(training->n_steps, training->most_steps);
	}
	if (training->generator.outcome == FOREST_OUTCOME_NOT_FINITE)
		ereport(WARNING,
				(errmsg("generator stopped after %u of %u steps, as its loss was not finite any more",
						training->n_steps, training->most_steps),
				 errdetail("It has the best weights from before.")));
}

/*
 * Adds the generator that the state's options ask for to a model's parts;
 * "rows" are the kept rows with the model's codes.
 */
void
train_generator(const RowSample *state, const double *rows,
				const uint32 *n_categories, ForestParts *parts)
{
	const TrainOptions *options = &state->options;
	uint32		d = state->n_features;
	uint32	   *types;
	ForestTraining *training;
	ForestTrainingOptions how;
	ForestTable table;
	ForestCoded coded;
	uint8	   *bytes;

	if (options->generator == GENERATOR_NONE)
		return;
	types = palloc(d * sizeof(uint32));
	for (uint32 f = 0; f < d; f++)
		types[f] = state->features[f].type;
	how.method = options->generator == GENERATOR_GAN ? FOREST_METHOD_GAN :
		FOREST_METHOD_VAE;
	how.n_steps = (uint32) options->generator_steps;
	how.label = find_label(state);
	how.seed = (uint64) options->seed;
	warn_of_few_rows(state->sample.n);
	table = (ForestTable) {rows, state->sample.n, d, types, n_categories};
	code_table(&table, &coded);
	check_table(&coded, &how);
	training = palloc(sizeof(*training));
	learn(training, &coded, &table, &how);
	parts->generator_size = forest_generator_size(&training->generator);
	bytes = palloc_extended(parts->generator_size, MCXT_ALLOC_HUGE);
	forest_generator_write(&training->generator, bytes);
	parts->generator = bytes;
}
