/*-------------------------------------------------------------------------
 *
 * canary.c
 *	  Faults made on purpose, for test/cmd/sanitize.sh to see each one reported.
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(canary);

/* Reads what lies at an offset, out of the compiler's sight. */
static char
peek(volatile char *bytes, volatile int offset)
{
	return bytes[offset];
}

static char
past_stack(void)
{
	char		bytes[8];

	memset(bytes, 'x', sizeof(bytes));
	return peek(bytes, 8);
}

static char
after_pfree(void)
{
	char	   *bytes = palloc0(8);

	pfree(bytes);
	/* an allocator that reuses freed chunks would give it out again */
	(void) palloc0(8);
	return peek(bytes, 0);
}

static char
after_reset(void)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "canary",
												  ALLOCSET_SMALL_SIZES);
	char	   *bytes = MemoryContextAllocZero(context, 8);

	MemoryContextReset(context);
	return peek(bytes, 0);
}

/*
 * Does what its argument names; comes back with a value only if that went
 * unseen, or is no fault.
 */
Datum
canary(PG_FUNCTION_ARGS)
{
	char	   *fault = text_to_cstring(PG_GETARG_TEXT_PP(0));
	volatile double far = 1e300;
	volatile int far_bits = 40;
	int			seen;

	if (strcmp(fault, "none") == 0)
		seen = peek(palloc0(5), 4);
	else if (strcmp(fault, "past a palloc") == 0)
		seen = peek(palloc0(5), 5);
	else if (strcmp(fault, "before a palloc") == 0)
		seen = peek(palloc0(5), -9);
	else if (strcmp(fault, "past an array on the stack") == 0)
		seen = past_stack();
	else if (strcmp(fault, "after pfree") == 0)
		seen = after_pfree();
	else if (strcmp(fault, "after a reset") == 0)
		seen = after_reset();
	else if (strcmp(fault, "a shift too far") == 0)
		seen = 1 << far_bits;
	else if (strcmp(fault, "a double too large for int") == 0)
		seen = (int) far;
	else
		elog(ERROR, "no fault is called %s", fault);
	PG_RETURN_INT32(seen);
}
