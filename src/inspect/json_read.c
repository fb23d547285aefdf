/*-------------------------------------------------------------------------
 *
 * json_read.c
 *	  From a JSON document (doc/JSON.md) to a model.
 *
 * Documents come from iforest_to_json or from other programs; only features,
 * trees and a sample size are required.  Everything is checked where it is
 * read, so that errors name the place in the document; at the end forest_open
 * checks the bytes as it would those of any model.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/jsonb.h"

#include "base/errors.h"
#include "base/json_value.h"
#include "core/format/forest_knot.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/format/forest_write.h"
#include "core/generator/forest_generator_check.h"
#include "inspect/json_generator.h"
#include "inspect/json_options.h"
#include "inspect/json_projections.h"
#include "inspect/json_tree.h"
#include "model/model_parts.h"
#include "model/model_text.h"
#include "row/types.h"

/*
 * A document while it is read: its parts as the core writes them, which
 * "model" holds together.
 */
typedef struct Document
{
	JsonPlace	place;			/* the outermost */
	JsonbContainer *object;
	ForestFeature *features;
	ForestString *strings;
	uint64		max_strings;
	ForestGroup *groups;
	uint32	   *curve_ends;
	ForestKnot *knots;
	uint32	   *category_rows;
	ModelParts	model;
} Document;

/* Gets a flag that a key of the document leads to, false by default. */
static uint32
flag_member(const Document *document, const char *key, uint32 flag)
{
	return json_member_bool(document->object, &document->place, key) ? flag : 0;
}

/*
 * Opens the array that the last key of a place leads to in an object; it must
 * be there and have a length from min to max.
 */
static void
open_member(JsonElements *elements, JsonbContainer *object,
			const JsonPlace *place, uint32 min, uint32 max)
{
	JsonbValue	value;

	if (!json_member(object, place->key, &value))
		json_report(place->parent, psprintf("has no \"%s\"", place->key));
	json_open_array(elements, &value, place);
	if (elements->n >= min && elements->n <= max)
		return;
	if (min == max)
		json_report(place, psprintf("has length %u, but must have %u",
									elements->n, min));
	json_report(place, psprintf("has length %u, but must have %u to %u",
								elements->n, min, max));
}

/* Reads what the training was asked for and saw. */
static void
read_summary(Document *document)
{
	ForestSummary *sum = &document->model.parts.summary;
	JsonbContainer *object = document->object;
	const JsonPlace *place = &document->place;

	(void) json_member_integer(object, place, "format", 1, FOREST_FORMAT,
							   FOREST_FORMAT);
	json_read_options(object, place, sum);
	sum->rows_seen = (uint64) json_member_integer(object, place, "rows_seen",
												  0, PG_INT64_MAX, 0);
	sum->flags |= flag_member(document, "seed_drawn", FOREST_FLAG_SEED_DRAWN) |
		flag_member(document, "merged", FOREST_FLAG_MERGED) |
		flag_member(document, "weighted", FOREST_FLAG_WEIGHTED);
	/* a row of weight 2 is seen once and kept twice */
	sum->rows_kept = (uint64) json_member_integer(object, place, "rows_kept", 0,
												  sum->flags & FOREST_FLAG_WEIGHTED ?
												  PG_INT64_MAX :
												  (int64) sum->rows_seen, 0);
	sum->rows_effective = (uint32)
		json_member_integer(object, place, "rows_effective", 0,
							sum->flags & FOREST_FLAG_WEIGHTED ?
							(int64) Min(sum->rows_kept, PG_UINT32_MAX) : 0, 0);
}

/* The type that has a name. */
static uint32
type_named(const JsonbValue *value, const JsonPlace *place)
{
	ForestString name = json_as_string(value, place);

	for (uint32 type = FOREST_BOOL; type <= FOREST_LAST_CATEGORY; type++)
	{
		if (forest_type_is_valid(type) &&
			strlen(forest_type_name(type)) == name.len &&
			memcmp(forest_type_name(type), name.bytes, name.len) == 0)
			return type;
	}
	json_report_value(place, value, "the name of a type, as \"float8\" or \"text\"");
}

