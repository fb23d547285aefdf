/*-------------------------------------------------------------------------
 *
 * drift_report.h
 *	  What iforest_drift has to say, as JSON.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_DRIFT_REPORT_H
#define IFOREST_DRIFT_REPORT_H

#include "iforest.h"

#include "utils/jsonb.h"

#include "drift/drift_state.h"

extern Datum drift_report(const DriftState *state);
extern double drift_report_psi(Jsonb *report);

#endif							/* IFOREST_DRIFT_REPORT_H */
