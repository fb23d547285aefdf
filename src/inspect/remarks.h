/*-------------------------------------------------------------------------
 *
 * remarks.h
 *	  What is odd about a model that was just trained.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REMARKS_H
#define IFOREST_REMARKS_H

#include "iforest.h"

extern void remark_on_model(const char *name, bytea *model);

#endif							/* IFOREST_REMARKS_H */
