/*-------------------------------------------------------------------------
 *
 * feature_parse.c
 *	  Text as the value of a numeric feature.
 *
 * The inverse of feature_text.c, and wider: dates and times are read as ISO
 * 8601 and to_jsonb() write them.  What a text means depends on the text
 * alone, not on DateStyle, IntervalStyle, TimeZone or the time of day, as it
 * does for the types' input functions, so IMMUTABLE functions may read it.
 *
 * Hence words such as "today" and "now", names of months, and zones by name
 * are no values here: they are refused, not guessed.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "row/feature_parse.h"
#include "row/types.h"

/* Days around 2000-01-01 that a timestamp in microseconds reaches. */
#define MAX_TIMESTAMP_DAYS	(PG_INT64_MAX / USECS_PER_DAY)

/* What is left to read of a text that ends with a zero byte. */
typedef struct Cursor
{
	const char *at;
} Cursor;

/* Whether the text goes on with a character, which is then passed. */
static bool
skip(Cursor *cursor, char c)
{
	if (*cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

/*
 * Reads an integer of min to max digits; false if there are fewer.  More are
 * left to whatever comes next, which then finds a digit.
 */
static bool
read_digits(Cursor *cursor, int min, int max, int *value)
{
	int			n = 0;

	*value = 0;
	while (n < max && isdigit((unsigned char) cursor->at[n]))
		*value = *value * 10 + (cursor->at[n++] - '0');
	cursor->at += n;
	return n >= min;
}

/* Reads hours, minutes and perhaps seconds, as microseconds. */
static bool
read_time(Cursor *cursor, int64 *usecs)
{
	int			hours;
	int			minutes;
	int			seconds = 0;
	double		fraction = 0;

	if (!read_digits(cursor, 2, 2, &hours) || !skip(cursor, ':') ||
		!read_digits(cursor, 2, 2, &minutes))
		return false;
	if (skip(cursor, ':'))
	{
		if (!read_digits(cursor, 2, 2, &seconds))
			return false;
		if (*cursor->at == '.')
		{
			size_t		n = strspn(cursor->at + 1, "0123456789");
			char		digits[32] = ".";

			if (n == 0)
				return false;
			/* what is cut off is far below a microsecond */
			memcpy(digits + 1, cursor->at + 1, Min(n, sizeof(digits) - 2));
			fraction = strtod(digits, NULL);
			cursor->at += 1 + n;
		}
	}
	*usecs = ((hours * MINS_PER_HOUR + minutes) * (int64) SECS_PER_MINUTE +
			  seconds) * USECS_PER_SEC + (int64) rint(fraction * USECS_PER_SEC);
	return minutes < MINS_PER_HOUR && seconds <= SECS_PER_MINUTE &&
		*usecs <= USECS_PER_DAY;
}

/*
 * Reads a zone, "Z" or an offset of hours, minutes and seconds, as
 * microseconds to subtract; false if there is none, or a bad one.
 */
static bool
read_zone(Cursor *cursor, int64 *usecs)
{
	bool		west = *cursor->at == '-';
	int			parts[3] = {0, 0, 0};

	*usecs = 0;
	if (skip(cursor, 'Z') || skip(cursor, 'z'))
		return true;
	if (!skip(cursor, '-') && !skip(cursor, '+'))
		return false;
	for (int i = 0; i < 3; i++)
	{
		if (i > 0 && !skip(cursor, ':') &&
			!isdigit((unsigned char) *cursor->at))
			break;
		if (!read_digits(cursor, 2, 2, &parts[i]))
			return false;
	}
	*usecs = ((parts[0] * MINS_PER_HOUR + parts[1]) * (int64) SECS_PER_MINUTE +
			  parts[2]) * USECS_PER_SEC;
	if (west)
		*usecs = -*usecs;
	return parts[0] <= MAX_TZDISP_HOUR && parts[1] < MINS_PER_HOUR &&
		parts[2] < SECS_PER_MINUTE;
}

/*
 * Reads a year, month and day, as they stand; whether there is such a day is
 * for day_number() to say.
 */
static bool
read_date(Cursor *cursor, int *year, int *month, int *day)
{
	return read_digits(cursor, 4, 7, year) && skip(cursor, '-') &&
		read_digits(cursor, 2, 2, month) && skip(cursor, '-') &&
		read_digits(cursor, 2, 2, day);
}

/* The day of a date, counted from 2000-01-01; false if there is none such. */
static bool
day_number(int year, int month, int day, int64 *days)
{
	if (month < 1 || month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1] ||
		!IS_VALID_JULIAN(year, month, day))
		return false;
	*days = (int64) date2j(year, month, day) - POSTGRES_EPOCH_JDATE;
	return *days < DATE_END_JULIAN - POSTGRES_EPOCH_JDATE;
}

/*
 * Reads a day and perhaps a time of it and a zone, which a timestamp with
 * time zone must have.  Of a date, what is behind the day is left out, and so
 * is the zone of a timestamp without one, as in casts.
 */
static bool
parse_point(ForestType type, const char *text, double *value)
{
	Cursor		cursor = {text};
	int			year;
	int			month;
	int			day;
	int64		days;
	int64		usecs = 0;
	int64		zone = 0;
	bool		zoned = false;

	if (!read_date(&cursor, &year, &month, &day) || year == 0)
		return false;
	if (*cursor.at == 'T' || *cursor.at == 't' ||
		(*cursor.at == ' ' && isdigit((unsigned char) cursor.at[1])))
	{
		cursor.at++;
		if (!read_time(&cursor, &usecs))
			return false;
		zoned = *cursor.at != '\0' && *cursor.at != ' ';
		if (zoned && !read_zone(&cursor, &zone))
			return false;
	}
	if (strcmp(cursor.at, " BC") == 0)
	{
		year = 1 - year;
		cursor.at += 3;
	}
	if (*cursor.at != '\0' || !day_number(year, month, day, &days) ||
		(type == FOREST_TIMESTAMPTZ && !zoned))
		return false;
	*value = (double) days;
	if (type == FOREST_DATE)
		return true;
	if (days < -MAX_TIMESTAMP_DAYS || days >= MAX_TIMESTAMP_DAYS - 1)
		return false;
	usecs += days * USECS_PER_DAY -
		(type == FOREST_TIMESTAMPTZ ? zone : 0);
	*value = (double) usecs;
	return IS_VALID_TIMESTAMP(usecs);
}

/*
 * Reads a time of day, in microseconds; one with a zone is none, as its type
 * has none.
 */
static bool
parse_time(const char *text, double *value)
{
	Cursor		cursor = {text};
	int64		usecs;

	if (!read_time(&cursor, &usecs) || *cursor.at != '\0')
		return false;
	*value = (double) usecs;
	return true;
}

/*
 * Reads a length of time as the server does under IntervalStyle 'postgres',
 * or one that ISO 8601 writes.
 */
static bool
parse_interval(const char *text, double *value)
{
	struct pg_itm_in itm = {0};
	Interval	interval;
	char		work[MAXDATELEN * 2];
	char	   *fields[MAXDATEFIELDS];
	int			types[MAXDATEFIELDS];
	int			n;
	int			what = DTK_DELTA;
	int			style = IntervalStyle;
	int			failed;

	/* the server's own parts; its input function would read the setting */
	failed = ParseDateTime(text, work, sizeof(work), fields, types,
						   MAXDATEFIELDS, &n);
	if (failed == 0)
	{
		/* nothing between these lines raises an error */
		IntervalStyle = INTSTYLE_POSTGRES;
		failed = DecodeInterval(fields, types, n, INTERVAL_FULL_RANGE, &what,
								&itm);
		IntervalStyle = style;
	}
	if (failed == DTERR_BAD_FORMAT)
		failed = DecodeISO8601Interval(pstrdup(text), &what, &itm);
	if (failed != 0 || what != DTK_DELTA ||
		itmin2interval(&itm, &interval) != 0)
		return false;
	*value = number_from_datum(FOREST_INTERVAL, IntervalPGetDatum(&interval));
	return true;
}

/* Whether a text is a word, in letters of any case. */
static bool
is_word(const char *text, const char *word)
{
	return pg_strcasecmp(text, word) == 0;
}

/*
 * Reads the words for the ends of a scale, and for no number, which is NaN;
 * false of all others, and of words that the type does not have.
 */
static bool
parse_word(ForestType type, const char *text, double *value)
{
	bool		minus = *text == '-';
	const char *word = text + (*text == '-' || *text == '+');

	if (is_word(word, "infinity") ||
		(is_word(word, "inf") && forest_type_is(type, FOREST_TRAIT_NUMBER)))
	{
		*value = minus ? -INFINITY : INFINITY;
		return type != FOREST_TIME;
	}
	*value = NAN;
	return is_word(text, "nan") && forest_type_is(type, FOREST_TRAIT_NUMBER);
}

/*
 * Reads a decimal number; what is beyond a double is infinite.  strtod alone
 * would also take hexadecimal numbers.
 */
static bool
parse_number(const char *text, double *value)
{
	const char *rest = text + (*text == '-' || *text == '+');
	size_t		whole = strspn(rest, "0123456789");
	size_t		fraction = 0;

	rest += whole;
	if (*rest == '.')
	{
		fraction = strspn(rest + 1, "0123456789");
		rest += 1 + fraction;
	}
	if (whole + fraction == 0)
		return false;
	if (*rest == 'e' || *rest == 'E')
	{
		rest++;
		rest += *rest == '-' || *rest == '+';
		if (!isdigit((unsigned char) *rest))
			return false;
		rest += strspn(rest, "0123456789");
	}
	*value = strtod(text, NULL);
	return *rest == '\0';
}

/* As feature_parse, of a text without blanks around it. */
static bool
parse_text(ForestType type, const char *text, double *value)
{
	bool		truth;

	if (type == FOREST_BOOL)
	{
		if (!parse_bool_with_len(text, strlen(text), &truth))
			return false;
		*value = truth;
		return true;
	}
	if (parse_word(type, text, value))
		return true;
	switch (type)
	{
		case FOREST_DATE:
		case FOREST_TIMESTAMP:
		case FOREST_TIMESTAMPTZ:
			return parse_point(type, text, value);
		case FOREST_TIME:
			return parse_time(text, value);
		case FOREST_INTERVAL:
			return parse_interval(text, value);
		default:
			return parse_number(text, value);
	}
}

/*
 * Reads a value of a numeric type from text[0 .. len); false if it holds none.
 * Blanks around it do not matter.
 */
bool
feature_parse(ForestType type, const char *text, size_t len, double *value)
{
	char	   *copy;
	bool		parsed;

	while (len > 0 && isspace((unsigned char) text[0]))
		text++, len--;
	while (len > 0 && isspace((unsigned char) text[len - 1]))
		len--;
	copy = pnstrdup(text, len);
	parsed = parse_text(type, copy, value);
	pfree(copy);
	return parsed;
}