/* Makes room for n more strings, names and categories of all features. */
static void
reserve_strings(Document *document, uint64 n)
{
	uint64		need = document->model.parts.n_strings + n;

	if (need <= document->max_strings)
		return;
	document->max_strings = Max(need, 2 * document->max_strings);
	document->strings = repalloc_huge(document->strings,
									  document->max_strings * sizeof(ForestString));
}

/*
 * A name or category as models have it, in UTF-8, and not longer than it may
 * be; it lies in the document, or is palloc'd.
 */
static ForestString
read_string(const JsonbValue *value, const JsonPlace *place)
{
	ForestString string = model_string(json_as_string(value, place));

	if (string.len > FOREST_MAX_STRING)
		json_report(place, psprintf("has %u bytes, but at most %d are supported",
									string.len, FOREST_MAX_STRING));
	return string;
}

/* Reads the categories of a feature: ascending strings. */
static void
read_categories(Document *document, JsonbContainer *object,
				const JsonPlace *place, ForestFeature *feature)
{
	JsonPlace	at = json_key(place, "categories");
	ForestParts *parts = &document->model.parts;
	JsonElements elements;

	open_member(&elements, object, &at, 0, FOREST_MAX_CATEGORIES);
	feature->n_categories = elements.n;
	reserve_strings(document, elements.n);
	while (json_next(&elements))
	{
		ForestString category = read_string(&elements.value, &elements.place);

		if (elements.place.index > 0 &&
			forest_string_compare(document->strings[parts->n_strings - 1],
								  category) >= 0)
			json_report(&elements.place,
						"is not above the element before it, in the order of bytes");
		document->strings[parts->n_strings++] = category;
	}
}

/* Reads one feature: a name, or an object. */
static void
read_feature(Document *document, uint32 f, const JsonbValue *value,
			 const JsonPlace *place)
{
	static const char *const keys[] = {
		"name", "type", "missing", "minimum", "maximum", "categories", NULL
	};
	ForestFeature *feature = &document->features[f];
	uint64		rows_kept = document->model.parts.summary.rows_kept;
	JsonPlace	at = json_key(place, "name");
	JsonbContainer *object;
	JsonbValue	member;

	feature->type = FOREST_FLOAT8;
	feature->minimum = feature->maximum = NAN;
	if (value->type == jbvString)
	{
		document->strings[f] = read_string(value, place);
		return;
	}
	if (value->type != jbvBinary)
		json_report_value(place, value, "a name or an object");
	object = json_as_object(value, place, keys, NULL);
	if (!json_member(object, "name", &member))
		json_report(place, "has no \"name\"");
	document->strings[f] = read_string(&member, &at);
	at = json_key(place, "type");
	if (json_member(object, "type", &member))
		feature->type = type_named(&member, &at);
	feature->n_missing = (uint64) json_member_integer(object, place, "missing", 0,
												 (int64) rows_kept, 0);
	feature->minimum = json_member_real(object, place, "minimum", NAN);
	feature->maximum = json_member_real(object, place, "maximum", NAN);
	if (isnan(feature->minimum) != isnan(feature->maximum) ||
		feature->minimum > feature->maximum)
		json_report(place, "has a \"minimum\" above or without its \"maximum\"");
	if (forest_type_is_category(feature->type))
	{
		if (!isnan(feature->minimum))
			json_report(place, psprintf("has a \"minimum\", but its type is %s",
										forest_type_name(feature->type)));
		read_categories(document, object, place, feature);
	}
	else if (json_member(object, "categories", &member))
		json_report(place, psprintf("has \"categories\", but its type is %s",
									forest_type_name(feature->type)));
}

/* Reads the features. */
static void
read_features(Document *document)
{
	JsonPlace	at = json_key(&document->place, "features");
	ForestParts *parts = &document->model.parts;
	JsonElements elements;

	open_member(&elements, document->object, &at, 1, FOREST_MAX_FEATURES);
	document->features = palloc0(elements.n * sizeof(ForestFeature));
	document->strings = palloc(elements.n * sizeof(ForestString));
	document->max_strings = elements.n;
	parts->summary.n_features = elements.n;
	parts->n_strings = elements.n;
	while (json_next(&elements))
		read_feature(document, elements.place.index, &elements.value,
					 &elements.place);
	parts->features = document->features;
	parts->strings = document->strings;
}

