/*-------------------------------------------------------------------------
 *
 * types.h
 *	  SQL values as the numbers and categories of a forest.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TYPES_H
#define IFOREST_TYPES_H

#include "iforest.h"

#include "core/format/forest_model.h"

extern ForestType forest_type_of(Oid typid);
extern const char *forest_type_name(uint32 type);
extern bool forest_types_agree(uint32 a, uint32 b);
extern double number_from_other(ForestType type, Datum value);
extern bool numbers_from_datums(ForestType type, const Datum *values,
								const bool *nulls, const uint32 *source,
								uint32 n, double *numbers);
extern bool numbers_from_reals(const float4 *values, uint32 n,
							   double *numbers);
extern ForestString category_from_datum(ForestType type, Datum value);
extern char *char_from_category(const char *category);

/*
 * The number that a value of a numeric type stands for; NaN is a missing
 * value.  Times are microseconds, dates days.  Integers beyond 2^53 are
 * rounded to a double.
 */
static inline double
number_from_datum(ForestType type, Datum value)
{
	return type == FOREST_FLOAT8 ? DatumGetFloat8(value) :
		number_from_other(type, value);
}

#endif							/* IFOREST_TYPES_H */
