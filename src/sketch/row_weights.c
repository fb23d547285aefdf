/*-------------------------------------------------------------------------
 *
 * row_weights.c
 *	  Weights of rows: samples that go by them, and what rows are worth when
 *	  a sample is used.
 *
 * A row of weight w counts as if it were there w times.  Which rows are kept
 * follows from their weighted keys (core/base/forest_weight.c).  A kept row
 * of weight w then stands for w / p rows, where p is the probability that it
 * is kept: all of a small table stand for their weights, and those of a
 * sample of a large one, where heavy rows are more likely to be kept, for
 * nearly as many each.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/base/forest_pause.h"
#include "core/base/forest_purpose.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_weight.h"
#include "core/net/forest_normal.h"
#include "row/types.h"
#include "sketch/number_map.h"
#include "sketch/row_sample.h"
#include "sketch/row_weights.h"

/* Copies of rows that are made of few, if a training may use as many. */
#define MOST_COPIES		(UINT32_C(1) << 18)

/*
 * Checks a weight, which a column has, or a sketch if "column" is NULL, and
 * returns it; 0 for one that is too small to count.
 */
double
check_weight(double weight, const char *column)
{
	if (weight >= 0 && weight <= FOREST_GREATEST_WEIGHT)
		return weight < FOREST_LEAST_WEIGHT ? 0 : weight;
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 column == NULL ?
			 errmsg("weight of a sketch is %g, but must be from 0 to %g",
					weight, FOREST_GREATEST_WEIGHT) :
			 errmsg("weight in column \"%s\" is %g, but must be from 0 to %g",
					column, weight, FOREST_GREATEST_WEIGHT),
			 errhint("What has the weight 0, or NULL, is left out.")));
	return 0;
}

/* Has the weights of rows count from now on; those that are here have 1. */
void
row_sample_weigh(RowSample *state)
{
	ForestSample *sample = &state->sample;

	if (sample->weighted)
		return;
	if (sample->allocated > 0)
		state->weighed = MemoryContextAllocHuge(state->context,
												sample->allocated *
												sizeof(RowKey));
	for (uint32 slot = 0; slot < sample->n; slot++)
	{
		forest_pause_at(slot);
		state->weighed[slot] = (RowKey) {sample->keys[slot], 1.0};
		sample->keys[slot] = forest_weighted_key(sample->keys[slot], 1.0);
	}
	sample->weighted = true;
	sample->n_lists = 0;
	if (sample->n > 0)
		(void) forest_sample_restore(sample);
}

/* How many rows each row, in the order of slots, stands for; palloc'd. */
static double *
worth_of_rows(const RowSample *state, const uint32 *slots)
{
	const ForestSample *sample = &state->sample;
	bool		all = sample->n < sample->capacity ||
		forest_sample_seen(sample) <= sample->n;
	double	   *worth = palloc(sample->n * sizeof(double));

	for (uint32 i = 0; i < sample->n; i++)
	{
		double		weight = state->weighed[slots[i]].weight;

		forest_pause_at(i);
		worth[i] = all ? weight :
			weight / forest_kept_share(sample->limit, weight);
	}
	return worth;
}

/* Whether numbers are whole; adds them up. */
static bool
are_whole(const double *numbers, uint32 n, double *sum)
{
	bool		whole = true;

	*sum = 0;
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		whole &= numbers[i] == floor(numbers[i]);
		*sum += numbers[i];
	}
	return whole;
}

/*
 * Puts into copies[] how often each row is to be there: as often as it is
 * worth, if these are whole numbers that there is room for, and else in
 * proportion.  Returns the sum, at least 1.
 */
static uint32
count_copies(const RowSample *state, const double *worth, uint32 *copies)
{
	uint32		n = state->sample.n;
	Size		fit = MaxAllocSize / (state->n_features * sizeof(double));
	double		room = Min(Min(state->sample.capacity,
							   Max(n, MOST_COPIES)), Max(fit, n));
	double		sum;
	double		before = 0;
	double		done = 0;

	if (are_whole(worth, n, &sum) && sum <= room)
		room = sum;
	for (uint32 i = 0; i < n; i++)
	{
		double		end;

		forest_pause_at(i);
		before += worth[i];
		end = i + 1 == n ? room : floor(before / sum * room + 0.5);
		copies[i] = (uint32) (Max(end, done) - done);
		done = Max(end, done);
	}
	return (uint32) done;
}

/*
 * How many rows of one weight tell as much as rows that are worth so much:
 * Kish's effective sample size, from 1 to n.
 */
