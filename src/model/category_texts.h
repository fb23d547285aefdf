/*-------------------------------------------------------------------------
 *
 * category_texts.h
 *	  The categories of a model as texts of the database, for the functions
 *	  that make rows or tell what was expected.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_CATEGORY_TEXTS_H
#define IFOREST_CATEGORY_TEXTS_H

#include "iforest.h"

#include "model/model.h"

/* What a model keeps, made when first asked. */
typedef struct CategoryTexts
{
	char	  **texts;			/* of all features; NULL: no text here */
	uint32	   *first;			/* of each feature */
} CategoryTexts;

extern CategoryTexts *model_category_texts(Model *model, Datum datum);
extern const char *category_text(const CategoryTexts *categories, uint32 f,
								 uint32 code);

#endif							/* IFOREST_CATEGORY_TEXTS_H */
