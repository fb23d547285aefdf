/*-------------------------------------------------------------------------
 *
 * options_build.h
 *	  Options by name: a function's arguments as a JSON object.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_OPTIONS_BUILD_H
#define IFOREST_OPTIONS_BUILD_H

#include "iforest.h"

#include "base/options.h"

extern Datum options_build(FunctionCallInfo fcinfo, const OptionTable *table);

#endif							/* IFOREST_OPTIONS_BUILD_H */