/* Reads the trees. */
static void
read_trees(Document *document)
{
	JsonPlace	at = json_key(&document->place, "trees");
	JsonElements elements;

	open_member(&elements, document->object, &at, 1, FOREST_MAX_TREES);
	while (json_next(&elements))
		json_read_tree(&elements.value, &elements.place, document->features,
					   &document->model);
}

/*
 * Reads one group of trees: how many, and what their path lengths are divided
 * by.
 */
static ForestGroup
read_group(const JsonbValue *value, const JsonPlace *place)
{
	static const char *const keys[] = {
		"n_trees", "rows_per_tree", "depth_limit", NULL
	};
	JsonbContainer *object = json_as_object(value, place, keys, NULL);
	ForestGroup group;

	group.n_trees = (uint32) json_member_integer(object, place, "n_trees", 1,
											FOREST_MAX_TREES, 0);
	group.sample_size = (uint32) json_member_integer(object, place, "rows_per_tree",
												1, FOREST_MAX_SAMPLE, 0);
	if (group.n_trees == 0 || group.sample_size == 0)
		json_report(place, "must have \"n_trees\" and \"rows_per_tree\"");
	group.depth_limit = (uint32) json_member_integer(object, place, "depth_limit",
												0, PG_UINT32_MAX,
												FOREST_DEPTH_UNLIMITED);
	return group;
}

/* Reads the groups of trees; without any, all trees are one. */
static void
read_groups(Document *document)
{
	JsonPlace	at = json_key(&document->place, "groups");
	ForestSummary *sum = &document->model.parts.summary;
	JsonElements elements;
	JsonbValue	value;
	uint64		n_trees = 0;

	document->model.parts.groups = document->groups =
		palloc0(sum->n_trees * sizeof(ForestGroup));
	sum->n_groups = 1;
	document->groups[0].n_trees = sum->n_trees;
	document->groups[0].sample_size = sum->sample_size;
	if (!json_member(document->object, at.key, &value))
		return;
	open_member(&elements, document->object, &at, 1, sum->n_trees);
	sum->n_groups = elements.n;
	while (json_next(&elements))
	{
		ForestGroup *group = &document->groups[elements.place.index];

		*group = read_group(&elements.value, &elements.place);
		n_trees += group->n_trees;
	}
	if (n_trees != sum->n_trees)
		json_report(&at, psprintf("has " UINT64_FORMAT " trees in all, but the document has %u",
								  n_trees, sum->n_trees));
}

/*
 * Reads a point of a distribution: [value, rows below it, rows up to it],
 * where the value is a "what".
 */
static ForestKnot
read_knot(const JsonbValue *value, const JsonPlace *place, const char *what)
{
	uint32		n;
	double	   *given = json_as_reals(value, place, &n);
	ForestKnot	knot;

	if (n != 3 || isnan(given[0]) ||
		!(given[1] >= 0 && given[1] < given[2] && given[2] <= PG_UINT32_MAX) ||
		given[1] != rint(given[1]) || given[2] != rint(given[2]))
		json_report(place, psprintf("must be [%s, rows below it, rows up to it]",
									what));
	knot.value = given[0];
	knot.below = (uint32) given[1];
	knot.through = (uint32) given[2];
	pfree(given);
	return knot;
}

/* Reports a point that cannot follow the one before it; NULL: there is none. */
static void
check_knot(const ForestKnot *knot, const ForestKnot *before,
		   const JsonPlace *place, const char *what)
{
	if (before != NULL && !(knot->value > before->value))
		json_report(place, psprintf("has a %s that is not above the one before it",
									what));
	if (knot->below < (before == NULL ? 0 : before->through) ||
		(before == NULL && knot->below > 0))
		json_report(place, "has rows that do not go on from those before it");
}

