/*-------------------------------------------------------------------------
 *
 * types.c
 *	  SQL values as the numbers and categories of a forest.
 *
 * The list of types is closed, and no output function is called: what a
 * value becomes must not depend on settings, or scoring could not be
 * IMMUTABLE.  Models name types by ForestType, not by OID, so that they can
 * move between databases.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "core/format/forest_model.h"
#include "row/types.h"

/* What a type's values are comparable with. */
typedef enum TypeClass
{
	CLASS_NUMBER,
	CLASS_BOOL,
	CLASS_DATE,
	CLASS_TIME,
	CLASS_TIMESTAMP,
	CLASS_TIMESTAMPTZ,
	CLASS_INTERVAL,
	CLASS_CATEGORY
} TypeClass;

/*
 * A type that features can have: how the server knows it, how a model does,
 * and what it is called in messages and documents.
 */
typedef struct TypeSpec
{
	Oid			typid;			/* 0: none in particular */
	ForestType	type;
	TypeClass	class;
	const char *name;
} TypeSpec;

/*
 * The types that features can have, the commonest first, as they are looked up
 * one after the other, once a call site.
 */
static const TypeSpec type_specs[] = {
	{FLOAT8OID, FOREST_FLOAT8, CLASS_NUMBER, "float8"},
	{INT4OID, FOREST_INT4, CLASS_NUMBER, "int4"},
	{INT8OID, FOREST_INT8, CLASS_NUMBER, "int8"},
	{INT2OID, FOREST_INT2, CLASS_NUMBER, "int2"},
	{FLOAT4OID, FOREST_FLOAT4, CLASS_NUMBER, "float4"},
	{NUMERICOID, FOREST_NUMERIC, CLASS_NUMBER, "numeric"},
	{BOOLOID, FOREST_BOOL, CLASS_BOOL, "bool"},
	{DATEOID, FOREST_DATE, CLASS_DATE, "date"},
	{TIMEOID, FOREST_TIME, CLASS_TIME, "time"},
	{TIMESTAMPOID, FOREST_TIMESTAMP, CLASS_TIMESTAMP, "timestamp"},
	{TIMESTAMPTZOID, FOREST_TIMESTAMPTZ, CLASS_TIMESTAMPTZ, "timestamptz"},
	{INTERVALOID, FOREST_INTERVAL, CLASS_INTERVAL, "interval"},
	{TEXTOID, FOREST_TEXT, CLASS_CATEGORY, "text"},
	{VARCHAROID, FOREST_VARCHAR, CLASS_CATEGORY, "varchar"},
	{BPCHAROID, FOREST_BPCHAR, CLASS_CATEGORY, "bpchar"},
	{NAMEOID, FOREST_NAME, CLASS_CATEGORY, "name"},
	{CHAROID, FOREST_CHAR, CLASS_CATEGORY, "char"},
	{UUIDOID, FOREST_UUID, CLASS_CATEGORY, "uuid"},
	{InvalidOid, FOREST_ENUM, CLASS_CATEGORY, "enum"},
};

/*
 * The type that a feature of a base type has, or 0 if no feature can.  An
 * untyped literal is text: its Datum is a C string (see arguments.c).
 */
ForestType
forest_type_of(Oid typid)
{
	for (int i = 0; i < (int) lengthof(type_specs); i++)
	{
		if (typid == type_specs[i].typid && OidIsValid(typid))
			return type_specs[i].type;
	}
	if (OidIsValid(typid) && type_is_enum(typid))
		return FOREST_ENUM;
	return 0;
}

/*
 * The line of a type of a checked model; another number is an internal error.
 */
static const TypeSpec *
type_spec(uint32 type)
{
	for (int i = 0; i < (int) lengthof(type_specs); i++)
	{
		if ((uint32) type_specs[i].type == type)
			return &type_specs[i];
	}
	elog(ERROR, "unknown forest type %u", type);
	return NULL;
}

/* The SQL name of a feature's type. */
const char *
forest_type_name(uint32 type)
{
	return type_spec(type)->name;
}

/*
 * Whether values of one type may stand where the other was trained: numbers of
 * any width for each other, text for enums, but no dates for timestamps.
 */
bool
forest_types_agree(uint32 a, uint32 b)
{
	return a == b || type_spec(a)->class == type_spec(b)->class;
}

/*
 * An interval's length in microseconds, months counted as 30 days, as the
 * server's comparison of intervals counts them; or an infinity.
 */
static double
interval_number(const Interval *interval)
{
	if (INTERVAL_NOT_FINITE(interval))
		return INTERVAL_IS_NOBEGIN(interval) ? -INFINITY : INFINITY;
	return ((double) interval->month * DAYS_PER_MONTH +
			(double) interval->day) * (double) USECS_PER_DAY +
		(double) interval->time;
}

/* A timestamp in microseconds since 2000, or an infinity. */
static double
timestamp_number(Timestamp timestamp)
{
	if (TIMESTAMP_IS_NOBEGIN(timestamp))
		return -INFINITY;
	if (TIMESTAMP_IS_NOEND(timestamp))
		return INFINITY;
	return (double) timestamp;
}

/* A date in days since 2000, or an infinity. */
static double
date_number(DateADT date)
{
	if (DATE_IS_NOBEGIN(date))
		return -INFINITY;
	if (DATE_IS_NOEND(date))
		return INFINITY;
	return (double) date;
}

