/*-------------------------------------------------------------------------
 *
 * argument_names.h
 *	  The names that a call's columns have in the query.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ARGUMENT_NAMES_H
#define IFOREST_ARGUMENT_NAMES_H

#include "iforest.h"

#include "row/arguments.h"

extern const char **arguments_column_names(const Arguments *arguments,
										   FunctionCallInfo fcinfo);
extern void arguments_name_columns(Arguments *arguments,
								   FunctionCallInfo fcinfo);

#endif							/* IFOREST_ARGUMENT_NAMES_H */
