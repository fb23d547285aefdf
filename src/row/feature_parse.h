/*-------------------------------------------------------------------------
 *
 * feature_parse.h
 *	  Text as the value of a numeric feature.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_FEATURE_PARSE_H
#define IFOREST_FEATURE_PARSE_H

#include "iforest.h"

#include "core/forest_type.h"

extern bool feature_parse(ForestType type, const char *text, size_t len,
						  double *value);

#endif							/* IFOREST_FEATURE_PARSE_H */
