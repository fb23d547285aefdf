/*-------------------------------------------------------------------------
 *
 * forest_codes.h
 *	  A feature's categories in an order, each with a weight.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_CODES_H
#define FOREST_CODES_H

#include "core/forest.h"
#include "core/format/forest_set.h"

/* Codes 0 .. n - 1 in some order, where each is, and the weights by place. */
typedef struct ForestCodes
{
	uint32_t   *codes;
	uint32_t   *places;
	double	   *weights;
} ForestCodes;

extern uint64_t forest_codes_size(uint32_t n);
extern void forest_codes_init(uint32_t n, void *memory, ForestCodes *codes);
extern void forest_codes_reset(ForestCodes *codes, uint32_t n);
extern uint32_t forest_codes_part(ForestCodes *codes, ForestSet set,
								  uint32_t lo, uint32_t hi);
extern void forest_codes_weigh(ForestCodes *codes, uint32_t lo, uint32_t hi,
							   double gain);

/* The weight of a code. */
static inline double
forest_codes_weight(const ForestCodes *codes, uint32_t code)
{
	return codes->weights[codes->places[code]];
}

#endif							/* FOREST_CODES_H */
