/*-------------------------------------------------------------------------
 *
 * registry_names.h
 *	  Functions of a model, called with its name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_NAMES_H
#define IFOREST_REGISTRY_NAMES_H

#include "iforest.h"

extern Datum call_by_name(FunctionCallInfo fcinfo, int argument,
						  PGFunction function);

#endif							/* IFOREST_REGISTRY_NAMES_H */
