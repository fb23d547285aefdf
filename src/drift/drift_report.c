/*-------------------------------------------------------------------------
 *
 * drift_report.c
 *	  What iforest_drift has to say, as JSON.
 *
 * A verdict comes first, then what it rests on: index and distance beside what
 * chance alone would make of so many rows, so that a small sample is not taken
 * for a change.  Features come most drifted first, as somebody who looks for
 * the cause reads them.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "base/json_put.h"
#include "base/json_value.h"
#include "core/stats/forest_drift.h"
#include "drift/drift_report.h"
#include "drift/drift_state.h"
#include "model/model_text.h"

/* Categories whose share changed most that are told. */
#define CHANGES			3

static const char *const verdict_names[] = {
	"stable", "too few rows", "moderate", "large"
};

/* A feature and how far it is from the training rows. */
typedef struct Finding
{
	uint32		feature;
	ForestDriftBase base;
	ForestDrift drift;
} Finding;

/* Orders NaN as less than any number, others as they are. */
static int
compare_amounts(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(b) - isnan(a);
	return (a > b) - (a < b);
}

/* Orders findings: those that matter most first, then as in the model. */
static int
compare_findings(const void *a, const void *b, void *arg)
{
	const Finding *x = a;
	const Finding *y = b;
	int			order;

	if (x->drift.verdict != y->drift.verdict)
		return x->drift.verdict > y->drift.verdict ? -1 : 1;
	order = compare_amounts(y->drift.psi, x->drift.psi);
	if (order == 0)
		order = compare_amounts(y->drift.ks, x->drift.ks);
	if (order != 0)
		return order;
	return (x->feature > y->feature) - (x->feature < y->feature);
}

/* Puts a key and a number, to a millionth; null for NaN. */
static void
put_amount(JsonWriter *json, const char *key, double value)
{
	/* no zero with a sign */
	json_add_real(json, key, rint(value * 1e6) / 1e6 + 0.0);
}

/* Puts a part of a whole; null if there is no whole. */
static void
put_share(JsonWriter *json, const char *key, double part, double whole)
{
	put_amount(json, key, whole > 0 ? part / whole : NAN);
}

/* Puts what is told of features and of the score alike. */
static void
put_drift(JsonWriter *json, const ForestDrift *drift)
{
	json_add_string(json, "verdict", verdict_names[drift->verdict]);
	json_add_bool(json, "small_sample", drift->small_sample);
	put_amount(json, "psi", drift->psi);
	put_amount(json, "psi_by_chance", drift->chance);
}

/* Puts what is told of numbers alone. */
static void
put_number(JsonWriter *json, const ForestDrift *drift)
{
	put_amount(json, "ks", drift->ks);
	json_put_key(json, "direction");
	if (drift->direction == 0)
		json_put_null(json);
	else
		json_put_string(json, drift->direction > 0 ? "higher" : "lower");
}

/* A category's share of the rows, then and now. */
typedef struct Change
{
	uint32		category;
	double		then;
	double		now;
} Change;

/* Puts a change among the greatest n, greatest first; returns how many. */
static uint32
insert_change(Change *changes, uint32 n, Change change)
{
	uint32		at = n;

	if (change.then == change.now)
		return n;
	while (at > 0 && fabs(change.now - change.then) >
		   fabs(changes[at - 1].now - changes[at - 1].then))
		at--;
	if (at == CHANGES)
		return n;
	n = Min(n + 1, CHANGES);
	memmove(changes + at + 1, changes + at, (n - 1 - at) * sizeof(Change));
	changes[at] = change;
	return n;
}

/*
 * Puts the categories whose shares of all rows changed most, in either
 * direction; those that did not change are none.
 */
static void
put_changes(JsonWriter *json, const DriftFeature *feature, double rows)
{
	Change		changes[CHANGES];
	uint32		n = 0;

	for (uint32 i = 0; i < feature->n_categories && rows > 0; i++)
	{
		Change		change = {
			i, feature->category_rows[i] * feature->evidence /
			Max(feature->rows_then, 1),
			(double) feature->cells[i] / rows
		};

		n = insert_change(changes, n, change);
	}
	json_add_array(json, "changes");
	for (uint32 i = 0; i < n; i++)
	{
		json_begin_object(json);
		json_add_string(json, "category",
						model_string_text(feature->categories[changes[i].category]));
		put_amount(json, "then", changes[i].then);
		put_amount(json, "now", changes[i].now);
		json_end_object(json);
	}
	json_end_array(json);
}

/* Puts what is told of a feature; "rows" fresh ones were counted. */
static void
put_feature(JsonWriter *json, const DriftFeature *feature,
			const Finding *finding, double rows)
{
	bool		category = feature->quantiles == NULL;

	json_begin_object(json);
	json_add_string(json, "name", model_string_text(feature->name));
	json_add_string(json, "kind", category ? "category" : "number");
	put_drift(json, &finding->drift);
	if (category)
	{
		put_share(json, "unseen_expected",
				  forest_drift_unseen(&finding->base), 1);
		put_share(json, "unseen_now",
				  (double) feature->cells[feature->n_categories], rows);
		put_changes(json, feature, rows);
	}
	else
	{
		put_number(json, &finding->drift);
		put_share(json, "outside_now",
				  (double) (feature->cells[0] +
							feature->cells[FOREST_DRIFT_CELLS - 1]), rows);
	}
	put_share(json, "missing_then", feature->missing_then,
			  feature->rows_then);
	put_share(json, "missing_now", (double) feature->missing, rows);
	json_end_object(json);
}

