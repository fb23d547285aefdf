/*-------------------------------------------------------------------------
 *
 * inspect.h
 *	  What the functions that show and exchange models share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef INSPECT_H
#define INSPECT_H

#include "iforest.h"

#include "lib/stringinfo.h"
#include "utils/datetime.h"
#include "utils/jsonb.h"

/* ---- feature_text.c ---- */

#define FEATURE_TEXT_SIZE	(MAXDATELEN + 1)

extern char *feature_literal(ForestType type, double value);
extern void feature_write_value(ForestType type, double value, char *text);
extern char *feature_value_text(ForestType type, double value);

/* ---- rows of set-returning functions ---- */

#define INSPECT_MAX_COLUMNS	16

typedef struct InspectRow
{
	Datum		values[INSPECT_MAX_COLUMNS];
	bool		nulls[INSPECT_MAX_COLUMNS];
} InspectRow;

/* Makes all columns of a row NULL. */
static inline void
inspect_clear(InspectRow *row)
{
	memset(row->nulls, true, sizeof(row->nulls));
}

/* Sets one column of a row. */
static inline void
inspect_set(InspectRow *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

/* ---- tree_reader.c ---- */

#define TREE_NO_NODE	PG_UINT32_MAX

/* A node of a tree whose nodes are numbered from 0 in preorder. */
typedef struct TreeNode
{
	uint32		parent;			/* TREE_NO_NODE for the root */
	uint32		right;			/* right child of a split; the left one is the
								 * next node */
	uint32		depth;
	uint32		rows;			/* training rows below the node */
	uint16		word;			/* as stored, see forest.h */
	union
	{
		double		cut;		/* of a numeric split */
		uint64		set;		/* of a categorical split: offset in sets */
		double		length;		/* of a leaf: normalised path length */
	}			u;
} TreeNode;

/* Reads the trees of an opened model, one after the other. */
typedef struct TreeReader
{
	const ForestView *view;
	uint8	   *types;			/* ForestType of each feature */
	uint32	   *first_category; /* string number of each feature's first */
	/* the current tree */
	uint32		tree;
	uint32		n_nodes;
	TreeNode   *nodes;
	ForestGroup group;
	/* positions behind it */
	uint64		max_nodes;
	uint32		next_tree;
	uint32		next_group;
	uint32		group_end;		/* first tree of the next group */
	uint32		node;
	uint32		cut;
	uint32		leaf;
	uint64		set;
} TreeReader;

extern void tree_reader_open(TreeReader *reader, const ForestView *view);
extern bool tree_reader_next(TreeReader *reader);
extern bool tree_node_is_category(const TreeReader *reader,
								  const TreeNode *node);
extern uint32 tree_set_size(const TreeReader *reader, const TreeNode *node);
extern uint32 tree_set_code(const TreeReader *reader, const TreeNode *node,
							uint32 i);
extern bool tree_set_is_left(const TreeReader *reader, const TreeNode *node);
extern ForestString tree_category(const TreeReader *reader, uint32 feature,
								  uint32 code);

static inline bool
tree_node_is_leaf(const TreeNode *node)
{
	return (node->word & FOREST_NODE_LEAF) != 0;
}

static inline uint32
tree_node_feature(const TreeNode *node)
{
	return node->word & FOREST_NODE_FEATURE;
}

static inline bool
tree_missing_right(const TreeNode *node)
{
	return (node->word & FOREST_NODE_MISSING_RIGHT) != 0;
}

/* ---- split_text.c ---- */

extern char *quoted_name(const char *name);
extern char *split_feature_name(const ForestView *view, uint32 feature);
extern char *split_text(const TreeReader *reader, const TreeNode *node,
						const char *name);

/* ---- json_value.c ---- */

/* Where in a document a value is; the outermost has no parent. */
typedef struct JsonPlace
{
	const struct JsonPlace *parent;
	const char *key;			/* NULL for an element of an array */
	uint32		index;
} JsonPlace;

/* The elements of an array, one after the other. */
typedef struct JsonElements
{
	uint32		n;				/* in all */
	JsonbValue	value;			/* the current one */
	JsonPlace	place;			/* .index counts from 0 */
	uint32		next;
	JsonbIterator *it;
} JsonElements;

pg_noreturn extern void json_report(const JsonPlace *place,
									const char *complaint);
pg_noreturn extern void json_report_value(const JsonPlace *place,
										  const JsonbValue *value,
										  const char *wanted);
extern JsonPlace json_key(const JsonPlace *parent, const char *key);
extern JsonPlace json_element(const JsonPlace *parent, uint32 index);
extern JsonbContainer *json_as_object(const JsonbValue *value,
								   const JsonPlace *place,
								   const char *const *keys);
extern bool json_member(JsonbContainer *object, const char *key,
						JsonbValue *value);
extern void json_open_array(JsonElements *elements, const JsonbValue *value,
							const JsonPlace *place);
extern bool json_next(JsonElements *elements);
extern int64 json_as_integer(const JsonbValue *value, const JsonPlace *place,
						  int64 min, int64 max);
extern double json_as_real(const JsonbValue *value, const JsonPlace *place);
extern bool json_as_bool(const JsonbValue *value, const JsonPlace *place);
extern ForestString json_as_string(const JsonbValue *value,
								const JsonPlace *place);
extern int64 *json_as_integers(const JsonbValue *value, const JsonPlace *place,
							int64 min, int64 max, uint32 *n);
extern double *json_as_reals(const JsonbValue *value, const JsonPlace *place,
						  uint32 *n);

/* ---- json_put.c ---- */

/* A document that is put together; all zero at first. */
typedef struct JsonWriter
{
	JsonbParseState *open;		/* the innermost value that has begun */
	JsonbValue *value;			/* what ended last */
} JsonWriter;

extern void json_begin_object(JsonWriter *json);
extern void json_end_object(JsonWriter *json);
extern void json_begin_array(JsonWriter *json);
extern void json_end_array(JsonWriter *json);
extern void json_put_key(JsonWriter *json, const char *key);
extern void json_put_null(JsonWriter *json);
extern void json_put_bool(JsonWriter *json, bool b);
extern void json_put_integer(JsonWriter *json, int64 i);
extern void json_put_real(JsonWriter *json, double x);
extern void json_put_string(JsonWriter *json, const char *s);
extern void json_put_jsonb(JsonWriter *json, Jsonb *document);
extern void json_add_integer(JsonWriter *json, const char *key, int64 value);
extern void json_add_real(JsonWriter *json, const char *key, double value);
extern void json_add_bool(JsonWriter *json, const char *key, bool value);
extern void json_add_string(JsonWriter *json, const char *key,
							const char *value);
extern void json_add_array(JsonWriter *json, const char *key);
extern void json_add_object(JsonWriter *json, const char *key);
extern Jsonb *json_written(JsonWriter *json);

/* ---- json_tree.c ---- */

extern void json_read_tree(const JsonbValue *value, const JsonPlace *place,
						   const ForestFeature *features, ModelParts *model);

/* ---- options.c ---- */

extern char *json_value_text(const JsonbValue *value);

#endif							/* INSPECT_H */
