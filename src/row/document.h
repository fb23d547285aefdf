/*-------------------------------------------------------------------------
 *
 * document.h
 *	  A JSON object as a row by name.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DOCUMENT_H
#define IFOREST_DOCUMENT_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "core/format/forest_model.h"

extern JsonbContainer *document_open(Datum document);
extern double document_number(const char *key, ForestType type,
							  const JsonbValue *value);
extern ForestString document_category(const char *key, ForestType type,
									  const JsonbValue *value);

#endif							/* IFOREST_DOCUMENT_H */
