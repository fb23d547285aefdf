/*-------------------------------------------------------------------------
 *
 * forest_type.h
 *	  The types that features had in SQL, and what their values are like.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_TYPE_H
#define FOREST_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/forest.h"

/*
 * The type a feature had in SQL.  The core only tells categories from
 * numbers; the rest lets a model check and display values.  The numbers are
 * part of the format.
 */
typedef enum ForestType
{
	FOREST_BOOL = 1,
	FOREST_INT2 = 2,
	FOREST_INT4 = 3,
	FOREST_INT8 = 4,
	FOREST_FLOAT4 = 5,
	FOREST_FLOAT8 = 6,
	FOREST_NUMERIC = 7,
	FOREST_DATE = 8,
	FOREST_TIME = 9,
	FOREST_TIMESTAMP = 10,
	FOREST_TIMESTAMPTZ = 11,
	FOREST_INTERVAL = 12,
	FOREST_TEXT = 32,
	FOREST_VARCHAR = 33,
	FOREST_BPCHAR = 34,
	FOREST_NAME = 35,
	FOREST_CHAR = 36,
	FOREST_ENUM = 37,
	FOREST_UUID = 38,
	FOREST_LAST_CATEGORY = FOREST_UUID
} ForestType;

/* What the values of a type are like. */
#define FOREST_TRAIT_CATEGORY	1	/* codes, not numbers */
#define FOREST_TRAIT_NUMBER		2	/* plain numbers: compared as doubles */
#define FOREST_TRAIT_WHOLE		4	/* no value has a fraction */
#define FOREST_TRAIT_DAYS		8	/* a count of days */
#define FOREST_TRAIT_MICROSECONDS 16	/* a count of microseconds */
#define FOREST_TRAIT_POINT		32	/* early or late, not low or high */
#define FOREST_TRAIT_CALENDAR	64	/* on some day, of some year */

/*
 * The traits of a type, 0 for a number that is none.  A new type is a case
 * here, and what it is like is then known everywhere.
 */
static inline uint32_t
forest_type_traits(uint32_t type)
{
	switch ((ForestType) type)
	{
		case FOREST_BOOL:
			return FOREST_TRAIT_WHOLE;
		case FOREST_INT2:
		case FOREST_INT4:
		case FOREST_INT8:
			return FOREST_TRAIT_NUMBER | FOREST_TRAIT_WHOLE;
		case FOREST_FLOAT4:
		case FOREST_FLOAT8:
		case FOREST_NUMERIC:
			return FOREST_TRAIT_NUMBER;
		case FOREST_DATE:
			return FOREST_TRAIT_WHOLE | FOREST_TRAIT_DAYS |
				FOREST_TRAIT_POINT | FOREST_TRAIT_CALENDAR;
		case FOREST_TIME:
			return FOREST_TRAIT_WHOLE | FOREST_TRAIT_MICROSECONDS |
				FOREST_TRAIT_POINT;
		case FOREST_TIMESTAMP:
		case FOREST_TIMESTAMPTZ:
			return FOREST_TRAIT_WHOLE | FOREST_TRAIT_MICROSECONDS |
				FOREST_TRAIT_POINT | FOREST_TRAIT_CALENDAR;
		case FOREST_INTERVAL:
			return FOREST_TRAIT_WHOLE | FOREST_TRAIT_MICROSECONDS;
		case FOREST_TEXT:
		case FOREST_VARCHAR:
		case FOREST_BPCHAR:
		case FOREST_NAME:
		case FOREST_CHAR:
		case FOREST_ENUM:
		case FOREST_UUID:
			return FOREST_TRAIT_CATEGORY;
	}
	return 0;
}

/* Whether a type has a trait, or one of several. */
static inline bool
forest_type_is(uint32_t type, uint32_t traits)
{
	return (forest_type_traits(type) & traits) != 0;
}

/* Whether values of a type are codes of categories. */
static inline bool
forest_type_is_category(uint32_t type)
{
	return forest_type_is(type, FOREST_TRAIT_CATEGORY);
}

/* Whether a type measures time: days, or microseconds. */
static inline bool
forest_type_is_time(uint32_t type)
{
	return forest_type_is(type,
						  FOREST_TRAIT_DAYS | FOREST_TRAIT_MICROSECONDS);
}

/* Whether a number, perhaps from hostile bytes, is one of ForestType. */
static inline bool
forest_type_is_valid(uint32_t type)
{
	return forest_type_traits(type) != 0;
}

#endif							/* FOREST_TYPE_H */
