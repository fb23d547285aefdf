/*-------------------------------------------------------------------------
 *
 * model_bytes.h
 *	  Opening a model's bytes where a function needs them once.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_BYTES_H
#define IFOREST_MODEL_BYTES_H

#include "iforest.h"

#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "model/model.h"

/* Bytes of a model's name, as the table of names has it. */
#define MODEL_NAME_MAX	255

pg_noreturn extern void report_model_datum(Datum datum, ForestStatus status,
										   const ForestFault *fault);
pg_noreturn extern void report_model_too_large(uint32 n_trees);
extern bytea *model_allocate(uint64 size, uint32 n_trees);
extern bool model_is_valid(Datum datum);
extern bytea *model_open(Datum datum, ForestView *view);
extern bytea *model_open_again(Datum datum, const Model *model,
							   ForestView *view);

#endif							/* IFOREST_MODEL_BYTES_H */
