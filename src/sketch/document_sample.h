/*-------------------------------------------------------------------------
 *
 * document_sample.h
 *	  A sample of JSON objects, whose features are the keys of those kept.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DOCUMENT_SAMPLE_H
#define IFOREST_DOCUMENT_SAMPLE_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "sketch/row_sample.h"

extern void document_sample_add(RowSample *state, RowKey key,
								JsonbContainer *document);
pg_noreturn extern void document_sample_report_mixed(void);
extern void document_sample_merge(RowSample *state, const RowSample *other);
extern void document_sample_restore(RowSample *state);
extern const RowSample *document_sample_settle(const RowSample *state,
											   bool for_training);

#endif							/* IFOREST_DOCUMENT_SAMPLE_H */
