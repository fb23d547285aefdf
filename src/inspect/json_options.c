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

/* Returns their keys, palloc'd, NULL behind the last. */
const char *const *
json_option_keys(void)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);
	const char **keys = palloc0((n + 2) * sizeof(char *));

	for (int i = 0; i < n; i++)
		keys[i] = kept[i].name;
	keys[n] = "seed";
	return keys;
}

/* Puts an option with its key; NULL if nothing was asked for. */
static void
put_kept(JsonWriter *json, const ForestKept *kept, double value)
{
	json_put_key(json, kept->name);
	if (kept->stored == FOREST_STORED_FLAG)
		json_put_bool(json, value != 0);
	else if (!forest_kept_in_range(kept, value))
		json_put_null(json);
	else if (kept->stored == FOREST_STORED_U32)
		json_put_integer(json, (int64) value);
	else
		json_put_real(json, value);
}

/*
 * Puts the options of a model, each with its key, into an open object, but
 * for those that say what is so without them, too: documents do not change
 * when there is a new option.
 */
void
json_put_options(JsonWriter *json, const ForestSummary *sum)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);

	for (int i = 0; i < n; i++)
	{
		double		value = forest_kept_value(&kept[i], sum);

		if (!kept[i].quiet || value != kept[i].absent)
			put_kept(json, &kept[i], value);
	}
	json_add_integer(json, "seed", (int64) sum->seed);
}

/* Reads the number of an option from a document, at "place". */
static double
read_kept(JsonbContainer *object, const JsonPlace *place,
		  const ForestKept *kept)
{
	JsonPlace	at = json_key(place, kept->name);
	JsonbValue	value;
	double		number;

	if (kept->stored == FOREST_STORED_FLAG)
		return json_member_bool(object, place, kept->name);
	if (!json_member(object, kept->name, &value))
	{
		if (kept->needed)
			json_report(place, psprintf("has no \"%s\"", kept->name));
		return kept->absent;
	}
	if (kept->stored == FOREST_STORED_U32)
		return (double) json_member_integer(object, place, kept->name,
											(int64) kept->min,
											(int64) kept->max, 0);
	/* a zero loses its sign */
	number = json_member_real(object, place, kept->name, 0.0) + 0.0;
	if (!forest_kept_in_range(kept, number))
		json_report(&at, psprintf("must be %s %g and at most %g",
								  kept->open ? "above" : "at least",
								  kept->min, kept->max));
	return number;
}

/*
 * Reads the options of a document, at "place", into the summary of a model.
 * A seed that is not there counts as drawn.
 */
void
json_read_options(JsonbContainer *object, const JsonPlace *place,
				  ForestSummary *sum)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);
	JsonbValue	seed;

	for (int i = 0; i < n; i++)
		forest_kept_set(&kept[i], read_kept(object, place, &kept[i]), sum);
	sum->seed = (uint64) json_member_integer(object, place, "seed",
											 PG_INT64_MIN, PG_INT64_MAX, 0);
	if (!json_member(object, "seed", &seed))
		sum->flags |= FOREST_FLAG_SEED_DRAWN;
}
