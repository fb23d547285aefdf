/*-------------------------------------------------------------------------
 *
 * column_facts.c
 *	  What is to be known of a column before it is trained on.
 *
 * Values are counted in one pass and bounded memory: different ones by the
 * smallest of their hashes, which are evenly spread (Bar-Yossef and others:
 * Counting distinct elements in a data stream, 2002).  Up to KEPT_HASHES the
 * count is exact, above it is right to some 1.6 %.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "row/column_facts.h"
#include "row/types.h"

#define KEPT_HASHES		4096
#define FIRST_HASHES	64

#define ST_SORT sort_hashes
#define ST_ELEMENT_TYPE uint64
#define ST_COMPARE(a, b) ((*(a) > *(b)) - (*(a) < *(b)))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/* Puts the hashes into order, each once, and lets go what is not kept. */
static void
settle_hashes(DistinctCount *count)
{
	uint32		n = 0;

	sort_hashes(count->hashes, count->n);
	for (uint32 i = 0; i < count->n; i++)
	{
		if (n == 0 || count->hashes[i] != count->hashes[n - 1])
			count->hashes[n++] = count->hashes[i];
	}
	count->some_lost |= n > KEPT_HASHES;
	count->n = Min(n, KEPT_HASHES);
}

/* Makes room for a hash, in a context that lives as long as the facts. */
static void
reserve_hash(DistinctCount *count, MemoryContext context)
{
	if (count->room == 0)
	{
		count->room = FIRST_HASHES;
		count->hashes = MemoryContextAlloc(context,
										   count->room * sizeof(uint64));
	}
	if (count->n < count->room)
		return;
	settle_hashes(count);
	if (count->n > count->room / 2)
	{
		count->room *= 2;
		count->hashes = repalloc(count->hashes,
								 count->room * sizeof(uint64));
	}
}

/* Counts a hash if it is new. */
static void
count_hash(DistinctCount *count, uint64 hash, MemoryContext context)
{
	if (count->some_lost && hash > count->hashes[KEPT_HASHES - 1])
		return;
	reserve_hash(count, context);
	count->hashes[count->n++] = hash;
}

/* Begins the facts of a column. */
void
column_facts_begin(ColumnFacts *facts, ForestType type)
{
	memset(facts, 0, sizeof(*facts));
	facts->type = type;
	facts->minimum = facts->maximum = facts->previous = NAN;
}

/* Counts the bytes of a value if they are new. */
static void
count_bytes(ColumnFacts *facts, const void *bytes, size_t len,
			MemoryContext context)
{
	count_hash(&facts->different, hash_bytes_extended(bytes, (int) len, 0),
			   context);
	facts->n_values++;
}

/* Takes note of a number, not NaN. */
static void
add_number(ColumnFacts *facts, double number, MemoryContext context)
{
	number += 0.0;				/* no -0 */
	count_bytes(facts, &number, sizeof(number), context);
	if (!(number >= facts->minimum))
		facts->minimum = number;
	if (!(number <= facts->maximum))
		facts->maximum = number;
	facts->n_falls += number < facts->previous;
	facts->previous = number;
}

/*
 * Takes note of the next row's value; what stays is in "context", what does
 * not in the current one.
 */
void
column_facts_add(ColumnFacts *facts, Datum value, bool isnull,
				 MemoryContext context)
{
	ForestString category;
	double		number;

	facts->n_rows++;
	if (isnull)
		return;
	if (facts->type == 0)
		facts->n_values++;
	else if (forest_type_is_category(facts->type))
	{
		category = category_from_datum(facts->type, value);
		facts->longest = Max(facts->longest, category.len);
		count_bytes(facts, category.bytes, category.len, context);
	}
	else
	{
		number = number_from_datum(facts->type, value);
		if (!isnan(number))
			add_number(facts, number, context);
	}
}

/*
 * How many different values there are: exactly up to KEPT_HASHES, above
 * estimated, and never more than there are values.
 */
int64
column_facts_different(ColumnFacts *facts)
{
	DistinctCount *count = &facts->different;
	double		estimate;

	settle_hashes(count);
	if (!count->some_lost)
		return count->n;
	estimate = (KEPT_HASHES - 1) /
		((double) count->hashes[KEPT_HASHES - 1] / 18446744073709551616.0);
	return (int64) Min(rint(estimate), (double) facts->n_values);
}
