/*-------------------------------------------------------------------------
 *
 * categories.c
 *	  A table from (feature, category's bytes) to the category's code.
 *
 * Training fills one as it meets categories; a loaded model has one to look
 * values up.  The bytes stay the caller's.
 *
 * Every feature has a hash table of its own (the server's simplehash: open
 * addressing, robin hood), of FOREST_MAX_CATEGORIES entries at most, so that
 * clearing one, or dealing its entries anew when it grows, is short work
 * however many there are in all.  The hash is no secret: whoever chooses
 * categories that share one makes each look-up as long as there are
 * categories, so each looks for interrupts.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "core/format/forest_model.h"
#include "row/categories.h"

/* A category of one feature.  "hash" is kept so that growing computes none. */
typedef struct CategoryEntry
{
	ForestString bytes;
	uint32		hash;
	uint16		code;
	char		status;
} CategoryEntry;

/* Hashes a category; never stored, so the server's hash serves. */
static inline uint32
category_hash_of(ForestString bytes)
{
	return hash_bytes((const unsigned char *) bytes.bytes, (int) bytes.len);
}

/*
 * Whether two categories are the same: byte for byte, whatever the collation.
 */
static inline bool
category_equal(ForestString a, ForestString b)
{
	return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

#define SH_PREFIX		category
#define SH_ELEMENT_TYPE CategoryEntry
#define SH_KEY_TYPE		ForestString
#define SH_KEY			bytes
#define SH_HASH_KEY(tb, key) category_hash_of(key)
#define SH_EQUAL(tb, a, b) category_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, entry) (entry)->hash
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Categories that a feature has room for at first. */
#define FIRST_CATEGORIES	8

struct CategoryTable
{
	MemoryContext context;
	category_hash **maps;		/* per feature; NULL as long as it has none */
};

/* Creates an empty table of so many features in "context". */
CategoryTable *
categories_create(MemoryContext context, uint32 n_features)
{
	CategoryTable *table = MemoryContextAlloc(context, sizeof(*table));

	table->context = context;
	table->maps = MemoryContextAllocZero(context,
										 n_features * sizeof(category_hash *));
	return table;
}

/* Makes room for more features in a table of n_before. */
void
categories_extend(CategoryTable *table, uint32 n_before, uint32 n_features)
{
	table->maps = repalloc(table->maps, n_features * sizeof(category_hash *));
	memset(table->maps + n_before, 0,
		   (n_features - n_before) * sizeof(category_hash *));
}

/* Makes room for the n categories of a feature that has none yet. */
void
categories_reserve(CategoryTable *table, uint32 feature, uint32 n)
{
	Assert(table->maps[feature] == NULL);
	CHECK_FOR_INTERRUPTS();
	table->maps[feature] = category_create(table->context, n, NULL);
}

/* Returns the code of a feature's category, or -1 if it has none. */
int32
categories_find(const CategoryTable *table, uint32 feature, ForestString bytes)
{
	CategoryEntry *entry;

	CHECK_FOR_INTERRUPTS();
	/* a value longer than any category need not be hashed */
	if (table->maps[feature] == NULL || bytes.len > FOREST_MAX_STRING)
		return -1;
	entry = category_lookup(table->maps[feature], bytes);
	return entry != NULL ? (int32) entry->code : -1;
}

/*
 * Adds a category that the table does not hold, with its code; its bytes must
 * outlive the table, which does not copy them.
 */
void
categories_add(CategoryTable *table, uint32 feature, ForestString bytes,
			   uint32 code)
{
	CategoryEntry *entry;
	bool		found;

	CHECK_FOR_INTERRUPTS();
	if (table->maps[feature] == NULL)
		categories_reserve(table, feature, FIRST_CATEGORIES);
	entry = category_insert(table->maps[feature], bytes, &found);
	Assert(!found);
	entry->code = (uint16) code;
}

/*
 * Removes a category that the table holds, whose bytes may be freed
 * afterwards.
 */
void
categories_remove(CategoryTable *table, uint32 feature, ForestString bytes)
{
	bool		removed PG_USED_FOR_ASSERTS_ONLY;

	removed = category_delete(table->maps[feature], bytes);
	Assert(removed);
}
