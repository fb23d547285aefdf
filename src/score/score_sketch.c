/*-------------------------------------------------------------------------
 *
 * score_sketch.c
 *	  Sketches in the place of rows that a model scores: what the aggregates
 *	  have in common that take a model and rows, or a model and sketches.
 *
 * Transition unites the sketches, as training does.  The rows of the union
 * are scored by the final function, which leaves the state as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "base/aggregate.h"
#include "base/errors.h"
#include "core/format/forest_model.h"
#include "model/model_cache.h"
#include "model/model_features.h"
#include "row/types.h"
#include "score/score_call.h"
#include "score/score_sketch.h"
#include "sketch/row_sample_merge.h"
#include "sketch/row_weights.h"

/* How the rows of a sample become rows of a model. */
typedef struct RowMap
{
	const RowSample *sample;
	Model	   *model;
	uint32	   *source;			/* of each feature the sample's */
	double	  **codes;			/* .. the model's codes; NULL of a number */
} RowMap;

/* Starts a state with the model of the first row. */
static SketchScoring *
begin_scoring(MemoryContext context, Datum datum, const Model *model)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	SketchScoring *scoring = palloc0(sizeof(*scoring));

	scoring->model = DatumGetByteaPCopy(datum);
	memcpy(scoring->digest, model->digest, sizeof(scoring->digest));
	MemoryContextSwitchTo(old);
	return scoring;
}

PG_FUNCTION_INFO_V1(iforest_score_unite);
/*
 * _iforest_score_unite(internal, model bytea, sketch bytea) -> internal
 *
 * Takes in a sketch; one that is NULL, or has a NULL model, is passed over.
 */
Datum
iforest_score_unite(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	SketchScoring *scoring = PG_ARGISNULL(0) ? NULL :
		(SketchScoring *) PG_GETARG_POINTER(0);

	if (!PG_ARGISNULL(1))
	{
		const Model *model = score_model(fcinfo, 1);

		if (scoring == NULL)
			scoring = begin_scoring(context, PG_GETARG_DATUM(1), model);
		else if (memcmp(scoring->digest, model->digest,
						sizeof(scoring->digest)) != 0)
			report_changed_model();
		if (!PG_ARGISNULL(2))
		{
			if (scoring->sample == NULL)
				scoring->sample = row_sample_begin_union(context);
			row_sample_unite(scoring->sample, PG_GETARG_DATUM(2), 1);
		}
	}
	if (scoring == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(scoring);
}

/* Finds the sample's feature that is one of the model's, by its name. */
static uint32
find_source(const RowMap *map, const ModelFeature *feature)
{
	const RowSample *sample = map->sample;
	uint32		i = 0;

	CHECK_FOR_INTERRUPTS();
	while (i < sample->n_features &&
		   strcmp(sample->features[i].name, feature->name) != 0)
		i++;
	if (i == sample->n_features)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("sketch has no column \"%s\", which the model was trained on",
						feature->name),
				 errhint("Sketch the columns that the model was trained on, by the same names: %s.",
						 list_features(map->model))));
	return i;
}

/* Checks that a sample's values can be those of a feature of the model. */
static void
check_type(const RowMap *map, uint32 f)
{
	const ModelFeature *feature = &map->model->features[f];
	ForestType	type = map->sample->features[map->source[f]].type;

	if (forest_types_agree(type, feature->type))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of a sketch has type %s, but the model's feature \"%s\" was trained on type %s",
					map->sample->features[map->source[f]].name,
					forest_type_name(type), feature->name,
					forest_type_name(feature->type)),
			 errhint("Sketch the column with a cast to the model's type.")));
}

/* The model's code of each category of a sample's feature, palloc'd. */
static double *
map_codes(const RowMap *map, uint32 f)
{
	const SampleFeature *feature = &map->sample->features[map->source[f]];
	double	   *codes = palloc(Max(feature->n_codes, 1) * sizeof(double));

	for (uint32 code = 0; code < feature->n_codes; code++)
	{
		CHECK_FOR_INTERRUPTS();
		codes[code] = feature->codes[code].bytes.bytes == NULL ? NAN :
			score_code(map->model, f, feature->codes[code].bytes);
	}
	return codes;
}

/*
 * Whether the features have the names that columns without a name get, and so
 * are matched by their positions, as columns are.
 */
static bool
names_made_up(const RowSample *sample)
{
	char		name[NAMEDATALEN];

	for (uint32 i = 0; i < sample->n_features; i++)
	{
		CHECK_FOR_INTERRUPTS();
		snprintf(name, sizeof(name), "f%u", i + 1);
		if (strcmp(sample->features[i].name, name) != 0)
			return false;
	}
	return true;
}

/* Works out how rows of a sample become rows of a model. */
static void
make_map(RowMap *map)
{
	uint32		d = map->model->summary.n_features;
	bool		by_position = map->sample->n_features == d &&
		names_made_up(map->sample);

	map->source = palloc(d * sizeof(uint32));
	map->codes = palloc0(d * sizeof(double *));
	for (uint32 f = 0; f < d; f++)
	{
		const ModelFeature *feature = &map->model->features[f];

		map->source[f] = by_position ? f : find_source(map, feature);
		check_type(map, f);
		if (forest_type_is_category(feature->type))
			map->codes[f] = map_codes(map, f);
	}
}

/* Makes a row of a sample the model's; false if all its values are missing. */
static bool
map_row(const RowMap *map, const double *row)
{
	bool		some = false;

	for (uint32 f = 0; f < map->model->summary.n_features; f++)
	{
		double		value = row[map->source[f]];

		if (map->codes[f] != NULL && !isnan(value))
			value = map->codes[f][(uint32) value];
		map->model->row[f] = value;
		some |= !isnan(value);
	}
	return some;
}

/* The model of a state, as long as no other is asked for. */
Model *
score_sketch_model(const SketchScoring *scoring)
{
	Datum		datum = PointerGetDatum(scoring->model);
	ModelKey	key;

	model_key(datum, &key);
	return model_cache_get(datum, &key);
}

/*
 * Calls a function with each row of a state's sketches, if it has any; those
 * of one stream in the order in which they came, those with weights as often
 * as they are worth.
 */
void
score_sketch(const SketchScoring *scoring, SketchRowFunction function,
			 void *state)
{
	RowMap		map = {0};
	uint32	   *slots;

	if (scoring->sample == NULL || scoring->sample->n_features == 0)
		return;
	map.sample = row_sample_expand(scoring->sample);
	map.model = score_sketch_model(scoring);
	make_map(&map);
	slots = row_sample_order(map.sample, ORDER_BY_TURN);
	for (uint32 i = 0; i < map.sample->sample.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		function(state, map_row(&map, map.sample->rows +
								(Size) slots[i] * map.sample->n_features) ?
				 map.model : NULL);
	}
	pfree(slots);
}
