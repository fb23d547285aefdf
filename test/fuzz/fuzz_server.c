/*-------------------------------------------------------------------------
 *
 * fuzz_server.c
 *	  Fuzz targets for the readers that use the server: models, JSON
 *	  documents, sketches, and the states of iforest_train and iforest_drift.
 *
 * This file and all of the extension make one library, instrumented, which a
 * server in single-user mode loads (test/fuzz/run.sh).  Errors are what a
 * reader owes bad input; but an internal error (XX000) counts as a finding,
 * as do a crash and a result that breaks a promise.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "mb/pg_wchar.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_sketch.h"
#include "core/format/forest_sketch_layout.h"
#include "core/grow/forest_sample.h"
#include "drift/drift_report.h"
#include "drift/drift_serial.h"
#include "drift/drift_state.h"
#include "model/model_bytes.h"
#include "model/model_calibrate.h"
#include "model/model_load.h"
#include "model/model_score.h"
#include "sketch/row_sample.h"
#include "sketch/row_sample_merge.h"
#include "sketch/row_sample_serial.h"
#include "sketch/row_weights.h"
#include "sketch/sketch_write.h"
#include "train/train_model.h"

/* More would be training, not reading. */
#define MAX_WORK	1000

typedef int (*FuzzCallback) (const uint8_t *data, size_t size);

extern int	LLVMFuzzerRunDriver(int *argc, char ***argv, FuzzCallback one);
extern Datum iforest_to_json(PG_FUNCTION_ARGS);
extern Datum iforest_from_json(PG_FUNCTION_ARGS);
extern Datum iforest_merge_accum(PG_FUNCTION_ARGS);
extern Datum iforest_merge_final(PG_FUNCTION_ARGS);
extern Datum iforest_fuzz(PG_FUNCTION_ARGS);
extern Datum iforest_fuzz_seeds(PG_FUNCTION_ARGS);

typedef void (*Target) (const uint8_t *data, size_t size);

static Target target;
static MemoryContext fuzz_context;
static bool is_sound;			/* what is read was a model: it must work */

/* Ends the process, so that the fuzzer keeps the input. */
#define MUST(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

/* A varlena of some bytes. */
static bytea *
bytes_of(const uint8_t *data, size_t size)
{
	bytea	   *bytes = palloc(size + VARHDRSZ);

	SET_VARSIZE(bytes, size + VARHDRSZ);
	memcpy(VARDATA(bytes), data, size);
	return bytes;
}

/* A model of any bytes, whose length and digest are made to fit. */
static bytea *
forged_model(const uint8_t *data, size_t size)
{
	bytea	   *bytes = bytes_of(data, size);
	uint8	   *model = (uint8 *) VARDATA(bytes);

	if (size < FOREST_HEADER_SIZE)
		return bytes;
	forest_put64(model + FOREST_AT_TOTAL, size);
	forest_digest(model + FOREST_AT_DIGESTED, size - FOREST_AT_DIGESTED,
				  model + FOREST_AT_DIGEST);
	return bytes;
}

/* Whether a model has a section that only a later version knows. */
static bool
has_unknown_section(const bytea *bytes)
{
	const uint8 *model = (const uint8 *) VARDATA_ANY(bytes);
	uint32		n = forest_get32(model + FOREST_AT_N_SECTIONS);

	return forest_get32(model + FOREST_HEADER_SIZE +
						(n - 1) * FOREST_ENTRY_SIZE) > FOREST_N_SECTIONS;
}

/* Calls a function of an aggregate with two arguments, the first a state. */
static Datum
call_aggregate(PGFunction function, Datum state, bool is_null, Datum argument)
{
	WindowAggState *aggregate = makeNode(WindowAggState);
	LOCAL_FCINFO(fcinfo, 2);

	aggregate->curaggcontext = CurrentMemoryContext;
	InitFunctionCallInfoData(*fcinfo, NULL, 2, InvalidOid,
							 (Node *) aggregate, NULL);
	fcinfo->args[0].value = state;
	fcinfo->args[0].isnull = is_null;
	fcinfo->args[1].value = argument;
	fcinfo->args[1].isnull = false;
	return function(fcinfo);
}

/* A model merged with itself. */
static Datum
merge_twice(Datum model)
{
	Datum		state = call_aggregate(iforest_merge_accum, (Datum) 0, true,
									   model);

	state = call_aggregate(iforest_merge_accum, state, false, model);
	return call_aggregate(iforest_merge_final, state, false, (Datum) 0);
}

