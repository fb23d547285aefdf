/*-------------------------------------------------------------------------
 *
 * forest_strings.h
 *	  Names and categories, as models and sketches hold them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_STRINGS_H
#define FOREST_STRINGS_H

#include "core/forest.h"
#include "core/format/forest_model.h"

/* Strings that lie one behind the other, inside the caller's bytes. */
typedef struct ForestStrings
{
	uint32_t	n;
	const uint8_t *ends;		/* 4 bytes each: where it ends in "bytes" */
	const uint8_t *bytes;
} ForestStrings;

extern ForestStatus forest_strings_check(const ForestStrings *strings,
										 uint64_t length, ForestFault *fault);
extern ForestStatus forest_categories_check(const ForestStrings *strings,
											uint32_t first, uint32_t n,
											uint32_t feature,
											ForestFault *fault);
extern ForestString forest_strings_get(const ForestStrings *strings,
									   uint32_t i);
extern int forest_string_compare(ForestString a, ForestString b);

#endif							/* FOREST_STRINGS_H */
