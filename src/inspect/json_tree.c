/*-------------------------------------------------------------------------
 *
 * json_tree.c
 *	  One tree of a JSON document, a table of its nodes, into a model.
 *
 * Nodes may come in any order but the root, which is first.  The steps:
 *
 * 1. Read the columns; all are as long as the first.
 * 2. Walk from the root in preorder.  Every node must be met exactly once:
 *	  one met twice means a cycle or a shared subtree, one never met is lost.
 * 3. Add up the rows of the leaves, from the bottom to the top, for the side
 *	  of missing values where the document does not tell it.
 * 4. Append the nodes in preorder, as the format wants them.
 *
 * Time and memory are linear in the size of the document.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/json_value.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_set.h"
#include "core/format/forest_tree.h"
#include "inspect/json_tree.h"
#include "model/model_parts.h"

#define NO_SET	PG_UINT64_MAX

/* The columns of a tree, as read. */
typedef struct TreeTable
{
	const JsonPlace *place;
	const ForestFeature *features;
	uint32		n_features;
	uint32		n_columns;		/* features, then projections */
	uint32		n;				/* nodes */
	int64	   *feature;
	double	   *cut;
	int64	   *left;			/* -1 in leaves */
	int64	   *right;
	int64	   *rows;
	int8	   *missing_left;	/* -1 where unknown; NULL: nowhere known */
	double	   *outliers;		/* labels; NULL: there is no such column */
	double	   *normal;
	uint64	   *set;			/* offset in codes, or NO_SET; NULL: no sets */
	uint16	   *codes;			/* sets as in the format */
	uint64		n_codes;
	uint64		max_codes;
	uint32	   *order;			/* nodes in preorder */
} TreeTable;

/* Reports what is wrong with a node's cell. */
pg_noreturn static void
report_cell(const TreeTable *table, const char *column, uint32 node,
			const char *complaint)
{
	JsonPlace	at = json_key(table->place, column);
	JsonPlace	cell = json_element(&at, node);

	json_report(&cell, complaint);
}

/* Gets a column that must be there. */
static void
get_column(const TreeTable *table, JsonbContainer *object, const char *key,
		   JsonbValue *value)
{
	if (!json_member(object, key, value))
		json_report(table->place, psprintf("has no \"%s\"", key));
}

/* Checks that a column has an element a node, as many as "left" has. */
static void
check_length(const TreeTable *table, const char *key, uint32 n)
{
	JsonPlace	at = json_key(table->place, key);

	if (n != table->n)
		json_report(&at, psprintf("has length %u, but \"left\" has length %u",
								  n, table->n));
}

/* Reads a column of integers. */
static int64 *
read_integers(const TreeTable *table, JsonbContainer *object, const char *key,
			  int64 min, int64 max)
{
	JsonPlace	at = json_key(table->place, key);
	JsonbValue	value;
	uint32		n;
	int64	   *column;

	get_column(table, object, key, &value);
	column = json_as_integers(&value, &at, min, max, &n);
	check_length(table, key, n);
	return column;
}

/* Opens a column that may be absent; false if it is. */
static bool
open_optional(const TreeTable *table, JsonbContainer *object,
			  const JsonPlace *place, JsonElements *elements)
{
	JsonbValue	value;

	if (!json_member(object, place->key, &value))
		return false;
	json_open_array(elements, &value, place);
	check_length(table, place->key, elements->n);
	return true;
}

/* Reads where missing values go: true, false, or null for unknown. */
static void
read_missing(TreeTable *table, JsonbContainer *object)
{
	JsonPlace	at = json_key(table->place, "missing_left");
	JsonElements elements;

	if (!open_optional(table, object, &at, &elements))
		return;
	table->missing_left = palloc(table->n);
	while (json_next(&elements))
		table->missing_left[elements.place.index] =
			elements.value.type == jbvNull ? -1 :
			json_as_bool(&elements.value, &elements.place);
}

