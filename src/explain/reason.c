/*-------------------------------------------------------------------------
 *
 * reason.c
 *	  Why a row scores as it does, as a sentence: iforest_reason.
 *
 * A value that lies outside of what is usual is called high or low.  One
 * inside adds to the score for another reason, and the sentence says which:
 * it is at an end, it lies in a gap, or the other values make it unusual.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "core/format/forest_model.h"
#include "explain/explain.h"
#include "model/model.h"
#include "row/feature_text.h"

/* A reason is told while it makes up this share of all there are .. */
#define REASON_SHARE	0.1
/* .. and until those told make up this share, or are so many. */
#define REASON_ENOUGH	0.8
#define MAX_REASONS		4

/* Quantiles, of 40, beyond which a usual value is at an end. */
#define END_LOW		4
#define END_HIGH	36

/*
 * Significant digits of numbers, and the most where they would read alike:
 * those that tell all doubles apart.
 */
#define SHORT_DIGITS	4
#define MAX_DIGITS		17

/*
 * A value is in a gap if the quantiles around it are this many times as far
 * apart as usual ones are in the mean.
 */
#define GAP_FACTOR	4

/*
 * Whether a usual number lies where few of the training rows do: quantiles far
 * apart have few rows between them.
 */
static bool
is_in_gap(const Explanation *e, uint32 feature)
{
	double		value = e->row.model->row[feature];
	double		mean = (explained_quantile(e, feature, EXPLAIN_HIGH) -
						explained_quantile(e, feature, EXPLAIN_LOW)) /
		(EXPLAIN_HIGH - EXPLAIN_LOW);

	for (int i = EXPLAIN_LOW; i < EXPLAIN_HIGH; i++)
	{
		double		lo = explained_quantile(e, feature, i);
		double		hi = explained_quantile(e, feature, i + 1);

		if (value > lo && value < hi)
			return hi - lo > GAP_FACTOR * mean;
	}
	return false;
}

/*
 * What makes a number unusual that is inside of what is usual; "time" picks
 * the words for points in time.
 */
static const char *
inner_reason(const Explanation *e, uint32 feature, bool time)
{
	double		value = e->row.model->row[feature];
	double		median = explained_quantile(e, feature, FOREST_MEDIAN);

	if (value > median && value >= explained_quantile(e, feature, END_HIGH))
		return time ? "is at the late end" : "is at the upper end";
	if (value < median && value <= explained_quantile(e, feature, END_LOW))
		return time ? "is at the early end" : "is at the lower end";
	if (e->n == 1 || is_in_gap(e, feature))
		return "lies where few others do";
	return "does not fit the other values";
}

/* What makes a number unusual. */
static const char *
number_reason(const Explanation *e, uint32 feature)
{
	double		value = e->row.model->row[feature];
	bool		time = forest_type_is(e->row.model->features[feature].type,
									  FOREST_TRAIT_POINT);

	if (isnan(explained_quantile(e, feature, FOREST_MEDIAN)))
		return "is unusual";
	if (value > explained_quantile(e, feature, EXPLAIN_HIGH))
		return time ? "is late" : "is high";
	if (value < explained_quantile(e, feature, EXPLAIN_LOW))
		return time ? "is early" : "is low";
	return inner_reason(e, feature, time);
}

/* A number and the bounds of what is usual, as texts. */
typedef struct NumberTexts
{
	char	   *value;
	char	   *low;			/* NULL if it is not known */
	char	   *high;			/* the same */
} NumberTexts;

/* Whether two numbers that differ would read alike. */
static bool
read_alike(double a, const char *a_text, double b, const char *b_text)
{
	return a != b && a_text != NULL && b_text != NULL &&
		strcmp(a_text, b_text) == 0;
}

