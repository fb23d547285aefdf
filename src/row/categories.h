/*-------------------------------------------------------------------------
 *
 * categories.h
 *	  A table from (feature, category's bytes) to the category's code.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_CATEGORIES_H
#define IFOREST_CATEGORIES_H

#include "iforest.h"

#include "core/format/forest_model.h"

typedef struct CategoryTable CategoryTable;

extern CategoryTable *categories_create(MemoryContext context,
										uint32 n_features);
extern void categories_extend(CategoryTable *table, uint32 n_before,
							  uint32 n_features);
extern void categories_reserve(CategoryTable *table, uint32 feature,
							   uint32 n);
extern int32 categories_find(const CategoryTable *table, uint32 feature,
							 ForestString bytes);
extern void categories_add(CategoryTable *table, uint32 feature,
						   ForestString bytes, uint32 code);
extern void categories_remove(CategoryTable *table, uint32 feature,
							  ForestString bytes);

#endif							/* IFOREST_CATEGORIES_H */
