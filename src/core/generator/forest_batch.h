/*-------------------------------------------------------------------------
 *
 * forest_batch.h
 *	  Some rows of a table on their way into a network, and how likely what
 *	  comes out makes them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_BATCH_H
#define FOREST_BATCH_H

#include "core/forest.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net_kernel.h"

/* Normal scores of all shares of rows: floats. */
#define FOREST_SCORES	(FOREST_TABLE_SHARES + 1)

/* Some rows of a coded table, column by column. */
typedef struct ForestBatch
{
	const ForestColumns *columns;
	const float *scores;		/* from forest_batch_scores */
	uint32_t	n;				/* rows: a multiple of FOREST_NET_LANES */
	ForestCode *codes;			/* n_columns x n */
	float	   *low;			/* scratch of n each */
	float	   *high;
	float	   *mass;
	uint32_t   *target;
} ForestBatch;

extern void forest_batch_scores(float *scores);
extern size_t forest_batch_size(const ForestColumns *columns, uint32_t n);
extern uint8_t *forest_batch_init(ForestBatch *batch,
								  const ForestColumns *columns,
								  const float *scores, uint32_t n,
								  void *memory);
extern void forest_batch_take(ForestBatch *batch, const ForestCode *codes,
							  const uint32_t *rows);
extern void forest_batch_input(const ForestBatch *batch, float *units,
							   size_t row);
extern void forest_batch_loss(const ForestNetKernel *kernel,
							  ForestBatch *batch, float *units, size_t row,
							  float scale, double *losses);

/* The normal score of a share of rows; of 0 and 1, one far away. */
static inline float
forest_batch_score(const ForestBatch *batch, uint32_t share)
{
	return batch->scores[share];
}

/* The score that stands for a number whose interval a code is. */
static inline float
forest_batch_middle(const ForestBatch *batch, ForestCode code)
{
	uint32_t	middle = ((uint32_t) code.low + code.high) / 2;

	if (middle == 0)
		middle = 1;
	return batch->scores[middle < FOREST_TABLE_SHARES ? middle :
						 FOREST_TABLE_SHARES - 1];
}

#endif							/* FOREST_BATCH_H */