/* Writes a number and its bounds, rounded as far as they do not read alike. */
static NumberTexts
number_texts(const Explanation *e, uint32 feature)
{
	ForestType	type = e->row.model->features[feature].type;
	double		value = e->row.model->row[feature];
	double		low = explained_quantile(e, feature, EXPLAIN_LOW);
	double		high = explained_quantile(e, feature, EXPLAIN_HIGH);
	NumberTexts texts;

	for (int digits = SHORT_DIGITS;; digits++)
	{
		texts.value = feature_short_text(type, value, digits);
		texts.low = feature_short_text(type, low, digits);
		texts.high = feature_short_text(type, high, digits);
		if (digits == MAX_DIGITS ||
			(!read_alike(value, texts.value, low, texts.low) &&
			 !read_alike(value, texts.value, high, texts.high) &&
			 !read_alike(low, texts.low, high, texts.high)))
			return texts;
	}
}

/* Appends a number's reason, with what is usual. */
static void
append_number(StringInfo s, const Explanation *e, uint32 feature)
{
	ForestType	type = e->row.model->features[feature].type;
	NumberTexts texts;

	if (type == FOREST_BOOL)
	{
		appendStringInfo(s, " is %s", explained_value(e, feature));
		return;
	}
	texts = number_texts(e, feature);
	appendStringInfo(s, " %s %s", texts.value, number_reason(e, feature));
	if (texts.low == NULL || texts.high == NULL)
		return;
	appendStringInfo(s, " (usual %s", texts.low);
	if (strcmp(texts.low, texts.high) != 0)
		appendStringInfo(s, " to %s", texts.high);
	appendStringInfoChar(s, ')');
}

/* Appends a known category's reason, with its share of the rows. */
static void
append_category(StringInfo s, const Explanation *e, const Blame *blame)
{
	double		even;
	double		share = explained_share(e, blame->feature, &even);
	const char *reason;

	appendStringInfo(s, " %s ", explained_value(e, blame->feature));
	if (isnan(share))
	{
		appendStringInfoString(s, "is unusual");
		return;
	}
	if (blame->direction == DIRECTION_RARE)
		reason = "is rare";
	else if (share < even)
		reason = "is less common than others";
	else if (e->n == 1)
		reason = "is usual";
	else
		reason = "does not fit the other values";
	appendStringInfo(s, "%s (%s of the rows)", reason,
					 explained_share_text(e, blame->feature));
}

/*
 * Appends why a feature is to blame: its name, its value, and what is unusual
 * about it beside what is usual.
 */
static void
append_reason(StringInfo s, const Explanation *e, const Blame *blame)
{
	const ModelFeature *feature = &e->row.model->features[blame->feature];

	if (s->len > 0)
		appendStringInfoString(s, "; ");
	appendStringInfoString(s, feature->name);
	if (blame->direction == DIRECTION_MISSING)
		appendStringInfoString(s, " is missing");
	else if (blame->direction == DIRECTION_UNSEEN)
		appendStringInfo(s, " %s was never seen",
						 explained_value(e, blame->feature));
	else if (forest_type_is_category(feature->type))
		append_category(s, e, blame);
	else
		append_number(s, e, blame->feature);
}

PG_FUNCTION_INFO_V1(iforest_reason);
/*
 * iforest_reason(model bytea, VARIADIC "any") -> text
 *
 * The features that make the row unusual, in words; an empty text if none
 * does.  Of a row without any value, which has no score, it says so.
 */
Datum
iforest_reason(PG_FUNCTION_ARGS)
{
	Explanation e;
	StringInfoData s;
	double		total = 0;
	double		told = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!explain_row(fcinfo, 1, &e))
		PG_RETURN_TEXT_P(cstring_to_text("no value"));
	initStringInfo(&s);
	for (uint32 i = 0; i < e.n && e.blames[i].contribution > 0; i++)
		total += e.blames[i].contribution;
	for (uint32 i = 0; i < Min(e.n, MAX_REASONS) && total > 0; i++)
	{
		double		share = e.blames[i].contribution / total;

		if (share < REASON_SHARE || told >= REASON_ENOUGH)
			break;
		append_reason(&s, &e, &e.blames[i]);
		told += share;
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(s.data, s.len));
}
