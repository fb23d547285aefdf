/*-------------------------------------------------------------------------
 *
 * feature_text.c
 *	  The value of a numeric feature as its SQL type writes it.
 *
 * The inverse of number_from_datum (types.c), but as text.  What it says
 * depends on the arguments alone, not on DateStyle, IntervalStyle, TimeZone or
 * extra_float_digits, so IMMUTABLE functions may show it: dates are ISO,
 * timestamps with time zone are in UTC.
 *
 * A model may hold values that its type does not have: cuts lie between rows,
 * and models of others hold anything.  Each writer says whether there is such
 * a value.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/shortest_dec.h"
#include "miscadmin.h"
#include "utils/date.h"
#include "utils/datetime.h"

#include "row/feature_text.h"

/* Digits before the point of numbers that are written without an exponent. */
#define MAX_BEFORE		15

/*
 * Writes a number, in the fewest digits that tell it from its neighbours (Ryu:
 * Adams, Fast float-to-string conversion, 2018); of whole types without an
 * exponent.
 */
static void
write_number(ForestType type, double value, char *text)
{
	if (type == FOREST_FLOAT4 && (double) (float4) value == value)
		(void) float_to_shortest_decimal_buf((float4) value, text);
	else if (forest_type_is(type, FOREST_TRAIT_WHOLE) && value == rint(value) &&
			 fabs(value) <= (double) PG_INT64_MAX)
	{
		/* the double of the greatest bigint is that of one more */
		int64		whole = value >= (double) PG_INT64_MAX ? PG_INT64_MAX :
			(int64) value;

		snprintf(text, MAXDATELEN, INT64_FORMAT, whole);
	}
	else
		(void) double_to_shortest_decimal_buf(value, text);
}

/* Writes a day; false if there is none such. */
static bool
write_date(double days, char *text)
{
	struct pg_tm tm = {0};

	if (days < (double) (DATETIME_MIN_JULIAN - POSTGRES_EPOCH_JDATE) ||
		days >= (double) (DATE_END_JULIAN - POSTGRES_EPOCH_JDATE))
		return false;
	j2date((int) days + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon,
		   &tm.tm_mday);
	EncodeDateOnly(&tm, USE_ISO_DATES, text);
	return true;
}

/* Writes a time of day; false if there is none such. */
static bool
write_time(double usecs, char *text)
{
	struct pg_tm tm = {0};
	fsec_t		fsec;

	if (usecs < 0 || usecs > (double) USECS_PER_DAY)
		return false;
	time2tm((TimeADT) usecs, &tm, &fsec);
	EncodeTimeOnly(&tm, fsec, false, 0, USE_ISO_DATES, text);
	return true;
}

/* Writes a point in time in one of the styles; false if there is none such. */
static bool
write_timestamp(double usecs, bool with_zone, int style, char *text)
{
	struct pg_tm tm = {0};
	fsec_t		fsec;

	/* the bounds as doubles may be the limits' neighbours */
	if (usecs < (double) MIN_TIMESTAMP || usecs >= (double) END_TIMESTAMP ||
		timestamp2tm((Timestamp) usecs, NULL, &tm, &fsec, NULL, NULL) != 0)
		return false;
	tm.tm_isdst = 0;			/* else the zone would not be written */
	EncodeDateTime(&tm, fsec, with_zone, 0, NULL, style, text);
	return true;
}

/*
 * Writes a length of time as days and a time; false if there is none such.
 * Months have become days when it was read, so none come out.
 */
static bool
write_interval(double usecs, char *text)
{
	struct pg_itm itm = {0};
	int64		rest;

	if (fabs(usecs) >= (double) PG_INT32_MAX * (double) USECS_PER_DAY)
		return false;
	itm.tm_mday = (int) (usecs / (double) USECS_PER_DAY);
	rest = (int64) (usecs - itm.tm_mday * (double) USECS_PER_DAY);
	itm.tm_hour = rest / USECS_PER_HOUR;
	itm.tm_min = (int) (rest / USECS_PER_MINUTE % MINS_PER_HOUR);
	itm.tm_sec = (int) (rest / USECS_PER_SEC % SECS_PER_MINUTE);
	itm.tm_usec = (int) (rest % USECS_PER_SEC);
	EncodeInterval(&itm, INTSTYLE_POSTGRES, text);
	return true;
}

