/*-------------------------------------------------------------------------
 *
 * split_text.h
 *	  A split of a tree as a condition that people can read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SPLIT_TEXT_H
#define IFOREST_SPLIT_TEXT_H

#include "iforest.h"

#include "core/format/forest_view.h"
#include "model/tree_reader.h"

extern char *quoted_name(const char *name);
extern char *split_column_name(const ForestView *view, uint32 column);
extern char *split_text(const TreeReader *reader, const TreeNode *node,
						const char *name);

#endif							/* IFOREST_SPLIT_TEXT_H */