static uint32
effective_rows(const double *worth, uint32 n)
{
	double		sum = 0;
	double		squares = 0;

	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		sum += worth[i];
		squares += worth[i] * worth[i];
	}
	return (uint32) Min(Max(rint(sum * sum / squares), 1.0), (double) n);
}

/* Counts the rows that have each category of a feature. */
static void
recount_categories(RowSample *expanded, uint32 f)
{
	SampleFeature *feature = &expanded->features[f];
	SampleCategory *codes = palloc(Max(feature->n_codes, 1) *
								   sizeof(SampleCategory));

	for (uint32 code = 0; code < feature->n_codes; code++)
	{
		codes[code] = feature->codes[code];
		codes[code].rows = 0;
	}
	for (uint32 i = 0; i < expanded->sample.n; i++)
	{
		double		value = expanded->rows[(Size) i * expanded->n_features + f];

		forest_pause_at(i);
		if (!isnan(value))
			codes[(uint32) value].rows++;
	}
	feature->codes = codes;
}

/* Fills the rows of an expanded state, and gives them keys in their order. */
static void
copy_rows(const RowSample *state, const uint32 *slots, const uint32 *copies,
		  RowSample *expanded)
{
	Size		size = state->n_features * sizeof(double);
	uint64		counter = forest_purpose_start((uint64) state->options.seed,
											   FOREST_FOR_SAMPLE, 0);
	uint32		to = 0;

	for (uint32 i = 0; i < state->sample.n; i++)
	{
		const double *row = state->rows + slots[i] * (Size) state->n_features;

		for (uint32 copy = 0; copy < copies[i]; copy++)
		{
			forest_pause_at(to);
			memcpy(expanded->rows + to * (Size) state->n_features, row, size);
			expanded->sample.keys[to++] = forest_splitmix64(&counter);
		}
	}
}

/*
 * Returns a state whose rows have weights as one whose rows are there as often
 * as they are worth, as if they had come so with the state's seed; any other
 * state as it is.  What has to be made is palloc'd, and shares names and
 * categories with the state, which is left as it is.  It is to be read only.
 */
const RowSample *
row_sample_expand(const RowSample *state)
{
	RowSample  *expanded;
	uint32	   *slots;
	uint32	   *copies;
	double	   *worth;

	if (!state->sample.weighted || state->sample.n == 0)
		return state;
	slots = row_sample_order(state, ORDER_BY_TURN);
	copies = palloc(state->sample.n * sizeof(uint32));
	expanded = palloc(sizeof(*expanded));
	*expanded = *state;
	worth = worth_of_rows(state, slots);
	expanded->sample.n = count_copies(state, worth, copies);
	expanded->effective = effective_rows(worth, state->sample.n);
	expanded->sample.weighted = false;
	expanded->weighed = NULL;
	expanded->slots = NULL;
	expanded->sample.drawn = Max(forest_sample_seen(&state->sample),
								 expanded->sample.n);
	expanded->sample.ahead = 0;
	expanded->sample.keys = palloc(expanded->sample.n * sizeof(uint64));
	expanded->rows = palloc(expanded->sample.n * (Size) state->n_features *
							sizeof(double));
	copy_rows(state, slots, copies, expanded);
	expanded->features = palloc(state->n_features * sizeof(SampleFeature));
	for (uint32 f = 0; f < state->n_features; f++)
	{
		expanded->features[f] = state->features[f];
		if (forest_type_is_category(state->features[f].type))
			recount_categories(expanded, f);
	}
	pfree(worth);
	pfree(copies);
	pfree(slots);
	return expanded;
}

/* An interval in microseconds, a month of 30 days; as intervals compare. */
static double
interval_length(const Interval *interval)
{
	return (double) interval->time +
		(interval->day + interval->month * (double) DAYS_PER_MONTH) *
		USECS_PER_DAY;
}

PG_FUNCTION_INFO_V1(iforest_decay);
/*
 * iforest_decay(age interval, half_life interval) -> float8
 *
 * The weight of what is so old, where a half-life halves it.
 */
Datum
iforest_decay(PG_FUNCTION_ARGS)
{
	const Interval *age = PG_GETARG_INTERVAL_P(0);
	const Interval *half_life = PG_GETARG_INTERVAL_P(1);
	double		length = interval_length(half_life);

	if (INTERVAL_NOT_FINITE(age) || INTERVAL_NOT_FINITE(half_life))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("age and half_life must be finite")));
	if (length <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("half_life is %s, but must be greater than 0",
						DatumGetCString(DirectFunctionCall1(interval_out,
															PG_GETARG_DATUM(1)))),
				 errhint("It is the age at which a row counts half, such as '30 days'.")));
	PG_RETURN_FLOAT8(forest_exp(-0.6931471805599453 *
								(interval_length(age) / length)));
}
