/*-------------------------------------------------------------------------
 *
 * forest_pause.c
 *	  Where long work may be interrupted.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"

/* Bytes that a processor copies or compares in a millisecond or so. */
#define PIECE	((size_t) 1 << 22)

/*
 * What the core does when it pauses, unless the program that links it has a
 * forest_pause of its own: nothing.
 */
#if defined(__GNUC__)
__attribute__((weak))
#endif
void
forest_pause(void)
{
}

/* Copies n bytes, pausing. */
void
forest_copy(void *to, const void *from, size_t n)
{
	for (size_t at = 0; at < n; at += PIECE)
	{
		memcpy((uint8_t *) to + at, (const uint8_t *) from + at,
			   n - at < PIECE ? n - at : PIECE);
		forest_pause();
	}
}

/* Whether two blocks of n bytes are the same, pausing. */
bool
forest_equal(const void *a, const void *b, size_t n)
{
	for (size_t at = 0; at < n; at += PIECE)
	{
		if (memcmp((const uint8_t *) a + at, (const uint8_t *) b + at,
				   n - at < PIECE ? n - at : PIECE) != 0)
			return false;
		forest_pause();
	}
	return true;
}

/* Fills n bytes with zeros, pausing. */
void
forest_clear(void *memory, size_t n)
{
	for (size_t at = 0; at < n; at += PIECE)
	{
		memset((uint8_t *) memory + at, 0, n - at < PIECE ? n - at : PIECE);
		forest_pause();
	}
}
