/*-------------------------------------------------------------------------
 *
 * forest_strings.c
 *	  Names and categories, as models and sketches hold them.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_strings.h"

/* Orders two strings bytewise, a prefix first. */
int
forest_string_compare(ForestString a, ForestString b)
{
	uint32_t	n = a.len < b.len ? a.len : b.len;
	int			cmp = n > 0 ? memcmp(a.bytes, b.bytes, n) : 0;

	if (cmp != 0)
		return cmp;
	return (a.len > b.len) - (a.len < b.len);
}

/*
 * Checks that strings end in ascending order within their "length" bytes,
 * that none is longer than people's names and categories are, and that they
 * hold no zero byte (the server's text can't).
 */
ForestStatus
forest_strings_check(const ForestStrings *strings, uint64_t length,
					 ForestFault *fault)
{
	uint32_t	end = 0;

	for (uint32_t i = 0; i < strings->n; i++)
	{
		uint32_t	next = forest_get32(strings->ends + 4 * (size_t) i);

		forest_pause_at(i);
		if (next < end || next > length)
			return forest_broken(fault, "end of string", i);
		if (next - end > FOREST_MAX_STRING)
			return forest_broken(fault, "length of string", i);
		end = next;
	}
	if (end != length)
		return forest_broken(fault, "length of strings", length);
	if (end > 0 && memchr(strings->bytes, 0, end) != NULL)
		return forest_broken(fault, "zero byte in a string", 0);
	return FOREST_OK;
}

/*
 * Checks that the categories of a feature, n strings from "first" on, ascend
 * strictly, bytewise, so that a reader may search them.
 */
ForestStatus
forest_categories_check(const ForestStrings *strings, uint32_t first,
						uint32_t n, uint32_t feature, ForestFault *fault)
{
	for (uint32_t code = 1; code < n; code++)
	{
		forest_pause_at(first + code);
		if (forest_string_compare(forest_strings_get(strings,
													 first + code - 1),
								  forest_strings_get(strings,
													 first + code)) >= 0)
			return forest_broken(fault, "order of categories of feature",
								 feature);
	}
	return FOREST_OK;
}

/* Returns string i, which lies in the caller's bytes. */
ForestString
forest_strings_get(const ForestStrings *strings, uint32_t i)
{
	const uint8_t *end = strings->ends + 4 * (size_t) i;
	uint32_t	begin = i > 0 ? forest_get32(end - 4) : 0;
	ForestString s;

	s.bytes = (const char *) strings->bytes + begin;
	s.len = forest_get32(end) - begin;
	return s;
}
