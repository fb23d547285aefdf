/*-------------------------------------------------------------------------
 *
 * aggregate.h
 *	  What a support function of an aggregate asks about its call.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_AGGREGATE_H
#define IFOREST_AGGREGATE_H

#include "iforest.h"

extern MemoryContext aggregate_context(FunctionCallInfo fcinfo);

#endif							/* IFOREST_AGGREGATE_H */
