/*-------------------------------------------------------------------------
 *
 * feature_text.h
 *	  The value of a numeric feature as its SQL type writes it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_FEATURE_TEXT_H
#define IFOREST_FEATURE_TEXT_H

#include "iforest.h"

#include "utils/datetime.h"


#define FEATURE_TEXT_SIZE	(MAXDATELEN + 1)

extern char *feature_literal(ForestType type, double value);
extern char *feature_json_text(ForestType type, double value);
extern void feature_write_value(ForestType type, double value, char *text);
extern char *feature_value_text(ForestType type, double value);
extern char *feature_short_text(ForestType type, double value, int digits);

#endif							/* IFOREST_FEATURE_TEXT_H */