/*
 * Reads a column of labels: counts, or null for none, as everywhere that is no
 * leaf.
 */
static double *
read_labels(const TreeTable *table, JsonbContainer *object, const char *key)
{
	JsonPlace	at = json_key(table->place, key);
	JsonbValue	value;
	double	   *counts;
	uint32		n;

	if (!json_member(object, key, &value))
		return NULL;
	counts = json_as_reals(&value, &at, &n);
	check_length(table, key, n);
	for (uint32 i = 0; i < n; i++)
	{
		forest_pause_at(i);
		if (isnan(counts[i]))
			counts[i] = 0;
		else if (!(counts[i] >= 0 && counts[i] <= PG_UINT32_MAX) ||
				 counts[i] != rint(counts[i]))
			report_cell(table, key, i,
						psprintf("is %.10g, but must be an integer from 0 to %u",
								 counts[i], PG_UINT32_MAX));
		else if (counts[i] > 0 && table->left[i] >= 0)
			report_cell(table, key, i, "must be null or 0: the node is a split");
	}
	return counts;
}

/* Appends a set, {"left": [codes]} or {"right": [codes]}. */
static void
read_set(TreeTable *table, const JsonbValue *value, const JsonPlace *place)
{
	static const char *const keys[] = {"left", "right", NULL};
	JsonbContainer *object = json_as_object(value, place, keys, NULL);
	JsonbValue	left;
	JsonbValue	right;
	bool		is_left = json_member(object, "left", &left);
	JsonPlace	at = json_key(place, is_left ? "left" : "right");
	int64	   *codes;
	uint32		n;

	if (json_member(object, "right", &right) == is_left)
		json_report(place, "must have either \"left\" or \"right\"");
	codes = json_as_integers(is_left ? &left : &right, &at, 0,
						  FOREST_MAX_CATEGORIES - 1, &n);
	for (uint32 i = 1; i < n; i++)
	{
		JsonPlace	element = json_element(&at, i);

		if (codes[i] <= codes[i - 1])
			json_report(&element, "is not above the element before it");
	}
	while (table->n_codes + n + 1 > table->max_codes)
	{
		table->max_codes = 2 * table->max_codes + 1024;
		table->codes = table->codes == NULL ?
			palloc(table->max_codes * sizeof(uint16)) :
			repalloc_huge(table->codes, table->max_codes * sizeof(uint16));
	}
	table->codes[table->n_codes++] = forest_set_head(n, is_left);
	for (uint32 i = 0; i < n; i++)
		table->codes[table->n_codes++] = (uint16) codes[i];
	pfree(codes);
}

/* Reads the sets: an object where a category is split, null elsewhere. */
static void
read_sets(TreeTable *table, JsonbContainer *object)
{
	JsonPlace	at = json_key(table->place, "sets");
	JsonElements elements;

	if (!open_optional(table, object, &at, &elements))
		return;
	table->set = palloc(table->n * sizeof(uint64));
	while (json_next(&elements))
	{
		bool		none = elements.value.type == jbvNull;

		table->set[elements.place.index] = none ? NO_SET : table->n_codes;
		if (!none)
			read_set(table, &elements.value, &elements.place);
	}
}

/*
 * Reads all columns of a tree, each palloc'd and of table->n elements; those
 * that may be absent are NULL then.
 */
