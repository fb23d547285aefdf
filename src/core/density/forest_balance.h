/*-------------------------------------------------------------------------
 *
 * forest_balance.h
 *	  Keeps each feature's distribution what it was in the training rows.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BALANCE_H
#define FOREST_BALANCE_H

#include "core/density/forest_density.h"
#include "core/forest.h"

/* Times that factors are corrected, and rows drawn for it each time. */
#define FOREST_BALANCE_ROUNDS	6
#define FOREST_BALANCE_ROWS		64

extern void forest_balance_add(const ForestBox *box, uint32_t feature,
							   double total, double *seen);
extern void forest_balance(ForestDensity *density, const double *seen,
						   uint32_t n_rows, uint32_t round);

#endif							/* FOREST_BALANCE_H */
