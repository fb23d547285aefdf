/*-------------------------------------------------------------------------
 *
 * row_sample_merge.c
 *	  Samples of rows united: a sample with another, or with sketches.
 *
 * A row is known by its key, which follows from the stream that it came in
 * and from its place there.  The rows with the smallest keys of all are a
 * uniform sample of all streams, whatever the order of uniting; a row that
 * comes twice counts once.
 *
 * Two rows of different streams may have one key, though hardly ever (in a
 * sample of 25600 of 10^12 rows with a probability of 10^-3).  Then one of
 * them stays, which does not depend on the order either.  But two rows of one
 * key and one stream tell that different rows were given one seed.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/format/forest_sketch.h"
#include "core/format/forest_view.h"
#include "row/arguments.h"
#include "row/types.h"
#include "sketch/document_sample.h"
#include "sketch/number_map.h"
#include "sketch/row_sample.h"
#include "sketch/row_sample_merge.h"
#include "sketch/row_weights.h"
#include "sketch/sketch_reader.h"

/* Ranks of rows by which rounding can put one before another. */
#define ROUNDED_RANKS	64

/* What rows are taken from. */
typedef struct RowSource
{
	uint32		n_features;
	ArgumentColumn *columns;	/* types and names of these */
	/* the category that a code of a feature stands for */
	ForestString (*category) (struct RowSource *source, uint32 feature,
							  double code);
	const RowSample *sample;	/* one of these two */
	SketchReader *sketch;
	bool		shares_stream;	/* with what the rows go into */
	double	   *row;			/* room for one, with that one's codes */
} RowSource;

/*
 * Features of the parts must be alike, or there is no forest of all of them.
 * Parts of one query may differ where rows are built by an expression.
 */
static void
check_same_features(const RowSample *state, const RowSource *source)
{
	const char *part = source->sketch != NULL ? "one sketch" :
		"one part of the data";

	if (state->n_features != source->n_features)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("rows have %u columns in %s and %u in another",
						state->n_features, part, source->n_features)));
	for (uint32 i = 0; i < state->n_features; i++)
	{
		if (state->features[i].type != source->columns[i].type)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" has type %s in %s and %s in another",
							state->features[i].name,
							forest_type_name(state->features[i].type), part,
							forest_type_name(source->columns[i].type))));
	}
}

/* Features of sketches have the same names, unless the caller gives some. */
static void
check_same_names(const RowSample *state, const RowSource *source)
{
	for (uint32 i = 0; i < state->n_features; i++)
	{
		if (state->options.feature_names.n > 0 ||
			strcmp(state->features[i].name, source->columns[i].name) == 0)
			continue;
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column %u is named \"%s\" in one sketch and \"%s\" in another",
						i + 1, state->features[i].name,
						source->columns[i].name),
				 errhint("If they mean the same, name the features with iforest_options(feature_names => ..).")));
	}
}

/* A row of a source with the state's codes, into source->row. */
static void
translate_row(RowSample *state, RowSource *source, const double *values)
{
	for (uint32 i = 0; i < state->n_features; i++)
	{
		source->row[i] = values[i];
		if (forest_type_is_category(state->features[i].type) &&
			!isnan(values[i]))
			source->row[i] = row_sample_code(state, i,
											 source->category(source, i,
															  values[i]));
	}
}

/* Compares two values of a feature: those missing come first. */
static int
compare_values(const RowSample *state, uint32 f, double a, RowSource *source,
			   double b)
{
	uint64		bits[2];

	if (isnan(a) || isnan(b))
		return (int) isnan(b) - (int) isnan(a);
	if (forest_type_is_category(state->features[f].type))
		return forest_string_compare(state->features[f].codes[(uint32) a].bytes,
									 source->category(source, f, b));
	memcpy(&bits[0], &a, sizeof(a));
	memcpy(&bits[1], &b, sizeof(b));
	return bits[0] < bits[1] ? -1 : bits[0] > bits[1];
}

/* Compares the row in a slot of the state with one of a source. */
static int
compare_rows(const RowSample *state, uint32 slot, RowSource *source,
			 const double *values)
{
	const double *row = state->rows + (Size) slot * state->n_features;
	int			order = 0;

	for (uint32 f = 0; f < state->n_features && order == 0; f++)
	{
		CHECK_FOR_INTERRUPTS();
		order = compare_values(state, f, row[f], source, values[f]);
	}
	return order;
}

/* Reports sketches of different rows whose keys are the same. */
static void
report_shared_seed(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("sketches of different rows were made with the same seed"),
			 errdetail("Rows of a sketch are known by its seed and by their place in its stream, so which of these are the same cannot be told."),
			 errhint("Leave option \"seed\" out when sketching parts of the data, or give each part a seed of its own.")));
}

/*
 * Takes in a row whose key another has: the same row, or else one of them.
 * The one of the greater weight stays, as it has the smaller rank.
 */
static void
take_double(RowSample *state, uint32 slot, RowKey key, RowSource *source,
			const double *values)
{
	int			order = compare_rows(state, slot, source, values);
	double		weight = row_sample_key(state, slot).weight;

	if (order != 0 && source->shares_stream)
		report_shared_seed();
	if (key.weight < weight || (key.weight == weight && order <= 0))
		return;
	translate_row(state, source, values);
	row_sample_replace(state, slot, source->row);
	if (key.weight == weight)
		return;
	state->weighed[slot] = key;
	forest_sample_lower(&state->sample, slot, row_sample_rank(state, key));
}

