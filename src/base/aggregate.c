/*-------------------------------------------------------------------------
 *
 * aggregate.c
 *	  What a support function of an aggregate asks about its call.
 *
 * The state of an aggregate is a pointer of type internal: the executor hands
 * it from one call of the transition function to the next and never looks into
 * it.  Each call runs in a context that is reset before the next row, so
 * whatever the state points to has to be allocated in the aggregate's own
 * context, which this file finds.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/aggregate.h"

/*
 * The context that a state lives in: it goes with the group, and hash
 * aggregation counts what is in it.  Support functions take states of type
 * internal, which SQL cannot call by itself; another extension could.
 */
MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "support function of an iforest aggregate called outside of an aggregate");
	return context;
}