static void
read_table(TreeTable *table, const JsonbValue *value)
{
	static const char *const keys[] = {
		"feature", "cut", "left", "right", "rows", "missing_left",
		"sets", "outliers", "normal", NULL
	};
	JsonbContainer *object = json_as_object(value, table->place, keys, NULL);
	JsonPlace	at = json_key(table->place, "left");
	JsonElements elements;
	JsonbValue	column;
	uint32		n;

	get_column(table, object, at.key, &column);
	json_open_array(&elements, &column, &at);
	table->n = elements.n;
	if (table->n == 0)
		json_report(table->place, "has no nodes");
	table->left = read_integers(table, object, "left", -1, table->n - 1);
	table->right = read_integers(table, object, "right", -1, table->n - 1);
	table->feature = read_integers(table, object, "feature", -2,
								   table->n_columns - 1);
	table->rows = read_integers(table, object, "rows", 0, FOREST_MAX_SAMPLE);
	at = json_key(table->place, "cut");
	get_column(table, object, at.key, &column);
	table->cut = json_as_reals(&column, &at, &n);
	check_length(table, at.key, n);
	read_missing(table, object);
	read_sets(table, object);
	table->outliers = read_labels(table, object, "outliers");
	table->normal = read_labels(table, object, "normal");
}

/* Whether a node is a leaf: it has no left child. */
static bool
is_leaf(const TreeTable *table, uint32 node)
{
	return table->left[node] < 0;
}

/* Whether a split is of a categorical feature, and so has a set. */
static bool
is_category(const TreeTable *table, uint32 node)
{
	return table->feature[node] < table->n_features &&
		forest_type_is_category(table->features[table->feature[node]].type);
}

/* Checks a leaf. */
static void
check_leaf(const TreeTable *table, uint32 i)
{
	if (table->right[i] >= 0)
		report_cell(table, "right", i,
					"must be -1: \"left\" is, which makes the node a leaf");
	if (table->rows[i] < 1)
		report_cell(table, "rows", i, "is 0, but a leaf has rows");
}

/* Checks the set of a categorical split. */
static void
check_set(const TreeTable *table, uint32 i)
{
	uint32		n_categories = table->features[table->feature[i]].n_categories;
	const uint16 *set;
	uint32		n;

	if (table->set == NULL || table->set[i] == NO_SET)
		report_cell(table, "sets", i,
					psprintf("is missing: feature " INT64_FORMAT " is a category",
							 table->feature[i]));
	Assert(table->codes != NULL);
	set = table->codes + table->set[i];
	n = forest_set_size(set[0]);
	if (n > 0 && set[n] >= n_categories)
		report_cell(table, "sets", i,
					psprintf("lists category %u, but feature " INT64_FORMAT " has %u",
							 set[n], table->feature[i], n_categories));
}

/* Checks a split. */
static void
check_split(const TreeTable *table, uint32 i)
{
	if (table->right[i] < 0)
		report_cell(table, "right", i,
					"is -1, but \"left\" is not");
	if (table->feature[i] < 0)
		report_cell(table, "feature", i,
					psprintf("is " INT64_FORMAT ", but features are 0 to %u",
							 table->feature[i], table->n_columns - 1));
	if (is_category(table, i))
		check_set(table, i);
	else if (table->set != NULL && table->set[i] != NO_SET)
		report_cell(table, "sets", i,
					psprintf("must be null: feature " INT64_FORMAT " is a number",
							 table->feature[i]));
	else if (isnan(table->cut[i]) || table->cut[i] == INFINITY)
		report_cell(table, "cut", i,
					"must be a number below Infinity");
}

/* Notes that a split has a child, which no other may have. */
static void
claim_child(const TreeTable *table, bool *claimed, uint32 parent, bool right)
{
	uint32		child = (uint32) (right ? table->right : table->left)[parent];

	if (claimed[child])
		report_cell(table, right ? "right" : "left", parent,
					psprintf("is %u, which is %s", child, child == 0 ? "the root" :
							 "the child of another node, too"));
	claimed[child] = true;
}