/* Takes in a row of a source, if it is wanted. */
static void
take_row(RowSample *state, RowKey key, RowSource *source,
		 const double *values)
{
	uint64	   *slot = state->slots == NULL ? NULL :
		number_map_find(state->slots, key.key);

	if (slot != NULL)
		take_double(state, (uint32) *slot, key, source, values);
	else if (row_sample_rank(state, key) < state->sample.limit)
	{
		translate_row(state, source, values);
		row_sample_place(state, key, source->row);
	}
}

/* A category of another sample. */
static ForestString
category_of_sample(RowSource *source, uint32 feature, double code)
{
	return source->sample->features[feature].codes[(uint32) code].bytes;
}

/* A category of a sketch. */
static ForestString
category_of_sketch(RowSource *source, uint32 feature, double code)
{
	return sketch_category(source->sketch, feature, code);
}

/* Notes the streams of another sample. */
static void
add_streams(RowSample *state, RowSource *source)
{
	uint32		n;
	ForestStream *streams = row_sample_streams(source->sample, &n);

	for (uint32 i = 0; i < n; i++)
		source->shares_stream |=
			row_sample_add_stream(state, streams[i].id, streams[i].rows);
	pfree(streams);
}

/*
 * Merges another state into this one: the sample becomes a uniform sample of
 * both streams.  The other state is left as it is.
 */
void
row_sample_merge(RowSample *state, const RowSample *other)
{
	RowSource	source = {
		.n_features = other->n_features,
		.category = category_of_sample,
		.sample = other
	};

	Assert(state->n_waiting == 0);
	Assert(other->n_waiting == 0);
	add_streams(state, &source);
	if (other->sample.weighted)
		row_sample_weigh(state);
	if (other->n_features == 0)
		return;
	if (other->by_key || state->by_key)
	{
		document_sample_merge(state, other);
		return;
	}
	source.columns = palloc0(source.n_features * sizeof(ArgumentColumn));
	source.row = palloc(source.n_features * sizeof(double));
	for (uint32 i = 0; i < source.n_features; i++)
	{
		source.columns[i].type = other->features[i].type;
		source.columns[i].name = other->features[i].name;
	}
	if (state->n_features == 0)
		row_sample_define(state, source.n_features, source.columns);
	check_same_features(state, &source);
	row_sample_reduce(state, other->sample.capacity);
	if (other->slots != NULL)
	{
		check_same_names(state, &source);
		row_sample_index(state);
	}
	for (uint32 slot = 0; slot < other->sample.n; slot++)
	{
		CHECK_FOR_INTERRUPTS();
		take_row(state, row_sample_key(other, slot), &source,
				 other->rows + (Size) slot * other->n_features);
	}
	pfree(source.row);
	pfree(source.columns);
}

/* Describes the features of a sketch, palloc'd. */
static ArgumentColumn *
describe_sketch(SketchReader *reader)
{
	ArgumentColumn *columns =
		palloc0(reader->head.n_features * sizeof(ArgumentColumn));

	for (uint32 i = 0; i < reader->head.n_features; i++)
	{
		ForestString name = sketch_name(reader, i);

		columns[i].type = (ForestType)
			forest_sketch_feature(&reader->head, i).type;
		columns[i].name = pnstrdup(name.bytes, name.len);
	}
	return columns;
}

/* Sets options that limit a union of sketches no more than these do. */
void
union_options(TrainOptions *options)
{
	options_default(&train_option_table, options);
	options->n_trees = FOREST_MAX_TREES;
	options->sample_size = FOREST_MAX_SAMPLE;
	options->max_categories = FOREST_MAX_CATEGORIES;
}

/* Creates an empty state in "context" that sketches are to be united in. */
RowSample *
row_sample_begin_union(MemoryContext context)
{
	TrainOptions options;

	union_options(&options);
	return row_sample_create(context, &options, true);
}

/*
 * Takes in the rows of a sketch, with their weights times a factor.  They come
 * by rank, though rounding may put two that are next to each other the other
 * way round; those behind the first that cannot be wanted are not read.
 */
static void
take_rows(RowSample *state, RowSource *source, double factor)
{
	SketchReader *reader = source->sketch;

	while (sketch_next(reader))
	{
		RowKey		key = {reader->key.key, reader->key.weight * factor};
		uint64		rank;

		key.weight = check_weight(key.weight, NULL);
		if (key.weight == 0)
			continue;
		/* the greatest key itself may be that of a row that comes again */
		rank = row_sample_rank(state, key);
		if (rank > state->sample.limit &&
			rank - state->sample.limit > ROUNDED_RANKS)
			break;
		take_row(state, key, source, reader->values);
	}
}

/*
 * Unites a sample with a sketch: it becomes a uniform sample of the rows of
 * both, of at most as many as the sketch may have; or a weighted one, if rows
 * have weights, which count "factor" times.
 */
void
row_sample_unite(RowSample *state, Datum sketch, double factor)
{
	SketchReader *reader = sketch_open(sketch);
	MemoryContext old = MemoryContextSwitchTo(reader->context);
	RowSource	source = {
		.n_features = reader->head.n_features,
		.columns = describe_sketch(reader),
		.category = category_of_sketch,
		.sketch = reader,
		.row = palloc(reader->head.n_features * sizeof(double))
	};

	if (state->n_features == 0)
		row_sample_define(state, source.n_features, source.columns);
	check_same_features(state, &source);
	check_same_names(state, &source);
	row_sample_reduce(state, reader->head.capacity);
	if (reader->head.weighted || factor != 1.0)
		row_sample_weigh(state);
	row_sample_index(state);
	for (uint32 i = 0; i < reader->head.n_streams; i++)
	{
		ForestStream stream = forest_sketch_stream(&reader->head, i);

		source.shares_stream |=
			row_sample_add_stream(state, stream.id, stream.rows);
	}
	take_rows(state, &source, factor);
	MemoryContextSwitchTo(old);
	sketch_close(reader);
}