/* A model whose calibration is remade from a few rows of all sorts. */
static bytea *
calibrate_anew(const bytea *bytes, const ForestView *view)
{
	static const double values[] = {
		NAN, 0.0, -0.0, 1.0, 2.5, INFINITY, -INFINITY, DBL_MAX, -DBL_MAX
	};
	Model	   *model = model_load(view);
	ForestPair *masses = palloc(lengthof(values) * sizeof(ForestPair));
	uint64		deviations = 0;

	for (int i = 0; i < (int) lengthof(values); i++)
	{
		int64		sum;

		for (uint32 f = 0; f < view->summary.n_features; f++)
			model->row[f] = forest_type_is_category(model->features[f].type) ?
				i % (model->features[f].n_categories + 1) :
				values[(i + f) % lengthof(values)];
		sum = model_sum(model);
		deviations += model_deviation(model, sum);
		masses[i].key =
			forest_sort_key(forest_mean_length(sum, model->walk.scale,
											   model->walk.n_trees));
		masses[i].value = 1;
	}
	return calibrate_model(view, bytes, masses, lengthof(values),
						   model_spread(deviations, lengthof(values)));
}

/* A model's score of a row without values, which visits every tree. */
static void
use_model(Datum bytes)
{
	ForestView	view;
	Model	   *model;

	(void) model_open(bytes, &view);
	if (view.n_nodes > MAX_WORK || view.summary.n_features > 100)
		return;
	model = model_load(&view);
	for (uint32 f = 0; f < view.summary.n_features; f++)
		model->row[f] = NAN;
	MUST(model_score(model) >= 0.0 && model_score(model) <= 1.0);
}

/*
 * A JSON document; what becomes a model must become the same one again by
 * way of its own document.
 */
static void
read_json(const uint8_t *data, size_t size)
{
	char	   *text = pnstrdup((const char *) data, size);
	Datum		model;
	Datum		again;

	if (!pg_verify_mbstr(PG_UTF8, text, (int) strlen(text), true))
		return;
	model = DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
	model = DirectFunctionCall1(iforest_from_json, model);
	use_model(model);
	again = DirectFunctionCall1(iforest_to_json, model);
	again = DirectFunctionCall1(iforest_from_json, again);
	MUST(VARSIZE(DatumGetPointer(model)) == VARSIZE(DatumGetPointer(again)));
	MUST(memcmp(DatumGetPointer(model), DatumGetPointer(again),
				VARSIZE(DatumGetPointer(model))) == 0);
}

/*
 * The bytes of a model: what opens must come back from its document as it is,
 * and merge with itself and be calibrated to models that open.
 */
static void
read_model(const uint8_t *data, size_t size)
{
	bytea	   *bytes = forged_model(data, size);
	Datum		model = PointerGetDatum(bytes);
	ForestView	view;
	Datum		again;

	(void) model_open(model, &view);
	is_sound = true;
	if (view.n_nodes > MAX_WORK || view.n_strings > MAX_WORK)
		return;
	use_model(merge_twice(model));
	use_model(PointerGetDatum(calibrate_anew(bytes, &view)));
	again = DirectFunctionCall1(iforest_to_json, model);
	again = DirectFunctionCall1(iforest_from_json, again);
	MUST(has_unknown_section(bytes) ||
		 (VARSIZE(bytes) == VARSIZE(DatumGetPointer(again)) &&
		  memcmp(bytes, DatumGetPointer(again), VARSIZE(bytes)) == 0));
}

/*
 * The bytes of a training state, merged into another as a leader does with
 * what its workers send, serialised again, and trained.
 */
static void
read_state(const uint8_t *data, size_t size)
{
	RowSample  *sent = row_sample_deserialize(bytes_of(data, size),
											  CurrentMemoryContext);
	RowSample  *state;
	bytea	   *bytes;

	state = row_sample_create(CurrentMemoryContext, &sent->options, true);
	row_sample_merge(state, sent);
	row_sample_merge(state, sent);
	bytes = row_sample_serialize(state);
	(void) row_sample_deserialize(bytes, CurrentMemoryContext);
	if (state->sample.n == 0 ||
		state->options.n_trees * Min(state->options.sample_size,
									 state->sample.n) *
		state->n_features > MAX_WORK)
		return;
	use_model(PointerGetDatum(train_model(state)));
}

