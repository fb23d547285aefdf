/*-------------------------------------------------------------------------
 *
 * expected.h
 *	  What a model expects of a column, given the others of a row.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_EXPECTED_H
#define IFOREST_EXPECTED_H

#include "iforest.h"

#include "model/category_texts.h"
#include "model/model_density.h"
#include "score/score_call.h"

/* What telling it takes for a row; valid until the row's next call. */
typedef struct Expected
{
	const ScoredRow *row;
	ModelDensity *density;		/* NULL: the model can't say */
	const CategoryTexts *categories;	/* NULL: it has none */
} Expected;

extern void expected_begin(Expected *expected, const ScoredRow *row,
						   Datum datum, bool has_profile);
extern text *expected_text(const Expected *expected, uint32 feature,
						   text *buffer);

#endif							/* IFOREST_EXPECTED_H */
