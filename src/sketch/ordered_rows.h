/*-------------------------------------------------------------------------
 *
 * ordered_rows.h
 *	  The rows of a sample in an order of their own, and its categories in
 *	  theirs: what models and sketches are written from.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_ORDERED_ROWS_H
#define IFOREST_ORDERED_ROWS_H

#include "iforest.h"

#include "core/format/forest_model.h"
#include "sketch/row_sample.h"

typedef struct OrderedRows
{
	double	   *rows;			/* codes are those of the strings */
	uint64	   *keys;			/* of these */
	double	   *weights;		/* of these; NULL if all are 1 */
	ForestString *strings;		/* in UTF-8: names of features, then each
								 * feature's categories, bytewise */
	uint32		n_strings;
	uint32	   *n_categories;	/* of each feature */
	uint32		max_categories; /* the greatest of these */
} OrderedRows;

extern void order_rows(const RowSample *state, RowOrder order,
					   OrderedRows *ordered);

#endif							/* IFOREST_ORDERED_ROWS_H */
