/*-------------------------------------------------------------------------
 *
 * drift_state.c
 *	  The state of iforest_drift: what a model tells of its training rows,
 *	  and the fresh rows counted beside it.
 *
 * An empty state is kept as bytes with the decoded model, so that the groups
 * of a query do not read the model one after the other.
 *
 * Numbers are counted into the cells between the training rows' quantiles, in
 * which equal shares of them lay; categories each into one, and one for all
 * that the training never saw.  Memory is bounded by the model, whatever the
 * number of rows.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "base/state_bytes.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "core/score/forest_walk.h"
#include "core/stats/forest_calibration.h"
#include "core/stats/forest_drift.h"
#include "drift/drift_serial.h"
#include "drift/drift_state.h"
#include "model/model.h"
#include "model/model_attach.h"
#include "model/model_calibrate.h"
#include "model/model_features.h"
#include "model/model_score.h"

/* Reports a model that does not know what its training rows were like. */
static void
check_profile(const ForestView *view)
{
	if (view->curve_ends != NULL && view->summary.rows_kept > 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("model has no profile of its training rows"),
			 errhint("Models of other libraries have none; use a model that iforest_train made.")));
}

/*
 * Sets what a feature was like when training; its categories' strings begin at
 * number "string". Quantiles are those of at most FOREST_PROFILE_ROWS rows, so
 * that is how many they speak for.
 */
static void
begin_feature(const ForestView *view, uint32 f, uint32 string,
			  DriftFeature *feature)
{
	ForestFeature stored = forest_view_feature(view, f);
	double		kept = (double) view->summary.rows_kept;
	double		evidence = forest_summary_evidence(&view->summary);

	feature->name = forest_view_string(view, f);
	feature->type = (ForestType) stored.type;
	feature->evidence = evidence;
	if (forest_type_is_category(stored.type))
	{
		uint32		n = stored.n_categories;

		feature->n_categories = n;
		feature->n_cells = n + 1;
		feature->categories = palloc(Max(n, 1) * sizeof(ForestString));
		feature->category_rows = palloc(Max(n, 1) * sizeof(uint32));
		feature->missing_then = evidence * (double) stored.n_missing;
		feature->rows_then = feature->missing_then;
		for (uint32 i = 0; i < n; i++)
		{
			feature->categories[i] = forest_view_string(view, string + i);
			feature->category_rows[i] =
				forest_view_category_rows(view, string + i);
			feature->rows_then += evidence * feature->category_rows[i];
		}
	}
	else
	{
		feature->n_cells = FOREST_DRIFT_CELLS;
		feature->quantiles = palloc(FOREST_QUANTILES * sizeof(double));
		for (uint32 i = 0; i < FOREST_QUANTILES; i++)
			feature->quantiles[i] = forest_view_quantile(view, f, i);
		feature->rows_then = Min(evidence * kept, FOREST_PROFILE_ROWS);
		feature->missing_then = (double) stored.n_missing / kept *
			feature->rows_then;
	}
	feature->cells = palloc0(feature->n_cells * sizeof(uint64));
}

/*
 * Whether the calibration holds scores as new rows get them.  Training has none
 * such where most of the trees saw each row (train_calibrate.c), and then new
 * rows score higher without any drift.
 */
static bool
scores_compare(const ForestView *view)
{
	double		rows = forest_summary_evidence(&view->summary) *
		(double) view->summary.rows_kept;
	uint32		sample = 0;

	for (uint32 i = 0; i < view->summary.n_groups; i++)
		sample = Max(sample, forest_view_group(view, i).sample_size);
	return rows >= 2.0 * sample ||
		!is_calibrated_by_training(&view->summary, view->calibration_rows);
}

/* Sets what the training rows' scores were like. */
static void
begin_scores(const Model *model, const ForestView *view, DriftState *state)
{
	const ForestCalibration *calibration = &model->calibration;

	state->scores_compare = scores_compare(view);
	state->score_rows = calibration->n_rows *
		calibration_evidence(&view->summary, view->calibration_rows);
	forest_drift_score_quantiles(calibration, state->score_quantiles);
	state->outliers_then =
		forest_outlier_share(calibration, model->summary.contamination);
}