/* Puts the nodes into preorder, checking each. */
static void
order_nodes(TreeTable *table)
{
	bool	   *claimed = palloc0(table->n);
	uint32	   *stack = palloc((Size) table->n * sizeof(uint32));
	uint32		n_stack = 0;
	uint32		n = 0;

	table->order = palloc((Size) table->n * sizeof(uint32));
	stack[n_stack++] = 0;
	claimed[0] = true;
	while (n_stack > 0)
	{
		uint32		i = stack[--n_stack];

		forest_pause_at(n);
		table->order[n++] = i;
		if (is_leaf(table, i))
		{
			check_leaf(table, i);
			continue;
		}
		check_split(table, i);
		claim_child(table, claimed, i, false);
		claim_child(table, claimed, i, true);
		stack[n_stack++] = (uint32) table->right[i];
		stack[n_stack++] = (uint32) table->left[i];
	}
	for (uint32 i = 0; n < table->n && i < table->n; i++)
	{
		if (!claimed[i])
			json_report(table->place,
						psprintf("has node %u, which no node above it leads to", i));
	}
	pfree(stack);
	pfree(claimed);
}

/* Makes the rows of splits the sums of those of their leaves. */
static void
sum_rows(TreeTable *table)
{
	for (uint32 at = table->n; at-- > 0;)
	{
		uint32		i = table->order[at];

		forest_pause_at(at);
		if (is_leaf(table, i))
			continue;
		table->rows[i] = table->rows[table->left[i]] +
			table->rows[table->right[i]];
		if (table->rows[i] > FOREST_MAX_SAMPLE)
			json_report(table->place,
						psprintf("has leaves with more than %d rows together",
								 FOREST_MAX_SAMPLE));
	}
}

/* Whether missing values go right at a split: else to where fewer rows are. */
static bool
missing_right(const TreeTable *table, uint32 i)
{
	if (table->missing_left != NULL && table->missing_left[i] >= 0)
		return table->missing_left[i] == 0;
	return table->rows[table->right[i]] < table->rows[table->left[i]];
}

/* Appends a node to the model. */
static void
append_node(const TreeTable *table, uint32 i, ModelParts *model)
{
	ForestNode	node = {.kind = FOREST_KIND_LEAF};

	if (is_leaf(table, i))
	{
		node.u.rows = (uint32) table->rows[i];
		if (table->outliers != NULL)
			node.labels.outliers = (uint32) table->outliers[i];
		if (table->normal != NULL)
			node.labels.normal = (uint32) table->normal[i];
	}
	else
	{
		node.feature = (uint32) table->feature[i];
		node.missing_right = missing_right(table, i);
		node.kind = is_category(table, i) ? FOREST_KIND_SET : FOREST_KIND_CUT;
	}
	if (node.kind == FOREST_KIND_CUT)
		node.u.cut = table->cut[i];
	else if (node.kind == FOREST_KIND_SET)
	{
		const uint16 *set;

		Assert(table->set != NULL && table->codes != NULL); /* check_set */
		set = table->codes + table->set[i];
		memcpy(model->sets + model->parts.n_sets, set,
			   (1 + forest_set_size(set[0])) * sizeof(uint16));
	}
	model_parts_append(model, node);
}

/*
 * Reads a tree and appends it to the model, whose features are given and
 * whose parts tell their number and the projections.
 */
void
json_read_tree(const JsonbValue *value, const JsonPlace *place,
			   const ForestFeature *features, ModelParts *model)
{
	ForestParts *parts = &model->parts;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest tree",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	TreeTable	table = {0};

	CHECK_FOR_INTERRUPTS();
	table.place = place;
	table.features = features;
	table.n_features = parts->summary.n_features;
	table.n_columns = table.n_features + parts->projections.n;
	read_table(&table, value);
	order_nodes(&table);
	sum_rows(&table);

	MemoryContextSwitchTo(old);
	model_parts_reserve(model, (ModelRoom)
						{
							.trees = 1,
							.nodes = table.n,
							.cuts = table.n,
							.leaves = table.n,
							.sets = table.n_codes,
							.labels = table.outliers != NULL ||
							table.normal != NULL ? table.n : 0
						});
	model->tree_nodes[parts->summary.n_trees++] = table.n;
	for (uint32 at = 0; at < table.n; at++)
	{
		forest_pause_at(at);
		append_node(&table, table.order[at], model);
	}
	MemoryContextDelete(context);
}
