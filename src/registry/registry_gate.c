/*-------------------------------------------------------------------------
 *
 * registry_gate.c
 *	  Whether a new version may take the place of the active one.
 *
 * It must have been trained on enough rows, and on rows of the training query
 * its scores must rank them much as the active version's do: by Spearman's
 * rank correlation, since it is by their order that scores are used, and two
 * forests of the same rows differ in all of their values.  What they have
 * learned from labels is left out of it: a few labels of outliers that were not
 * the most unusual rows change the order of all, and are meant to.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/jsonb.h"

#include "base/options.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_sort.h"
#include "core/score/forest_walk.h"
#include "model/model_labels.h"
#include "model/model_score.h"
#include "registry/registry_find.h"
#include "registry/registry_gate.h"
#include "registry/registry_owner.h"
#include "registry/registry_train.h"
#include "registry/registry_when.h"
#include "score/score_sketch.h"
#include "sketch/row_sample.h"
#include "sketch/row_weights.h"

/* Rows that must be comparable for their ranks to say something. */
#define MIN_COMPARED	10

static const OptionSpec gate_specs[] = {
	{
		"min_rows", OPTION_REAL, OPTION_FIELD(Gate, min_rows, double),
		.min = 0, .max = 1e18, .default_value = NAN,
		.help = "the number of rows that a version must be trained on; half of the active version's if it is left out"
	},
	{
		"min_agreement", OPTION_REAL,
		OPTION_FIELD(Gate, min_agreement, double),
		.min = -1, .max = 1, .default_value = 0.5,
		.help = "the rank correlation that its scores must have with the active version's"
	},
	{
		"sample_rows", OPTION_REAL, OPTION_FIELD(Gate, sample_rows, double),
		.min = 0, .max = 1000000, .default_value = 1000,
		.help = "the number of rows that the correlation is measured on"
	},
	{
		"unless_drift", OPTION_REAL, OPTION_FIELD(Gate, unless_drift, double),
		.min = 0, .max = 1e6, .default_value = NAN,
		.help = "the population stability index above which the rows' drift lets a version pass whose scores do not agree"
	},
};

static const OptionTable gate_table = {
	gate_specs, lengthof(gate_specs), sizeof(Gate),
	"gate", " of gate", "'{\"min_rows\": 1000}'", NULL
};

/*
 * Checks and reads the gate of iforest_refit; NULL is all defaults.  What is
 * no gate is an error (22023) that names the option.
 */
void
gate_parse(Jsonb *jsonb, Gate *gate)
{
	options_default(&gate_table, gate);
	if (jsonb != NULL)
		options_read(&gate_table, &jsonb->root, gate);
}

/*
 * Puts the rank of each of n values into "ranks", 1 for the smallest; equal
 * values share the mean of their ranks.
 */
static void
mean_ranks(const double *values, uint32 n, double *ranks)
{
	ForestPair *pairs = palloc(2 * (Size) n * sizeof(ForestPair));
	uint32		end;

	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		pairs[i].key = forest_sort_key(values[i]);
		pairs[i].value = i;
	}
	forest_sort(pairs, pairs + n, n);
	for (uint32 i = 0; i < n; i = end)
	{
		for (end = i + 1; end < n && pairs[end].key == pairs[i].key; end++)
			;
		for (uint32 j = i; j < end; j++)
		{
			forest_pause_at(j);
			ranks[pairs[j].value] = (i + 1 + end) / 2.0;
		}
	}
	pfree(pairs);
}

/*
 * Spearman's rank correlation of n pairs, ties by mean ranks.  Where one side
 * ranks nothing, all its values being equal, it is 1 if the other does not
 * either, and else 0.
 */
static double
spearman(const double *x, const double *y, uint32 n)
{
	double	   *a = palloc(n * sizeof(double));
	double	   *b = palloc(n * sizeof(double));
	double		mean = (n + 1) / 2.0;
	double		aa = 0;
	double		bb = 0;
	double		ab = 0;

	mean_ranks(x, n, a);
	mean_ranks(y, n, b);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		aa += (a[i] - mean) * (a[i] - mean);
		bb += (b[i] - mean) * (b[i] - mean);
		ab += (a[i] - mean) * (b[i] - mean);
	}
	pfree(a);
	pfree(b);
	if (aa == 0 || bb == 0)
		return aa == bb ? 1 : 0;
	return ab / sqrt(aa * bb);
}

/* What compare() is to do, and its result. */
typedef struct Comparison
{
	struct varlena *models[2];	/* the active one and the new one */
	struct varlena *plain[2];	/* the same without their labels */
	int64		sample_rows;
	const Gate *gate;
	uint32		n;				/* rows that both score */
	double		agreement;
	double		drift;			/* NaN if it is of no interest */
} Comparison;