/* As number_from_datum, for the types that have to be converted. */
double
number_from_other(ForestType type, Datum value)
{
	switch (type)
	{
		case FOREST_INT4:
			return (double) DatumGetInt32(value);
		case FOREST_INT8:
			return (double) DatumGetInt64(value);
		case FOREST_INT2:
			return (double) DatumGetInt16(value);
		case FOREST_FLOAT4:
			return (double) DatumGetFloat4(value);
		case FOREST_NUMERIC:
			CHECK_FOR_INTERRUPTS(); /* it may have 130 000 digits */
			value = DirectFunctionCall1(numeric_float8_no_overflow, value);
			return DatumGetFloat8(value);
		case FOREST_BOOL:
			return DatumGetBool(value) ? 1.0 : 0.0;
		case FOREST_DATE:
			return date_number(DatumGetDateADT(value));
		case FOREST_TIME:
			return (double) DatumGetTimeADT(value);
		case FOREST_TIMESTAMP:
			return timestamp_number(DatumGetTimestamp(value));
		case FOREST_TIMESTAMPTZ:
			return timestamp_number(DatumGetTimestampTz(value));
		case FOREST_INTERVAL:
			return interval_number(DatumGetIntervalP(value));
		default:
			elog(ERROR, "type %d is not numeric", (int) type);
			return 0;
	}
}

/*
 * Makes n numbers of values that have one type, NaN of NULL: number f is that
 * of value source[f].  Returns whether some is not missing.  It is what
 * number_from_datum makes of each, without asking for the type of each.
 */
bool
numbers_from_datums(ForestType type, const Datum *values, const bool *nulls,
					const uint32 *source, uint32 n, double *numbers)
{
	uint32		f;

#define EACH_NUMBER(value) \
	for (f = 0; f < n; f++) \
		numbers[f] = nulls[source[f]] ? NAN : (double) (value)

	if (type == FOREST_FLOAT8)
		EACH_NUMBER(DatumGetFloat8(values[source[f]]));
	else if (type == FOREST_FLOAT4)
		EACH_NUMBER(DatumGetFloat4(values[source[f]]));
	else
		EACH_NUMBER(number_from_datum(type, values[source[f]]));
#undef EACH_NUMBER
	for (f = 0; f < n && isnan(numbers[f]); f++)
		;
	return f < n;
}

/* Reals, and the numbers that they are, side by side. */
typedef float4 FourReals __attribute__((vector_size(16)));
typedef double FourNumbers __attribute__((vector_size(32)));

/*
 * The same of n values that are real, none of them NULL and the number f that
 * of value f.
 */
bool
numbers_from_reals(const float4 *values, uint32 n, double *numbers)
{
	uint32		f;

	for (f = 0; f + 4 <= n; f += 4)
	{
		FourReals	four;
		FourNumbers as_numbers;

		memcpy(&four, values + f, sizeof(four));
		as_numbers = __builtin_convertvector(four, FourNumbers);
		memcpy(numbers + f, &as_numbers, sizeof(as_numbers));
	}
	for (; f < n; f++)
		numbers[f] = values[f];
	for (f = 0; f < n && isnan(numbers[f]); f++)
		;
	return f < n;
}

/* A string as the core has it, of bytes that stay where they are. */
static ForestString
string_from_cstring(const char *s)
{
	ForestString string = {s, (uint32) strlen(s)};

	return string;
}

/*
 * The label of an enum value, copied: labels stay the same when a database is
 * dumped and restored, the OIDs of values do not.
 */
static ForestString
enum_label(Oid value)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	ForestString label;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for enum: %u", value)));
	label = string_from_cstring(pstrdup(NameStr(((Form_pg_enum)
												 GETSTRUCT(tuple))->enumlabel)));
	ReleaseSysCache(tuple);
	return label;
}

/*
 * A "char" as text: its letter, or, of a byte that is none in most encodings,
 * a backslash and three octal digits, as the server writes it since version
 * 16.
 */
static char *
category_of_char(char letter)
{
	return IS_HIGHBIT_SET(letter) ?
		psprintf("\\%03o", (unsigned int) (unsigned char) letter) :
		pnstrdup(&letter, 1);
}

/* What category_of_char has made of a "char", as the type's input reads it. */
char *
char_from_category(const char *category)
{
	if (category[0] == '\\' && strlen(category) == 4)
		return psprintf("%c", (int) strtol(category + 1, NULL, 8));
	return pstrdup(category);
}

/*
 * The bytes of a value of a categorical type: text as it is, blank-padded
 * text without its padding, an enum's label, a uuid or "char" as it is
 * written.  They lie in the value or in the current context.
 */
ForestString
category_from_datum(ForestType type, Datum value)
{
	ForestString string;
	text	   *packed;

	switch (type)
	{
		case FOREST_TEXT:
		case FOREST_VARCHAR:
		case FOREST_BPCHAR:
			packed = DatumGetTextPP(value);
			string.bytes = VARDATA_ANY(packed);
			string.len = (uint32) VARSIZE_ANY_EXHDR(packed);
			if (type == FOREST_BPCHAR)
				string.len = (uint32) bpchartruelen((char *) string.bytes,
													(int) string.len);
			return string;
		case FOREST_NAME:
			return string_from_cstring(NameStr(*DatumGetName(value)));
		case FOREST_CHAR:
			return string_from_cstring(category_of_char(DatumGetChar(value)));
		case FOREST_ENUM:
			return enum_label(DatumGetObjectId(value));
		case FOREST_UUID:
			value = DirectFunctionCall1(uuid_out, value);
			return string_from_cstring(DatumGetCString(value));
		default:
			elog(ERROR, "type %d is not categorical", (int) type);
			return string_from_cstring("");
	}
}