/* A sketch of any bytes, whose lengths and digests are made to fit. */
static bytea *
forged_sketch(const uint8_t *data, size_t size)
{
	bytea	   *bytes = bytes_of(data, size);
	uint8	   *sketch = (uint8 *) VARDATA(bytes);
	ForestSketch head;
	ForestFault fault;
	uint64		head_size;
	uint64		total;

	if (size < FOREST_SKETCH_HEADER_SIZE)
		return bytes;
	forest_put64(sketch + FOREST_SKETCH_AT_TOTAL, size);
	for (int pass = 0; pass < 2; pass++)
	{
		if (forest_sketch_peek(sketch, size, &head_size, &total) != FOREST_OK)
			return bytes;
		forest_digest(sketch + FOREST_SKETCH_AT_DIGESTED,
					  head_size - FOREST_SKETCH_AT_DIGESTED,
					  sketch + FOREST_SKETCH_AT_DIGEST);
		if (forest_sketch_open(sketch, size, &head, &fault) != FOREST_OK)
			return bytes;
		for (uint32 block = 0; block < head.n_blocks; block++)
			forest_digest(sketch + head.head_size +
						  (Size) block * head.block_rows * head.row_size,
						  forest_sketch_block_rows(&head, block) *
						  head.row_size,
						  sketch + (head.block_digests - sketch) +
						  (Size) block * FOREST_DIGEST_SIZE);
	}
	return bytes;
}

/*
 * The bytes of a sketch, united with itself and with the union, which changes
 * nothing; serialised, and trained on.
 */
static void
read_sketch(const uint8_t *data, size_t size)
{
	Datum		sketch = PointerGetDatum(forged_sketch(data, size));
	TrainOptions options;
	RowSample  *state;
	bytea	   *once;
	bytea	   *twice;

	options_default(&train_option_table, &options);
	options.max_categories = FOREST_MAX_CATEGORIES;
	options.n_trees = FOREST_MAX_TREES;
	state = row_sample_create(CurrentMemoryContext, &options, true);
	row_sample_unite(state, sketch, 1);
	once = sketch_write(state);
	row_sample_unite(state, sketch, 1);
	row_sample_unite(state, PointerGetDatum(once), 1);
	twice = sketch_write(state);
	MUST(VARSIZE(once) == VARSIZE(twice) &&
		 memcmp(once, twice, VARSIZE(once)) == 0);
	(void) row_sample_deserialize(row_sample_serialize(state),
								  CurrentMemoryContext);
	state->options.n_trees = 2;
	if (state->sample.n * (uint64) state->n_features <= MAX_WORK)
		use_model(PointerGetDatum(train_model(state)));
}

/*
 * The bytes of a drift state, merged with themselves, serialised again, and
 * reported.
 */
static void
read_drift(const uint8_t *data, size_t size)
{
	bytea	   *bytes = bytes_of(data, size);
	DriftState *state = drift_deserialize(bytes, CurrentMemoryContext);
	const DriftState *other = drift_deserialize(bytes, CurrentMemoryContext);

	MUST(memcmp(state->digest, other->digest, sizeof(state->digest)) == 0);
	drift_merge(state, other);
	state = drift_deserialize(drift_serialize(state), CurrentMemoryContext);
	(void) drift_report(state);
}

/* Whether a target may end in an error. */
static bool
may_fail(int sqlstate)
{
	if (sqlstate == ERRCODE_INTERNAL_ERROR)
		return false;
	return !is_sound || sqlstate == ERRCODE_PROGRAM_LIMIT_EXCEEDED ||
		sqlstate == ERRCODE_UNTRANSLATABLE_CHARACTER;
}