/* Writes a value of a type that counts something; false if it can't. */
static bool
write_counted(ForestType type, double value, char *text)
{
	switch (type)
	{
		case FOREST_BOOL:
			if (value != 0.0 && value != 1.0)
				return false;
			strcpy(text, value != 0.0 ? "true" : "false");
			return true;
		case FOREST_DATE:
			return write_date(value, text);
		case FOREST_TIME:
			return write_time(value, text);
		case FOREST_TIMESTAMP:
			return write_timestamp(value, false, USE_ISO_DATES, text);
		case FOREST_TIMESTAMPTZ:
			return write_timestamp(value, true, USE_ISO_DATES, text);
		case FOREST_INTERVAL:
			return write_interval(value, text);
		default:
			return false;
	}
}

/* Writes an infinite value of a type that counts; false if it has none. */
static bool
write_infinity(ForestType type, double value, char *text)
{
	if (type == FOREST_BOOL || type == FOREST_TIME)
		return false;
	strcpy(text, value < 0 ? "-infinity" : "infinity");
	return true;
}

/*
 * Writes a value of a numeric type, not NaN, as a literal of it; false if the
 * type has no such value.
 */
static bool
write_literal(ForestType type, double value, char *text)
{
	if (forest_type_is(type, FOREST_TRAIT_NUMBER))
		write_number(type, value, text);
	else if (isinf(value))
		return write_infinity(type, value, text);
	else
		/* what is counted is whole: "<= 7.5" is true of what "<= 7" is */
		return write_counted(type, floor(value), text);
	return true;
}

/*
 * The text of a value of a numeric type as a literal of it, palloc'd; NULL if
 * the type has no such value.  Of a type that counts days or microseconds a
 * fraction is cut off downwards, so that "<= text" means what "<= value"
 * does.
 */
char *
feature_literal(ForestType type, double value)
{
	char	   *text;

	if (isnan(value))
		return NULL;
	text = palloc(FEATURE_TEXT_SIZE);
	if (write_literal(type, value, text))
		return text;
	pfree(text);
	return NULL;
}

/*
 * As feature_literal, but points in time as to_jsonb() writes them, in UTC:
 * with a "T" before the time, and minutes of the zone.
 */
char *
feature_json_text(ForestType type, double value)
{
	char	   *text;

	if ((type != FOREST_TIMESTAMP && type != FOREST_TIMESTAMPTZ) ||
		!isfinite(value))
		return feature_literal(type, value);
	text = palloc(FEATURE_TEXT_SIZE);
	if (write_timestamp(floor(value), type == FOREST_TIMESTAMPTZ,
						USE_XSD_DATES, text))
		return text;
	pfree(text);
	return NULL;
}

/*
 * Writes the text of a value of a numeric type, not NaN, to FEATURE_TEXT_SIZE
 * bytes.  As feature_literal, but what the type has no word for, as foreign
 * models may hold, is written as a number.
 */
void
feature_write_value(ForestType type, double value, char *text)
{
	if (!write_literal(type, value, text))
		write_number(FOREST_FLOAT8, value, text);
}

/* The same, palloc'd, or NULL for a missing value (NaN). */
char *
feature_value_text(ForestType type, double value)
{
	char	   *text;

	if (isnan(value))
		return NULL;
	text = palloc(FEATURE_TEXT_SIZE);
	feature_write_value(type, value, text);
	return text;
}

/* Writes a number with some significant digits, and all before the point. */
static void
write_rounded(double value, int digits, char *text)
{
	int			before;

	if (value != 0 && !isinf(value))
	{
		before = (int) floor(log10(fabs(value))) + 1;
		if (before <= MAX_BEFORE)
			digits = Max(digits, before);
		value = strtod(psprintf("%.*e", digits - 1, value), NULL);
	}
	(void) double_to_shortest_decimal_buf(value, text);
}

/*
 * The text of a value for a sentence, palloc'd, or NULL for a missing value:
 * as feature_value_text, but a number that may have a fraction is rounded to
 * so many significant digits, and to no fewer than it has before the point.
 */
char *
feature_short_text(ForestType type, double value, int digits)
{
	char	   *text;

	if (isnan(value) || !forest_type_is(type, FOREST_TRAIT_NUMBER) ||
		forest_type_is(type, FOREST_TRAIT_WHOLE))
		return feature_value_text(type, value);
	text = palloc(FEATURE_TEXT_SIZE);
	write_rounded(value, digits, text);
	return text;
}
