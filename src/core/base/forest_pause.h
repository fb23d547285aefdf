/*-------------------------------------------------------------------------
 *
 * forest_pause.h
 *	  Where long work may be interrupted.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_PAUSE_H
#define FOREST_PAUSE_H

#include "core/forest.h"

/*
 * Work on many rows, nodes or bytes calls forest_pause every few
 * milliseconds.  The core's own does nothing; a program that links the core
 * may define another, which may also end the work by not returning: the core
 * holds nothing that would have to be given back, and only what the caller
 * handed in for results and scratch is left half done.
 */
extern void forest_pause(void);

extern void forest_copy(void *to, const void *from, size_t n);
extern bool forest_equal(const void *a, const void *b, size_t n);
extern void forest_clear(void *memory, size_t n);

/* Steps of a loop between two pauses; a power of two. */
#define FOREST_PAUSE_STEPS	UINT64_C(32768)

/*
 * Pauses in step i of a loop if it is time to.  The loop has every i, one
 * after the other.  A loop that is itself done again and again, in which i
 * starts anew each time, may never come so far: there whoever repeats it
 * calls forest_pause.
 */
static inline void
forest_pause_at(uint64_t i)
{
	if (i % FOREST_PAUSE_STEPS == FOREST_PAUSE_STEPS - 1)
		forest_pause();
}

/* Asks for memory ahead of its use; any address will do. */
static inline void
forest_prefetch(const void *address)
{
#if defined(__GNUC__)
	__builtin_prefetch(address);
#else
	(void) address;
#endif
}

#endif							/* FOREST_PAUSE_H */