/* Runs the target; catches its errors. */
static int
run_one(const uint8_t *data, size_t size)
{
	MemoryContext old = MemoryContextSwitchTo(fuzz_context);

	is_sound = false;
	PG_TRY();
	{
		target(data, size);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(fuzz_context);
		error = CopyErrorData();
		if (!may_fail(error->sqlerrcode))
		{
			fprintf(stderr, "error %s: %s; %s\n",
					unpack_sql_state(error->sqlerrcode), error->message,
					error->detail != NULL ? error->detail : "");
			abort();
		}
		FlushErrorState();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	MemoryContextReset(fuzz_context);
	return 0;
}

PG_FUNCTION_INFO_V1(iforest_fuzz);
/*
 * iforest_fuzz(target text, arguments text)
 *
 * Runs the fuzzer, with the arguments, which blanks part; does not return.
 */
Datum
iforest_fuzz(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *rest = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *words[64] = {"fuzz_server"};
	char	  **argv = words;
	int			argc = 1;

	target = strcmp(name, "model-server") == 0 ? read_model :
		strcmp(name, "json") == 0 ? read_json :
		strcmp(name, "drift") == 0 ? read_drift :
		strcmp(name, "sketch") == 0 ? read_sketch : read_state;
	fuzz_context = AllocSetContextCreate(TopMemoryContext, "fuzz",
										 ALLOCSET_DEFAULT_SIZES);
	for (char *word = strtok(rest, " "); word != NULL && argc < 63;
		 word = strtok(NULL, " "))
		words[argc++] = word;
	words[argc] = NULL;
	fflush(stdout);
	_exit(LLVMFuzzerRunDriver(&argc, &argv, run_one));
}

/* Writes one file of the corpus. */
static void
write_seed(const char *directory, int number, const char *data, size_t size)
{
	char	   *path = psprintf("%s/%03d", directory, number);
	FILE	   *file = fopen(path, "wb");

	if (file == NULL || fwrite(data, 1, size, file) != size ||
		fclose(file) != 0)
		elog(ERROR, "could not write \"%s\": %m", path);
}

/* A state of n rows of a number, a category and a flag. */
static RowSample *
seed_state(int n)
{
	static char *names[] = {"n", "c", "b"};
	static const ForestType types[] = {FOREST_FLOAT8, FOREST_TEXT, FOREST_BOOL};
	ArgumentColumn columns[3] = {{0}};
	TrainOptions options;
	RowSample *state;

	options_default(&train_option_table, &options);
	options.n_trees = 1 + n % 3;
	options.sample_size = 4 + n % 5;
	options.seed = n;
	options.seed_given = true;
	state = row_sample_create(CurrentMemoryContext, &options, false);
	if (n % 3 > 0)
		row_sample_weigh(state);
	for (int i = 0; i < 3; i++)
	{
		columns[i].name = names[i];
		columns[i].type = types[i];
	}
	if (n > 0)
		row_sample_define(state, 3, columns);
	for (int i = 0; i < n; i++)
	{
		RowKey		key = {
			forest_sample_draw(&state->sample), 1 + n % 3 * (i % 2)
		};
		ForestString category = {i % 2 ? "odd" : "even", i % 2 ? 3 : 4};
		double		row[3] = {i % 7 == 3 ? NAN : i * 1.5, NAN, i % 2};

		if (row_sample_rank(state, key) >= state->sample.limit)
			continue;
		if (i % 5 != 4)
			row[1] = row_sample_code(state, 1, category);
		row_sample_place(state, key, row);
	}
	return state;
}

/* The drift state of a model after n rows of nothing in particular. */
static bytea *
seed_drift(Datum bytes, int n)
{
	ForestView	view;
	Model	   *model;
	DriftState *state;

	(void) model_open(bytes, &view);
	model = model_load(&view);
	state = drift_deserialize(drift_start(model, bytes),
							  CurrentMemoryContext);
	for (int i = 0; i < n; i++)
	{
		for (uint32 f = 0; f < view.summary.n_features; f++)
			model->row[f] = (i + f) % 5 == 0 ? NAN : (i * 7 + f) % 3;
		drift_count(state, model);
	}
	return drift_serialize(state);
}

PG_FUNCTION_INFO_V1(iforest_fuzz_seeds);
/*
 * iforest_fuzz_seeds(directory text)
 *
 * Writes models to directory/model-server, documents to directory/json, states
 * to directory/state and directory/drift, sketches to directory/sketch.
 */
Datum
iforest_fuzz_seeds(PG_FUNCTION_ARGS)
{
	char	   *directory = text_to_cstring(PG_GETARG_TEXT_PP(0));

	for (int n = 0; n < 24; n++)
	{
		RowSample *state = seed_state(n);
		bytea	   *bytes = row_sample_serialize(state);
		Datum		model;
		Datum		json;
		char	   *text;

		write_seed(psprintf("%s/state", directory), n, VARDATA(bytes),
				   VARSIZE(bytes) - VARHDRSZ);
		if (n == 0)
			continue;
		bytes = sketch_write(state);
		write_seed(psprintf("%s/sketch", directory), n, VARDATA(bytes),
				   VARSIZE(bytes) - VARHDRSZ);
		model = PointerGetDatum(train_model(state));
		write_seed(psprintf("%s/model-server", directory), n,
				   VARDATA(DatumGetPointer(model)),
				   VARSIZE(DatumGetPointer(model)) - VARHDRSZ);
		bytes = seed_drift(model, n);
		write_seed(psprintf("%s/drift", directory), n, VARDATA(bytes),
				   VARSIZE(bytes) - VARHDRSZ);
		json = DirectFunctionCall1(iforest_to_json, model);
		text = DatumGetCString(DirectFunctionCall1(jsonb_out, json));
		write_seed(psprintf("%s/json", directory), n, text, strlen(text));
	}
	PG_RETURN_VOID();
}