/* Works out the drift of every feature, palloc'd, most drifted first. */
static Finding *
find_drift(const DriftState *state)
{
	Finding    *findings = palloc0(Max(state->n_features, 1) * sizeof(Finding));

	for (uint32 f = 0; f < state->n_features; f++)
	{
		const DriftFeature *feature = &state->features[f];
		Finding    *finding = &findings[f];

		CHECK_FOR_INTERRUPTS();
		finding->feature = f;
		finding->base.rows = feature->rows_then;
		finding->base.missing = feature->missing_then;
		finding->base.evidence = feature->evidence;
		finding->base.quantiles = feature->quantiles;
		finding->base.category_rows = feature->category_rows;
		finding->base.n_categories = feature->n_categories;
		if (feature->quantiles != NULL)
			forest_drift_number(&finding->base, feature->cells,
								feature->missing, &finding->drift);
		else
			forest_drift_category(&finding->base, feature->cells,
								  feature->missing, &finding->drift);
	}
	qsort_interruptible(findings, state->n_features, sizeof(Finding),
						compare_findings, NULL);
	return findings;
}

/*
 * Works out the drift of the scores; NaN where they don't compare (see
 * scores_compare in drift_state.c).
 */
static ForestDrift
find_score_drift(const DriftState *state)
{
	ForestDriftBase base = {
		.rows = state->score_rows, .quantiles = state->score_quantiles
	};
	ForestDrift drift;

	if (!state->scores_compare)
		base.rows = 0;
	forest_drift_number(&base, state->score_cells, 0, &drift);
	return drift;
}

/*
 * Puts the names of features that drifted: findings are in order, so those
 * come first.
 */
static void
put_drifted(JsonWriter *json, const DriftState *state,
			const Finding *findings)
{
	json_add_array(json, "drifted");
	for (uint32 i = 0; i < state->n_features &&
		 findings[i].drift.verdict >= FOREST_DRIFT_IS_MODERATE; i++)
		json_put_string(json,
						model_string_text(state->features[findings[i].feature].name));
	json_end_array(json);
}

/*
 * The report on the rows that a state counted, a jsonb, palloc'd.  The state
 * stays as it is.
 */
Datum
drift_report(const DriftState *state)
{
	Finding    *findings = find_drift(state);
	ForestDrift score = find_score_drift(state);
	ForestDriftVerdict verdict = state->scores_compare ?
		score.verdict : FOREST_DRIFT_STABLE;
	JsonWriter	json = {0};

	if (state->n_features > 0)
		verdict = Max(verdict, findings[0].drift.verdict);
	json_begin_object(&json);
	json_add_string(&json, "verdict", verdict_names[verdict]);
	json_add_integer(&json, "rows", (int64) state->rows);
	json_add_integer(&json, "rows_without_values",
					 (int64) state->rows_without_values);
	put_drifted(&json, state, findings);
	json_add_object(&json, "score");
	put_drift(&json, &score);
	put_number(&json, &score);
	put_share(&json, "outliers_then", state->outliers_then, 1);
	put_share(&json, "outliers_now", (double) state->outliers,
			  (double) state->rows);
	json_end_object(&json);
	json_add_array(&json, "features");
	for (uint32 i = 0; i < state->n_features; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_feature(&json, &state->features[findings[i].feature],
					&findings[i], (double) state->rows);
	}
	json_end_array(&json);
	json_end_object(&json);
	return JsonbPGetDatum(json_written(&json));
}

/*
 * The PSI that an object of a report tells of, of a feature or the score; 0
 * if it has none, or had too few rows to tell.
 */
static double
told_psi(const JsonbValue *object)
{
	JsonbValue	small;
	JsonbValue	psi;

	if (object->type != jbvBinary ||
		!json_member(object->val.binary.data, "small_sample", &small) ||
		!json_member(object->val.binary.data, "psi", &psi) ||
		small.val.boolean)
		return 0;
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8,
											  NumericGetDatum(psi.val.numeric)));
}

/*
 * The greatest population stability index in a report of drift_report's, of
 * any feature and of the score, leaving out those of too few rows.
 */
double
drift_report_psi(Jsonb *report)
{
	JsonbValue	score;
	JsonbValue	features;
	JsonbContainer *array;
	double		most = 0;

	if (json_member(&report->root, "score", &score))
		most = told_psi(&score);
	if (!json_member(&report->root, "features", &features))
		return most;
	array = features.val.binary.data;
	for (uint32 i = 0; i < (uint32) JsonContainerSize(array); i++)
	{
		CHECK_FOR_INTERRUPTS();
		most = Max(most, told_psi(getIthJsonbValueFromContainer(array, i)));
	}
	return most;
}
