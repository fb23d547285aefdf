/*-------------------------------------------------------------------------
 *
 * unit.h
 *	  Assertions for the unit tests; the output is TAP.
 *
 * A test is a claim in a sentence: claim(), any number of REQUIREs, proven().
 * main ends with "return unit_done();".
 *
 *-------------------------------------------------------------------------
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>

/*
 * 1 in builds for an emulator, which computes floats one by one, in software:
 * learning takes 1000 times as long.
 */
#ifndef UNIT_EMULATED
#define UNIT_EMULATED 0
#endif

/* How much of something that learns is tried, and how much under emulation. */
#define UNIT_AMOUNT(usual, emulated)	(UNIT_EMULATED ? (emulated) : (usual))

/* Failures of one claim that are worth printing. */
#define UNIT_SHOWN	5

static const char *unit_claim;
static int	unit_claims;
static int	unit_failed_claims;
static int	unit_failures;		/* of the current claim */
static unsigned long long unit_case;	/* printed with a failure */

/* Opens a claim; the sentence says what holds. */
static inline void
claim(const char *sentence)
{
	unit_claim = sentence;
	unit_failures = 0;
	unit_case = 0;
}

/* Notes whether a requirement holds; returns it. */
static inline bool
unit_require(bool holds, const char *file, int line, const char *condition)
{
	if (!holds && unit_failures++ < UNIT_SHOWN)
		printf("# %s:%d: %s (case %llu)\n", file, line, condition, unit_case);
	return holds;
}

/* Is true or reports; the claim goes on either way. */
#define REQUIRE(condition) \
	unit_require((condition), __FILE__, __LINE__, #condition)

/* Closes the claim. */
static inline void
proven(void)
{
	printf("%s %d - %s\n", unit_failures == 0 ? "ok" : "not ok",
		   ++unit_claims, unit_claim);
	unit_failed_claims += unit_failures > 0;
	fflush(stdout);
}

/* Counts a claim that is not tried here; the reason says why. */
static inline void
untried(const char *sentence, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++unit_claims, sentence, reason);
}

/* Prints the plan; returns the exit status of the program. */
static inline int
unit_done(void)
{
	printf("1..%d\n", unit_claims);
	return unit_failed_claims > 0;
}

#endif							/* UNIT_H */
