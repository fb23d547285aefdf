/*-------------------------------------------------------------------------
 *
 * iforest.h
 *	  What every file of the SQL side begins with: the server, the differences
 *	  between its versions, and the core's limits and types.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_H
#define IFOREST_H

#include "postgres.h"

#include <math.h>

#include "fmgr.h"

#include "compat.h"
#include "core/forest.h"

extern void _PG_init(void);

#endif							/* IFOREST_H */
