/*-------------------------------------------------------------------------
 *
 * document_row.h
 *	  A made row as a JSON object.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DOCUMENT_ROW_H
#define IFOREST_DOCUMENT_ROW_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "model/model.h"

extern Jsonb *document_row(Jsonb *base, Model *model, Datum datum,
						   const double *row, const bool *kept);

#endif							/* IFOREST_DOCUMENT_ROW_H */
