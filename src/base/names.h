/*-------------------------------------------------------------------------
 *
 * names.h
 *	  Names in lists that people write.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_NAMES_H
#define IFOREST_NAMES_H

#include "iforest.h"

extern const char *repeated_name(char *const *names, uint32 n);

#endif							/* IFOREST_NAMES_H */
