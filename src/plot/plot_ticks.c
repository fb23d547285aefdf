/*-------------------------------------------------------------------------
 *
 * plot_ticks.c
 *	  Round numbers and times between two ends of an axis, with labels.
 *
 * Ticks lie at multiples of 1, 2 or 5 times a power of ten, the steps that
 * people count in; of times, at those of clocks and calendars, whose steps are
 * not decimal and whose months are not equally long.
 *
 * Ends of any size come in: models of others have scales of 1e308, and years
 * that no calendar has.  Where no round value can be told from its neighbours,
 * the ends themselves are the ticks.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include <float.h>

#include "utils/date.h"
#include "utils/datetime.h"

#include "plot/plot_ticks.h"
#include "row/feature_text.h"

#define DAY_SECONDS		86400.0

/* Digits of a number beyond which it is written with an exponent. */
#define PLAIN_LIMIT		1e7
#define PLAIN_STEP		1e-5

/* Steps of a clock and of a calendar's days, in seconds. */
static const double clock_steps[] = {
	1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800,
	21600, 43200, DAY_SECONDS, 2 * DAY_SECONDS, 7 * DAY_SECONDS,
	14 * DAY_SECONDS
};

/* Steps of a calendar, in months. */
static const int month_steps[] = {
	1, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 2400, 6000, 12000
};

/* Adds a tick; its label is the caller's to give away. */
static void
add_tick(PlotTicks *ticks, double value, char *label)
{
	if (ticks->n == PLOT_MAX_TICKS)
		return;
	ticks->ticks[ticks->n].value = value;
	ticks->ticks[ticks->n++].label = label;
}

/* Takes the ends themselves: right for whatever has no rounder values. */
static void
tick_ends(ForestType type, double lo, double hi, PlotTicks *ticks)
{
	ticks->n = 0;
	add_tick(ticks, lo, feature_value_text(type, lo));
	if (hi > lo)
		add_tick(ticks, hi, feature_value_text(type, hi));
}

/* The least of 1, 2 and 5 times a power of ten that is at least "raw". */
static double
round_step(double raw)
{
	double		power = pow(10.0, floor(log10(raw)));

	for (int i = 0; i < 3; i++)
	{
		static const double factors[] = {1.0, 2.0, 5.0};

		if (factors[i] * power >= raw * (1.0 - 1e-9))
			return factors[i] * power;
	}
	return 10.0 * power;
}

/*
 * A finite number with an exponent, in "digits" digits less the zeros at its
 * end.
 */
static char *
exponent_text(double value, int digits)
{
	char	   *text = psprintf("%.*e", Max(digits - 1, 0), value);
	char	   *e = strchr(text, 'e');
	int			exponent;

	Assert(e != NULL);
	exponent = atoi(e + 1);
	*e = '\0';
	if (strchr(text, '.') != NULL)
	{
		while (e[-1] == '0')
			*--e = '\0';
		if (e[-1] == '.')
			*--e = '\0';
	}
	return psprintf("%se%d", text, exponent);
}

/*
 * The label of a multiple of a step, palloc'd: no more decimals than the step
 * has, so that all labels of an axis have the same.  "largest" is the size of
 * the largest, which decides for all whether they have exponents.
 */
static char *
number_label(double value, double step, double largest)
{
	int			digits = (int) (floor(log10(largest)) -
								floor(log10(step * (1 + 1e-9)))) + 1;
	int			decimals = -(int) floor(log10(step * (1 + 1e-9)));

	if (value == 0)
		return pstrdup("0");
	if ((largest >= PLAIN_LIMIT || step < PLAIN_STEP) && digits <= 7)
		return exponent_text(value, digits);
	return psprintf("%.*f", Min(Max(decimals, 0), 15), value);
}

/* Ticks at multiples of a round number. */
static void
tick_numbers(ForestType type, double lo, double hi, int wanted,
			 PlotTicks *ticks)
{
	double		step;
	double		first;
	double		count;

	/* few ticks may all be beyond the ends; more of them are not */
	do
	{
		step = round_step((hi - lo) / wanted);
		if (forest_type_is(type, FOREST_TRAIT_WHOLE))
			step = Max(step, 1.0);
		/* a multiple that rounding put just outside of an end is a tick */
		first = ceil(lo / step - 1e-9);
		count = floor(hi / step + 1e-9) - first + 1;
	} while (count < 1 && ++wanted < 10);
	/* so close together that a double cannot tell them apart, or too far */
	if (!(count >= 1 && count <= PLOT_MAX_TICKS) || fabs(first) > 1e15)
	{
		tick_ends(type, lo, hi, ticks);
		return;
	}
	for (int i = 0; i < (int) count; i++)
		add_tick(ticks, (first + i) * step,
				 number_label((first + i) * step, step,
							  Max(fabs(lo), fabs(hi))));
}

/* The number of a feature that is so many seconds from 2000, or from 0. */
static double
from_seconds(ForestType type, double seconds)
{
	return forest_type_is(type, FOREST_TRAIT_DAYS) ? seconds / DAY_SECONDS :
		seconds * 1e6;
}

/*
 * The label of a length of time, or of a time of day, palloc'd, no finer than
 * the step between labels.
 */
