/*-------------------------------------------------------------------------
 *
 * categories.c
 *	  A table from (feature, category's bytes) to the category's code.
 *
 * Training fills one as it meets categories; a loaded model has one to look
 * values up.  The bytes stay the caller's.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"

typedef struct CategoryKey
{
	uint32		feature;
	ForestString bytes;
} CategoryKey;

typedef struct CategoryEntry
{
	CategoryKey key;
	uint32		hash;
	uint32		code;
	char		status;
} CategoryEntry;

/* Hashes a key; never stored, so the server's hash serves. */
static inline uint32
key_hash(CategoryKey key)
{
	return hash_combine(murmurhash32(key.feature),
						hash_bytes((const unsigned char *) key.bytes.bytes,
								   (int) key.bytes.len));
}

static inline bool
key_equal(CategoryKey a, CategoryKey b)
{
	return a.feature == b.feature && a.bytes.len == b.bytes.len &&
		memcmp(a.bytes.bytes, b.bytes.bytes, a.bytes.len) == 0;
}

#define SH_PREFIX		category
#define SH_ELEMENT_TYPE CategoryEntry
#define SH_KEY_TYPE		CategoryKey
#define SH_KEY			key
#define SH_HASH_KEY(tb, key) key_hash(key)
#define SH_EQUAL(tb, a, b) key_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, entry) (entry)->hash
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct CategoryTable
{
	category_hash *map;
};

/* Creates a table in "context", with room for n categories to start with. */
CategoryTable *
categories_create(MemoryContext context, uint32 n)
{
	CategoryTable *table = MemoryContextAlloc(context, sizeof(*table));

	table->map = category_create(context, n, NULL);
	return table;
}

/* Returns the code of a feature's category, or -1 if it has none. */
int32
categories_find(const CategoryTable *table, uint32 feature, ForestString bytes)
{
	CategoryKey key = {feature, bytes};
	CategoryEntry *entry = category_lookup(table->map, key);

	return entry != NULL ? (int32) entry->code : -1;
}

/* Adds a category that the table does not hold; bytes must outlive it. */
void
categories_add(CategoryTable *table, uint32 feature, ForestString bytes,
			   uint32 code)
{
	CategoryKey key = {feature, bytes};
	CategoryEntry *entry;
	bool		found;

	entry = category_insert(table->map, key, &found);
	Assert(!found);
	entry->code = code;
}

/* Removes a category, whose bytes may be freed afterwards. */
void
categories_remove(CategoryTable *table, uint32 feature, ForestString bytes)
{
	CategoryKey key = {feature, bytes};
	bool		removed PG_USED_FOR_ASSERTS_ONLY;

	removed = category_delete(table->map, key);
	Assert(removed);
}