/* Makes the empty state of a model, as bytes, in the current context. */
static bytea *
make_start(const Model *model, const ForestView *view)
{
	uint32		d = view->summary.n_features;
	uint32	   *first = model_first_categories(view);
	DriftState	state = {0};

	check_profile(view);
	check_calibrated(model);
	memcpy(state.digest, model->digest, sizeof(state.digest));
	state.n_features = d;
	state.features = palloc0(d * sizeof(DriftFeature));
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		begin_feature(view, f, first[f], &state.features[f]);
	}
	begin_scores(model, view, &state);
	return drift_serialize(&state);
}

/*
 * Makes the same where nothing else may be left behind: what is allocated in
 * the current context stays with the model.
 */
static void *
build_start(Model *model, const ForestView *view)
{
	MemoryContext target = CurrentMemoryContext;
	MemoryContext temporary = AllocSetContextCreate(target, "iforest drift",
													ALLOCSET_DEFAULT_SIZES);
	bytea	   *start;
	bytea	   *copy;

	MemoryContextSwitchTo(temporary);
	start = make_start(model, view);
	MemoryContextSwitchTo(target);
	copy = palloc(VARSIZE(start));
	memcpy(copy, start, VARSIZE(start));
	MemoryContextDelete(temporary);
	return copy;
}

/* The empty state of a model, as bytes; "datum" is the model. */
const bytea *
drift_start(Model *model, Datum datum)
{
	static const ModelPart part = {"drift", build_start};

	return model_attached(model, datum, &part);
}

/* Counts a value of a feature, as scoring has it. */
static inline void
count_value(DriftFeature *feature, double value)
{
	if (isnan(value))
		feature->missing++;
	else if (feature->quantiles != NULL)
		feature->cells[forest_drift_cell(feature->quantiles, value)]++;
	else if (value >= 0 && value < feature->n_categories)
		feature->cells[(uint32) value]++;
	else
		feature->cells[feature->n_categories]++;
}

/*
 * Counts the row in model->row; NULL for a row without any value, which the
 * training passed over too.
 */
void
drift_count(DriftState *state, const Model *model)
{
	int64		sum;
	double		score;

	if (model == NULL)
	{
		state->rows_without_values++;
		return;
	}
	/* a state may come from elsewhere with any digest */
	if (state->n_features != model->summary.n_features)
		report_changed_model();
	for (uint32 f = 0; f < state->n_features; f++)
		count_value(&state->features[f], model->row[f]);
	sum = model_sum(model);
	score = forest_score(sum, model->walk.scale, model->walk.n_trees);
	state->score_cells[forest_drift_cell(state->score_quantiles, score)]++;
	state->outliers += sum < model->outlier_limit;
	state->rows++;
}

/*
 * Adds the rows that another state counted, of the same model.  Sums of
 * integers: any order of workers gives the same.
 */
void
drift_merge(DriftState *state, const DriftState *other)
{
	if (memcmp(state->digest, other->digest, sizeof(state->digest)) != 0 ||
		state->n_features != other->n_features)
		report_changed_model();
	for (uint32 f = 0; f < state->n_features; f++)
	{
		DriftFeature *to = &state->features[f];
		const DriftFeature *from = &other->features[f];

		CHECK_FOR_INTERRUPTS();
		if (to->n_cells != from->n_cells)
			state_report_bad();
		for (uint32 i = 0; i < to->n_cells; i++)
			to->cells[i] += from->cells[i];
		to->missing += from->missing;
	}
	for (uint32 i = 0; i < FOREST_DRIFT_CELLS; i++)
		state->score_cells[i] += other->score_cells[i];
	state->rows += other->rows;
	state->rows_without_values += other->rows_without_values;
	state->outliers += other->outliers;
}
