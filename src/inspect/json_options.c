/*-------------------------------------------------------------------------
 *
 * json_options.c
 *	  The options that a model remembers of its training, as JSON.
 *
 * iforest_info shows them, and documents (doc/JSON.md) carry them.  They are
 * those of iforest_options() but for the number of trees, which merging
 * changes, and the names, which the features have.  Documents may say what
 * no training can be asked for, as long as a model can hold it: whoever made
 * the forest had other limits.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/format/forest_summary.h"
#include "inspect/json_options.h"

/* Their keys, NULL behind the last. */
const char *const json_option_keys[] = {
	"sample_size", "max_depth", "max_features", "bootstrap", "contamination",
	"seed", "max_categories", "guided", NULL
};

/*
 * Puts the options of a model, each with its key, into an open object; those
 * that are NULL in iforest_options(), if they are not as if not given.
 */
void
json_put_options(JsonWriter *json, const ForestSummary *sum)
{
	json_add_integer(json, "sample_size", sum->sample_size);
	json_put_key(json, "max_depth");
	if (sum->max_depth == FOREST_DEPTH_DEFAULT)
		json_put_null(json);
	else
		json_put_integer(json, sum->max_depth);
	json_add_real(json, "max_features", sum->max_features);
	json_add_bool(json, "bootstrap", (sum->flags & FOREST_FLAG_BOOTSTRAP) != 0);
	json_add_real(json, "contamination", sum->contamination);
	json_add_integer(json, "seed", (int64) sum->seed);
	json_add_integer(json, "max_categories", sum->max_categories);
	if (sum->guided > 0)
		json_add_real(json, "guided", sum->guided);
}

/*
 * Reads the options of a document, at "place", into the summary of a model.
 * All but the sample size have defaults: those of a training, and a seed that
 * counts as drawn.
 */
void
json_read_options(JsonbContainer *object, const JsonPlace *place,
				  ForestSummary *sum)
{
	JsonPlace	at;
	JsonbValue	seed;

	sum->sample_size = (uint32) json_member_integer(object, place,
													"sample_size", 1,
													FOREST_MAX_SAMPLE, 0);
	if (sum->sample_size == 0)
		json_report(place, "has no \"sample_size\"");
	sum->max_depth = (uint32) json_member_integer(object, place, "max_depth",
												  0,
												  (int64) FOREST_DEPTH_DEFAULT - 1,
												  FOREST_DEPTH_DEFAULT);
	sum->max_categories = (uint32) json_member_integer(object, place,
													   "max_categories", 0,
													   FOREST_MAX_CATEGORIES,
													   1000);
	sum->seed = (uint64) json_member_integer(object, place, "seed",
											 PG_INT64_MIN, PG_INT64_MAX, 0);
	if (!json_member(object, "seed", &seed))
		sum->flags |= FOREST_FLAG_SEED_DRAWN;
	if (json_member_bool(object, place, "bootstrap"))
		sum->flags |= FOREST_FLAG_BOOTSTRAP;

	sum->max_features = json_member_real(object, place, "max_features", 1.0);
	at = json_key(place, "max_features");
	if (!(sum->max_features > 0 && sum->max_features <= 1))
		json_report(&at, "must be above 0 and at most 1");
	/* a zero loses its sign */
	sum->contamination =
		json_member_real(object, place, "contamination", 0.05) + 0.0;
	at = json_key(place, "contamination");
	if (!(sum->contamination >= 0 && sum->contamination <= 0.5))
		json_report(&at, "must be at least 0 and at most 0.5");
	sum->guided = json_member_real(object, place, "guided", 0.0) + 0.0;
	at = json_key(place, "guided");
	if (!(sum->guided >= 0 && sum->guided <= 1))
		json_report(&at, "must be at least 0 and at most 1");
}
