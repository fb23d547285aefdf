/*-------------------------------------------------------------------------
 *
 * number_map.c
 *	  A table from numbers to numbers.
 *
 * A hash table that becomes too small deals its entries anew in one step that
 * nothing can interrupt.  So a map of many numbers is many tables of few.  The
 * hash depends on a number that nobody knows: keys that a forged sketch brings
 * share one no more often than others do.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/pg_prng.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/base/forest_rng.h"
#include "sketch/number_map.h"

/* Entries of a map that is one table yet. */
#define MOST_OF_ONE		32768

/* Tables of a larger one; for 2^27 entries each has as many as that. */
#define PARTS_LOG2		12
#define PARTS			(1 << PARTS_LOG2)

/* Entries that a part has room for at first. */
#define FIRST_OF_PART	16

typedef struct NumberEntry
{
	uint64		key;
	uint64		value;
	char		status;
} NumberEntry;

/* A key's hash in a map whose secret is "secret". */
static inline uint64
hash_number(uint64 secret, uint64 key)
{
	return forest_splitmix64_turn(key ^ secret);
}

#define SH_PREFIX		number
#define SH_ELEMENT_TYPE NumberEntry
#define SH_KEY_TYPE		uint64
#define SH_KEY			key
#define SH_HASH_KEY(tb, key) \
	((uint32) hash_number(*(const uint64 *) (tb)->private_data, key))
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

struct NumberMap
{
	MemoryContext context;
	uint64		secret;
	uint32		n;				/* entries */
	number_hash *one;			/* all of them; NULL if there are parts */
	number_hash **parts;		/* by hash; NULL without entries */
};

/* Creates a map in "context" that has room for n numbers at first. */
NumberMap *
number_map_create(MemoryContext context, uint32 n)
{
	NumberMap  *map = MemoryContextAllocZero(context, sizeof(*map));

	map->context = context;
	map->secret = pg_prng_uint64(&pg_global_prng_state);
	map->one = number_create(context, Min(n, MOST_OF_ONE), &map->secret);
	return map;
}

/* The table that a key belongs into, of a map with parts. */
static inline number_hash **
part_of(const NumberMap *map, uint64 key)
{
	return &map->parts[hash_number(map->secret, key) >> (64 - PARTS_LOG2)];
}

/* Gives back what a map has allocated; the map itself is the caller's. */
void
number_map_free(NumberMap *map)
{
	for (int i = 0; map->parts != NULL && i < PARTS; i++)
	{
		if (map->parts[i] != NULL)
			number_destroy(map->parts[i]);
	}
	if (map->parts != NULL)
		pfree(map->parts);
	if (map->one != NULL)
		number_destroy(map->one);
	pfree(map);
}

/* How many keys there are. */
uint32
number_map_size(const NumberMap *map)
{
	return map->n;
}

/* Returns a key's value, which may be set, or NULL if there is none. */
uint64 *
number_map_find(NumberMap *map, uint64 key)
{
	number_hash *table = map->one;
	NumberEntry *entry;

	CHECK_FOR_INTERRUPTS();
	if (table == NULL)
		table = *part_of(map, key);
	if (table == NULL)
		return NULL;
	entry = number_lookup(table, key);
	return entry != NULL ? &entry->value : NULL;
}

/* Sets a key's value in its part. */
static void
put_in_part(NumberMap *map, uint64 key, uint64 value, bool *found)
{
	number_hash **part = part_of(map, key);

	if (*part == NULL)
		*part = number_create(map->context, FIRST_OF_PART, &map->secret);
	number_insert(*part, key, found)->value = value;
}

/* Makes parts of a map that is one table. */
static void
make_parts(NumberMap *map)
{
	number_hash *one = map->one;
	number_iterator iterator;
	NumberEntry *entry;
	bool		found;

	map->parts = MemoryContextAllocZero(map->context,
										PARTS * sizeof(number_hash *));
	number_start_iterate(one, &iterator);
	while ((entry = number_iterate(one, &iterator)) != NULL)
		put_in_part(map, entry->key, entry->value, &found);
	map->one = NULL;
	number_destroy(one);
}

/* Sets a key's value. */
void
number_map_put(NumberMap *map, uint64 key, uint64 value)
{
	bool		found;

	CHECK_FOR_INTERRUPTS();
	if (map->one != NULL && map->n == MOST_OF_ONE)
		make_parts(map);
	if (map->one != NULL)
		number_insert(map->one, key, &found)->value = value;
	else
		put_in_part(map, key, value, &found);
	if (!found)
		map->n++;
}

/* Removes a key, if it is there. */
void
number_map_remove(NumberMap *map, uint64 key)
{
	number_hash *table = map->one != NULL ? map->one : *part_of(map, key);

	if (table != NULL && number_delete(table, key))
		map->n--;
}

/* Adds the keys of a table to n others; returns how many there are then. */
static uint32
add_keys(number_hash *table, uint64 *keys, uint32 n)
{
	number_iterator iterator;
	NumberEntry *entry;

	number_start_iterate(table, &iterator);
	while ((entry = number_iterate(table, &iterator)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		keys[n++] = entry->key;
	}
	return n;
}

/* Returns all keys, in no order, palloc'd. */
uint64 *
number_map_keys(NumberMap *map)
{
	uint64	   *keys = palloc_extended(Max(map->n, 1) * sizeof(uint64),
									   MCXT_ALLOC_HUGE);
	uint32		n = 0;

	if (map->one != NULL)
		(void) add_keys(map->one, keys, 0);
	for (int i = 0; map->parts != NULL && i < PARTS; i++)
	{
		if (map->parts[i] != NULL)
			n = add_keys(map->parts[i], keys, n);
	}
	return keys;
}