/* Appends the curve of feature f; null leaves it without any knot. */
static void
read_curve(Document *document, uint32 f, const JsonbValue *value,
		   const JsonPlace *place)
{
	ForestKnot *knots = document->knots +
		(f > 0 ? document->curve_ends[f - 1] : 0);
	JsonElements elements;
	uint32		n = 0;

	document->curve_ends[f] = (uint32) (knots - document->knots);
	if (value->type == jbvNull)
		return;
	if (forest_type_is_category(document->features[f].type))
		json_report(place, "must be null: the feature is a category");
	json_open_array(&elements, value, place);
	if (elements.n < 1 || elements.n > FOREST_MAX_KNOTS)
		json_report(place, psprintf("has length %u, but must have 1 to %d",
									elements.n, FOREST_MAX_KNOTS));
	while (json_next(&elements))
	{
		knots[n] = read_knot(&elements.value, &elements.place, "value");
		check_knot(&knots[n], n > 0 ? &knots[n - 1] : NULL, &elements.place,
				   "value");
		n++;
	}
	document->curve_ends[f] += n;
}

/* Reads the rows of each category of feature f into rows. */
static void
read_category_rows(const Document *document, uint32 f, const JsonbValue *value,
				   const JsonPlace *place, uint32 *rows)
{
	uint32		n;
	int64	   *given = json_as_integers(value, place, 0, PG_UINT32_MAX, &n);

	if (n != document->features[f].n_categories)
		json_report(place, psprintf("has length %u, but the feature has %u categories",
									n, document->features[f].n_categories));
	for (uint32 i = 0; i < n; i++)
		rows[i] = (uint32) given[i];
	pfree(given);
}

/* Reads the profile of the training rows, if there is one. */
static void
read_profile(Document *document)
{
	static const char *const keys[] = {"curves", "category_rows", NULL};
	JsonPlace	place = json_key(&document->place, "profile");
	JsonPlace	curves_at = json_key(&place, keys[0]);
	JsonPlace	rows_at = json_key(&place, keys[1]);
	ForestParts *parts = &document->model.parts;
	uint32		d = parts->summary.n_features;
	JsonElements curves;
	JsonElements rows;
	JsonbContainer *object;
	JsonbValue	value;
	uint32		string = 0;

	if (!json_member(document->object, place.key, &value))
		return;
	object = json_as_object(&value, &place, keys, NULL);
	open_member(&curves, object, &curves_at, d, d);
	open_member(&rows, object, &rows_at, d, d);
	document->curve_ends = palloc(d * sizeof(uint32));
	document->knots = palloc_extended((Size) d * FOREST_MAX_KNOTS *
									  sizeof(ForestKnot), MCXT_ALLOC_HUGE);
	document->category_rows =
		palloc(Max(parts->n_strings - d, 1) * sizeof(uint32));
	while (json_next(&curves) && json_next(&rows))
	{
		uint32		f = rows.place.index;

		read_curve(document, f, &curves.value, &curves.place);
		read_category_rows(document, f, &rows.value, &rows.place,
						   document->category_rows + string);
		string += document->features[f].n_categories;
	}
	parts->curve_ends = document->curve_ends;
	parts->knots = document->knots;
	parts->category_rows = document->category_rows;
}

/* Reads the points of the calibration, as many as the array has. */
static ForestPoint *
read_points(JsonElements *elements)
{
	ForestPoint *points = palloc(elements->n * sizeof(ForestPoint));
	ForestKnot	before = {0};

	while (json_next(elements))
	{
		uint32		i = elements->place.index;
		ForestKnot	point = read_knot(&elements->value, &elements->place,
									  "length");

		if (!(point.value >= 0 && point.value < INFINITY))
			json_report(&elements->place, "must be [length, rows below it, rows up to it]");
		if (point.value > FOREST_MAX_LENGTH)
			json_report(&elements->place, psprintf("has a length above %.0f",
												   FOREST_MAX_LENGTH));
		check_knot(&point, i > 0 ? &before : NULL, &elements->place, "length");
		points[i] = (ForestPoint) {point.value + 0.0, point.below,
			point.through};
		before = point;
	}
	return points;
}

