/*-------------------------------------------------------------------------
 *
 * options_state.h
 *	  Options in the state of an aggregate: a copy of them, and their bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_OPTIONS_STATE_H
#define IFOREST_OPTIONS_STATE_H

#include "iforest.h"

#include "lib/stringinfo.h"

#include "base/options.h"

extern void options_copy(const OptionTable *table, const void *options,
						 MemoryContext context, void *copy);
extern void options_send(const OptionTable *table, const void *options,
						 struct StringInfoData *buf);
extern void options_receive(const OptionTable *table,
							struct StringInfoData *buf, void *options);

#endif							/* IFOREST_OPTIONS_STATE_H */