/* Scores rows of the training query by both versions, into x and y. */
static uint64
score_rows(const TrainingQuery *training, const Comparison *comparison,
		   double **x, double **y)
{
	TrainingCall call = {"iforest_score", 2, {BYTEAOID, ANYOID}};
	char	   *score = training_function(training, call.function);

	training_execute(training,
					 psprintf("SELECT %s($1, s.*), %s($2, s.*) FROM"
							  " (SELECT t.* FROM %s AS t"
							  " ORDER BY pg_catalog.random() LIMIT " INT64_FORMAT ") AS s",
							  score, score,
							  training_rows(training),
							  comparison->sample_rows),
					 &call, comparison->plain, 2);
	*x = palloc(Max(SPI_processed, 1) * sizeof(double));
	*y = palloc(Max(SPI_processed, 1) * sizeof(double));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull;
		Datum		score_now;

		forest_pause_at(i);
		score_now = SPI_getbinval(tuple, desc, 1, &isnull);
		(*x)[i] = isnull ? NAN : DatumGetFloat8(score_now);
		score_now = SPI_getbinval(tuple, desc, 2, &isnull);
		(*y)[i] = isnull ? NAN : DatumGetFloat8(score_now);
	}
	return SPI_processed;
}

/* Notes the score of the row in model->row, NaN without a model. */
static void
note_score(void *next, const Model *model)
{
	double	  **place = next;

	*(*place)++ = model == NULL ? NAN :
		forest_score(model_sum(model), model->walk.scale,
					 model->walk.n_trees);
}

/* The scores of a sample's rows by a model, palloc'd. */
static double *
score_sample(RowSample *sample, struct varlena *model)
{
	SketchScoring scoring = {.model = model, .sample = sample};
	double	   *scores = palloc(Max(sample->sample.n, 1) * sizeof(double));
	double	   *next = scores;

	score_sketch(&scoring, note_score, &next);
	return scores;
}

/*
 * Measures how two versions agree on rows, or sketches, of the query; rows
 * that one of them gives no score do not count.  Runs as the model's owner.
 */
static void
compare(const TrainingQuery *training, void *argument)
{
	Comparison *comparison = argument;
	bool		of_rows;
	RowSample  *sketch = training_sketch(training, &of_rows);
	uint64		n_scores;
	double	   *x;
	double	   *y;

	for (int i = 0; i < 2; i++)
		comparison->plain[i] = model_without_labels(comparison->models[i]);
	if (of_rows)
		n_scores = score_rows(training, comparison, &x, &y);
	else
	{
		row_sample_reduce(sketch, (uint32) Max(comparison->sample_rows, 1));
		sketch = unconstify(RowSample *, row_sample_expand(sketch));
		n_scores = sketch->sample.n;
		x = score_sample(sketch, comparison->plain[0]);
		y = score_sample(sketch, comparison->plain[1]);
	}
	for (uint64 i = 0; i < n_scores; i++)
	{
		forest_pause_at(i);
		if (isnan(x[i]) || isnan(y[i]))
			continue;
		x[comparison->n] = x[i];
		y[comparison->n++] = y[i];
	}
	comparison->agreement = spearman(x, y, comparison->n);
	if (comparison->agreement < comparison->gate->min_agreement &&
		!isnan(comparison->gate->unless_drift))
		comparison->drift = training_psi(training, comparison->models[0]);
}

/* Why scores that rank rows otherwise than before keep a version back. */
static char *
disagreement_text(const Comparison *comparison, int32 version)
{
	const Gate *gate = comparison->gate;
	char	   *text =
		psprintf("its scores rank %u rows unlike those of version %d: agreement %.2f, at least %g is wanted",
				 comparison->n, version, comparison->agreement,
				 gate->min_agreement);

	return isnan(comparison->drift) ? text :
		psprintf("%s unless the drift of %.3g were above %g", text,
				 comparison->drift, gate->unless_drift);
}

/*
 * Fills why the scores of the two versions do not agree enough, if so.  A
 * query that fails is a reason too: nobody can tell then what the new version
 * is worth.
 */
static void
disagreement(const TrainingQuery *training, const Gate *gate,
			 const ModelVersion *active, const ModelVersion *fresh,
			 Refusal *refusal)
{
	Comparison	comparison = {
		.models = {active->model, fresh->model},
		.sample_rows = (int64) gate->sample_rows,
		.gate = gate,
		.drift = NAN
	};
	ErrorData  *error;

	if (gate->min_agreement <= -1)
		return;
	error = try_as_owner(training, compare, &comparison);
	if (error != NULL)
	{
		refusal->reason = psprintf("the scores cannot be compared with those of version %d",
								   active->version);
		refusal->error = error->message;
	}
	else if (comparison.n < MIN_COMPARED)
		refusal->reason = psprintf("only %u %s to compare the scores on",
								   comparison.n,
								   comparison.n == 1 ? "row" : "rows");
	else if (comparison.agreement < gate->min_agreement &&
			 !(comparison.drift > gate->unless_drift))
		refusal->reason = disagreement_text(&comparison, active->version);
}

/*
 * Decides whether a fresh version may take the place of the active one, and
 * fills why not.
 */
void
gate_decide(const TrainingQuery *training, const Gate *gate,
			const ModelVersion *active, const ModelVersion *fresh,
			Refusal *refusal)
{
	double		min_rows = isnan(gate->min_rows) ?
		Max(active->rows_seen, 0) / 2.0 : gate->min_rows;

	if ((double) fresh->rows_seen < min_rows)
		refusal->reason = psprintf("trained on " INT64_FORMAT " rows, at least %.0f are wanted",
								   fresh->rows_seen, ceil(min_rows));
	else
		disagreement(training, gate, active, fresh, refusal);
}