/* Returns the model with the document's calibration, if there is one. */
static bytea *
add_calibration(const Document *document, bytea *model)
{
	static const char *const keys[] = {"rows", "spread", "points", NULL};
	JsonPlace	place = json_key(&document->place, "calibration");
	JsonPlace	spread = json_key(&place, "spread");
	JsonPlace	at = json_key(&place, "points");
	const uint8 *bytes = (uint8 *) VARDATA(model);
	ForestCalibration calibration;
	JsonElements elements;
	JsonbContainer *object;
	JsonbValue	value;
	uint64		size;

	if (!json_member(document->object, place.key, &value))
		return model;
	object = json_as_object(&value, &place, keys, NULL);
	open_member(&elements, object, &at, 1, FOREST_MAX_POINTS);
	calibration.n_points = elements.n;
	calibration.n_rows = (uint32) json_member_integer(object, &place, "rows", 1,
												 PG_UINT32_MAX, 0);
	calibration.spread = json_member_real(object, &place, "spread", 0.0) + 0.0;
	if (!(calibration.spread >= 0 && calibration.spread <= FOREST_MAX_SPREAD))
		json_report(&spread, psprintf("must be at least 0 and at most %.0f",
									  FOREST_MAX_SPREAD));
	calibration.points = read_points(&elements);
	if (calibration.points[elements.n - 1].through != calibration.n_rows)
		json_report(&place, psprintf("has %u \"rows\", but its last point has %u",
									 calibration.n_rows,
									 calibration.points[elements.n - 1].through));

	size = forest_calibrated_size(bytes, calibration.n_points);
	model = palloc(size + VARHDRSZ);
	SET_VARSIZE(model, size + VARHDRSZ);
	forest_calibrated_write(bytes, &calibration, (uint8 *) VARDATA(model));
	return model;
}

/*
 * Opens what was made, as any model would be: whatever the reader has not
 * looked at, this does.
 */
static void
check_model(const bytea *model)
{
	ForestView	view;
	ForestFault fault;
	ForestStatus status = forest_open_whole((const uint8 *) VARDATA(model),
											VARSIZE(model) - VARHDRSZ, &view,
											&fault);

	if (status == FOREST_INVALID)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("document does not describe a valid forest"),
				 errdetail("Rule broken: %s (%llu).", fault.rule,
						   (unsigned long long) fault.position),
				 errhint("doc/FORMAT.md lists the rules of a model.")));
	if (status != FOREST_OK)
		report_model_fault(status, &fault);
}

PG_FUNCTION_INFO_V1(iforest_from_json);
/*
 * iforest_from_json(jsonb) -> bytea
 *
 * The model that a document describes.
 */
Datum
iforest_from_json(PG_FUNCTION_ARGS)
{
	static const char *const keys[] = {
		"format", "rows_seen", "rows_kept", "rows_effective", "seed_drawn",
		"merged", "weighted", "features",
		"groups", "profile", "calibration", "generator", "projections", "trees",
		NULL
	};
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	Document	document = {0};
	JsonPlace	generator = json_key(&document.place, "generator");
	JsonPlace	projections = json_key(&document.place, "projections");
	JsonbValue	value;
	JsonbValue	root;
	bytea	   *model;

	if (!JB_ROOT_IS_SCALAR(jsonb) || !JsonbExtractScalar(&jsonb->root, &root))
	{
		root.type = jbvBinary;
		root.val.binary.data = &jsonb->root;
		root.val.binary.len = (int) VARSIZE(jsonb) - VARHDRSZ;
	}
	document.object = json_as_object(&root, &document.place, keys,
									 json_option_keys());
	read_summary(&document);
	read_features(&document);
	if (json_member(document.object, projections.key, &value))
		json_read_projections(&value, &projections, &document.model.parts);
	read_trees(&document);
	read_groups(&document);
	read_profile(&document);
	if (json_member(document.object, generator.key, &value))
		json_read_generator(&value, &generator, &document.model.parts);
	model = add_calibration(&document, model_parts_write(&document.model));
	check_model(model);
	PG_RETURN_BYTEA_P(model);
}
