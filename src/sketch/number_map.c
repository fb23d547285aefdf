/*-------------------------------------------------------------------------
 *
 * number_map.c
 *	  A table from numbers to numbers.
 *
 * The hash is no secret: whoever forges keys that share one makes each
 * look-up as long as there are such keys, so each looks for interrupts.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "sketch/number_map.h"

typedef struct NumberEntry
{
	uint64		key;
	uint64		value;
	char		status;
} NumberEntry;

#define SH_PREFIX		number
#define SH_ELEMENT_TYPE NumberEntry
#define SH_KEY_TYPE		uint64
#define SH_KEY			key
#define SH_HASH_KEY(tb, key) murmurhash32((uint32) ((key) ^ (key) >> 32))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct NumberMap
{
	number_hash *entries;
};

/* Creates a map in "context" that has room for n numbers at first. */
NumberMap *
number_map_create(MemoryContext context, uint32 n)
{
	NumberMap  *map = MemoryContextAlloc(context, sizeof(*map));

	map->entries = number_create(context, n, NULL);
	return map;
}

void
number_map_free(NumberMap *map)
{
	number_destroy(map->entries);
	pfree(map);
}

/* How many keys there are. */
uint32
number_map_size(const NumberMap *map)
{
	return map->entries->members;
}

/* Returns a key's value, which may be set, or NULL if there is none. */
uint64 *
number_map_find(NumberMap *map, uint64 key)
{
	NumberEntry *entry;

	CHECK_FOR_INTERRUPTS();
	entry = number_lookup(map->entries, key);
	return entry != NULL ? &entry->value : NULL;
}

/* Sets a key's value. */
void
number_map_put(NumberMap *map, uint64 key, uint64 value)
{
	bool		found;

	CHECK_FOR_INTERRUPTS();
	number_insert(map->entries, key, &found)->value = value;
}

/* Removes a key, if it is there. */
void
number_map_remove(NumberMap *map, uint64 key)
{
	(void) number_delete(map->entries, key);
}

/* Returns all keys, in no order, palloc'd. */
uint64 *
number_map_keys(NumberMap *map)
{
	uint64	   *keys = palloc(Max(map->entries->members, 1) * sizeof(uint64));
	number_iterator iterator;
	NumberEntry *entry;
	uint32		n = 0;

	number_start_iterate(map->entries, &iterator);
	while ((entry = number_iterate(map->entries, &iterator)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		keys[n++] = entry->key;
	}
	return keys;
}