static char *
length_label(double seconds, double step)
{
	double		size = fabs(seconds);
	const char *sign = seconds < 0 ? "-" : "";
	int			minutes = (int) fmod(size / 60, 60);

	if (step >= DAY_SECONDS)
		return psprintf("%s%.0f d", sign, size / DAY_SECONDS);
	if (step >= 60)
		return psprintf("%s%.0f:%02d", sign, floor(size / 3600), minutes);
	return psprintf("%s%.0f:%02d:%02d", sign, floor(size / 3600), minutes,
					(int) fmod(size, 60));
}

/*
 * The label of a point in time, seconds from 2000, palloc'd: a date, and where
 * steps are shorter than a day the time.
 */
static char *
point_label(double seconds, double step)
{
	double		days = floor(seconds / DAY_SECONDS);
	double		rest = seconds - days * DAY_SECONDS;
	int			year;
	int			month;
	int			day;

	j2date((int) days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (step >= DAY_SECONDS)
		return psprintf("%04d-%02d-%02d", year, month, day);
	return psprintf("%04d-%02d-%02d %s", year, month, day,
					length_label(rest, step));
}

/*
 * Ticks at the first days of months or years between two points, in seconds
 * from 2000; steps are counted from year 0, so that decades begin where people
 * begin them.
 */
static void
tick_months(ForestType type, double from, double to, int wanted,
			PlotTicks *ticks)
{
	double		months = (to - from) / (30.44 * DAY_SECONDS);
	int			step = month_steps[lengthof(month_steps) - 1];
	int			year;
	int			month;
	int			day;

	for (int i = (int) lengthof(month_steps); i-- > 0;)
		if (month_steps[i] >= months / wanted)
			step = month_steps[i];
	j2date((int) floor(from / DAY_SECONDS) + POSTGRES_EPOCH_JDATE, &year,
		   &month, &day);
	for (int at = (year * 12 + month - 1) / step * step;
		 ticks->n < PLOT_MAX_TICKS; at += step)
	{
		double		seconds = (date2j(at / 12, at % 12 + 1, 1) -
							   POSTGRES_EPOCH_JDATE) * DAY_SECONDS;

		if (seconds > to)
			return;
		if (seconds >= from)
			add_tick(ticks, from_seconds(type, seconds),
					 step % 12 == 0 ? psprintf("%04d", at / 12) :
					 psprintf("%04d-%02d", at / 12, at % 12 + 1));
	}
}

/* Ticks at round times: of a clock, of days, or of a calendar. */
static void
tick_times(ForestType type, double lo, double hi, int wanted,
		   PlotTicks *ticks)
{
	bool		days = forest_type_is(type, FOREST_TRAIT_DAYS);
	double		unit = days ? DAY_SECONDS : 1e-6;
	double		from = lo * unit;
	double		to = hi * unit;
	double		raw = (to - from) / wanted;
	bool		point = forest_type_is(type, FOREST_TRAIT_CALENDAR);
	double		step = days ? DAY_SECONDS : 1;
	double		start;

	for (int i = 0; i < (int) lengthof(clock_steps) && step < raw; i++)
		step = Max(step, clock_steps[i]);
	if (step < raw && point)
	{
		tick_months(type, from, to, wanted, ticks);
		return;
	}
	if (step < raw)
		step = round_step(raw / DAY_SECONDS) * DAY_SECONDS;
	/* weeks start on Mondays, as 2000-01-03 was */
	start = point && step >= 7 * DAY_SECONDS ? 2 * DAY_SECONDS : 0;
	start += ceil((from - start) / step) * step;
	for (double at = start; at <= to && ticks->n < PLOT_MAX_TICKS; at += step)
		add_tick(ticks, from_seconds(type, at),
				 point ? point_label(at, step) : length_label(at, step));
}

/* Whether both ends are years of four digits, which ticks can be found for. */
static bool
is_common_time(ForestType type, double lo, double hi)
{
	double		unit = forest_type_is(type, FOREST_TRAIT_DAYS) ? 1 :
		1e-6 / DAY_SECONDS;

	if (!forest_type_is(type, FOREST_TRAIT_CALENDAR))
		return fabs(lo) < 1e17 && fabs(hi) < 1e17;
	return lo * unit >= date2j(1, 1, 1) - POSTGRES_EPOCH_JDATE &&
		hi * unit < date2j(10000, 1, 1) - POSTGRES_EPOCH_JDATE;
}

/*
 * Finds about "wanted" (>= 1) ticks between two finite ends, lo <= hi, of a
 * feature of a numeric type; at most PLOT_MAX_TICKS, and at least one.
 * Labels are palloc'd.
 */
void
plot_ticks(ForestType type, double lo, double hi, int wanted,
		   PlotTicks *ticks)
{
	ticks->n = 0;
	if (!(hi > lo) || isinf(hi - lo) || hi - lo < DBL_MIN * 1e10)
		tick_ends(type, lo, hi, ticks);
	else if (!forest_type_is_time(type))
		tick_numbers(type, lo, hi, wanted, ticks);
	else if (is_common_time(type, lo, hi))
		tick_times(type, lo, hi, wanted, ticks);
	if (ticks->n == 0)
		tick_ends(type, lo, hi, ticks);
}
