/*-------------------------------------------------------------------------
 *
 * json_projections.c
 *	  The projections that a forest's trees split, in JSON documents.
 *
 * Each is an object of arrays of one length: the features, their coefficients
 * and their centres.  Trees name projection i as feature n + i, behind the n
 * features.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_projection_check.h"
#include "core/format/forest_view.h"
#include "inspect/json_projections.h"

/* Puts one projection. */
static void
put_projection(JsonWriter *json, const ForestView *view, uint32 i)
{
	uint32		end;
	uint32		first = forest_view_terms(view, i, &end);

	json_begin_object(json);
	json_add_array(json, "features");
	for (uint32 k = first; k < end; k++)
		json_put_integer(json, forest_view_term(view, k).feature);
	json_end_array(json);
	json_add_array(json, "coefficients");
	for (uint32 k = first; k < end; k++)
		json_put_real(json, forest_view_term(view, k).coefficient);
	json_end_array(json);
	json_add_array(json, "centres");
	for (uint32 k = first; k < end; k++)
		json_put_real(json, forest_view_term(view, k).centre);
	json_end_array(json);
	json_end_object(json);
}

/* Puts the projections of a model that has some, with their key. */
void
json_put_projections(JsonWriter *json, const ForestView *view)
{
	json_add_array(json, "projections");
	for (uint32 i = 0; i < view->n_projections; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_projection(json, view, i);
	}
	json_end_array(json);
}

/* Projections in the making. */
typedef struct Reading
{
	ForestParts *parts;
	ForestTerm *terms;
	uint32	   *ends;
	uint64		n_terms;
	uint64		max_terms;
} Reading;

/* Reports an element of an array of a projection. */
pg_noreturn static void
report_element(const JsonPlace *place, const char *key, uint32 i,
			   const char *complaint)
{
	JsonPlace	at = json_key(place, key);
	JsonPlace	element = json_element(&at, i);

	json_report(&element, complaint);
}

/* Reads the features of a projection; *n becomes how many. */
static int64 *
read_features(const Reading *reading, JsonbContainer *object,
			  const JsonPlace *place, uint32 *n)
{
	JsonPlace	at = json_key(place, "features");
	uint32		d = reading->parts->summary.n_features;
	JsonbValue	value;
	int64	   *features;

	if (!json_member(object, at.key, &value))
		json_report(place, "has no \"features\"");
	features = json_as_integers(&value, &at, 0, d - 1, n);
	if (*n == 0)
		json_report(&at, "is empty");
	for (uint32 i = 0; i < *n; i++)
	{
		if (i > 0 && features[i] <= features[i - 1])
			report_element(place, at.key, i, "is not above the element before it");
		if (forest_type_is_category(reading->parts->features[features[i]].type))
			report_element(place, at.key, i,
						   psprintf("is " INT64_FORMAT ", but that feature is a category",
									features[i]));
	}
	return features;
}

/* Reads an array of n numbers of a projection; NULL if it is not there. */
static double *
read_numbers(JsonbContainer *object, const JsonPlace *place, const char *key,
			 uint32 n)
{
	JsonPlace	at = json_key(place, key);
	JsonbValue	value;
	double	   *numbers;
	uint32		length;

	if (!json_member(object, key, &value))
		return NULL;
	numbers = json_as_reals(&value, &at, &length);
	if (length != n)
		json_report(&at, psprintf("has length %u, but \"features\" has length %u",
								  length, n));
	return numbers;
}

/* Checks a term of a projection, element i of its arrays. */
static void
check_term(const ForestTerm *term, const JsonPlace *place, uint32 i)
{
	ForestTerm	one = {term->feature, term->centre, 1.0};

	if (forest_term_valid(term))
		return;
	if (!forest_term_valid(&one))
		report_element(place, "centres", i,
					   psprintf("must be a number from -%g to %g",
								FOREST_MAX_PROJECTED, FOREST_MAX_PROJECTED));
	report_element(place, "coefficients", i,
				   psprintf("must be a number from %g to %g, or the negative of one",
							1.0 / FOREST_MAX_PROJECTED, FOREST_MAX_PROJECTED));
}

/* Makes room for n more terms. */
static void
reserve_terms(Reading *reading, uint32 n)
{
	if (reading->n_terms + n > PG_UINT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("document has projections of more than %u columns in all",
						PG_UINT32_MAX)));
	if (reading->terms != NULL && reading->n_terms + n <= reading->max_terms)
		return;
	reading->max_terms = 2 * (reading->n_terms + n);
	reading->terms = reading->terms == NULL ?
		palloc_extended(reading->max_terms * sizeof(ForestTerm),
						MCXT_ALLOC_HUGE) :
		repalloc_huge(reading->terms, reading->max_terms * sizeof(ForestTerm));
}

/* Reads one projection. */
static void
read_projection(Reading *reading, const JsonbValue *value,
				const JsonPlace *place)
{
	static const char *const keys[] = {
		"features", "coefficients", "centres", NULL
	};
	JsonbContainer *object = json_as_object(value, place, keys, NULL);
	uint32		n;
	int64	   *features = read_features(reading, object, place, &n);
	double	   *coefficients = read_numbers(object, place, "coefficients", n);
	double	   *centres = read_numbers(object, place, "centres", n);

	if (coefficients == NULL)
		json_report(place, "has no \"coefficients\"");
	reserve_terms(reading, n);
	for (uint32 i = 0; i < n; i++)
	{
		ForestTerm *term = &reading->terms[reading->n_terms++];

		forest_pause_at(i);
		*term = (ForestTerm)
		{
			(uint32) features[i], centres != NULL ? centres[i] : 0.0,
				coefficients[i]
		};
		check_term(term, place, i);
	}
	reading->ends[place->index] = (uint32) reading->n_terms;
}

/*
 * Reads the projections of a document into the parts of a model whose features
 * are known.
 */
void
json_read_projections(const JsonbValue *value, const JsonPlace *place,
					  ForestParts *parts)
{
	Reading		reading = {.parts = parts};
	uint32		most = FOREST_MAX_FEATURES - parts->summary.n_features;
	JsonElements elements;

	json_open_array(&elements, value, place);
	if (elements.n == 0)
		json_report(place, "is empty");
	if (elements.n > most)
		json_report(place,
					psprintf("has %u elements, but %u features leave room for %u",
							 elements.n, parts->summary.n_features, most));
	reading.ends = palloc(elements.n * sizeof(uint32));
	while (json_next(&elements))
	{
		CHECK_FOR_INTERRUPTS();
		read_projection(&reading, &elements.value, &elements.place);
	}
	parts->projections = (ForestProjections)
	{
		elements.n, reading.ends, reading.terms
	};
}
