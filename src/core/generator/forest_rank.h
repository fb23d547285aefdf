/*-------------------------------------------------------------------------
 *
 * forest_rank.h
 *	  A column's values by their ranks: normal scores and back.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_RANK_H
#define FOREST_RANK_H

#include "core/base/forest_sort.h"
#include "core/forest.h"

/* Most points of the curve from scores to values. */
#define FOREST_RANK_KNOTS	1024

/* Most values of a column that are kept as they are. */
#define FOREST_RANK_EXACT	128

/* Scores end here: one of 2 * 10^12 normal numbers is beyond. */
#define FOREST_RANK_MOST	7.0

/* A point of the curve; both numbers ascend from knot to knot. */
typedef struct ForestRankKnot
{
	double		score;
	double		value;
} ForestRankKnot;

/* The grid that values lie on: origin + multiples of step / per_unit. */
typedef struct ForestGrid
{
	double		origin;
	double		step;			/* 0: any value */
	double		per_unit;
} ForestGrid;

/* A numeric column as the curve tells it. */
typedef struct ForestRank
{
	const ForestRankKnot *knots;
	uint32_t	n_knots;		/* 0: the column has no values */
	ForestGrid	grid;
} ForestRank;

extern uint32_t forest_rank_knots(const ForestPair *atoms, uint32_t n_atoms,
								  ForestRankKnot *knots);
extern void forest_rank_grid(const ForestPair *atoms, uint32_t n_atoms,
							 uint32_t type, ForestGrid *grid);
extern double forest_rank_round(const ForestRank *rank, double value);
extern double forest_rank_value(const ForestRank *rank, double score);
extern void forest_rank_interval(const ForestRank *rank, uint32_t n_rows,
								 double value, double *low, double *high);

#endif							/* FOREST_RANK_H */
