/*-------------------------------------------------------------------------
 *
 * errors.h
 *	  From the core's statuses to errors for the reader of psql.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ERRORS_H
#define IFOREST_ERRORS_H

#include "iforest.h"

pg_noreturn extern void report_model_fault(ForestStatus status,
										   const ForestFault *fault);
pg_noreturn extern void report_sketch_fault(ForestStatus status,
											const ForestFault *fault);
pg_noreturn extern void report_changed_model(void);

#endif							/* IFOREST_ERRORS_H */
