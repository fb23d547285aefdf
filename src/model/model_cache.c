/*-------------------------------------------------------------------------
 *
 * model_cache.c
 *	  Decoded models, kept for the session.
 *
 * Statements of one row, triggers and functions begin anew each time;
 * without a cache that outlives them each would read, check and decode the
 * model again, a thousand times the work of scoring a row.
 *
 * A model stored out of line is known by its TOAST pointer, so that a hit
 * reads nothing of it; the first hit of a statement compares the digest in
 * the model's first bytes, because value OIDs may come round again.
 *
 * A model that arrives in line is looked up by its length and digest.  Loading
 * verifies the digest, so what is found is what a sound value stands for; but
 * a value may only claim the digest.  Hence the cache keeps the value that it
 * loaded, as it came, and compares all bytes on each hit.  The same model in
 * another form, compressed or not, is read and verified as when loading.
 *
 * Nothing has to be invalidated: another model is another pointer or another
 * digest.
 *
 * The least recently used models go when the budget is exceeded.  Whoever
 * keeps a pointer to a model compares model_cache_generation() before using
 * it again.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "funcapi.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/format/forest_model.h"
#include "core/format/forest_open.h"
#include "core/format/forest_view.h"
#include "model/model.h"
#include "model/model_bytes.h"
#include "model/model_cache.h"
#include "model/model_load.h"

typedef struct CacheEntry
{
	ModelKey	key;			/* hash key; must be first */
	Model	   *model;
	Size		size;			/* bytes of model->context */
	dlist_node	lru;			/* most recently used first */
} CacheEntry;

/* What iforest_cache_stats() shows. */
typedef struct CacheStats
{
	int64		hits;
	int64		loads;
	int64		evictions;
} CacheStats;

/* The settings and contents of the session's cache. */
int			model_cache_size = 64 * 1024;

static HTAB *cache = NULL;
static dlist_head cache_lru = DLIST_STATIC_INIT(cache_lru);
static Size cache_bytes = 0;
static uint64 cache_generation = 0;
static CacheStats cache_stats;

/* Creates the empty cache, when the library is loaded. */
void
model_cache_init(void)
{
	HASHCTL		control = {0};

	control.keysize = sizeof(ModelKey);
	control.entrysize = sizeof(CacheEntry);
	control.hcxt = AllocSetContextCreate(TopMemoryContext,
										 "iforest model cache",
										 ALLOCSET_SMALL_SIZES);
	cache = hash_create("iforest model cache", 16, &control,
						HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * A number that changes whenever a model is dropped from the cache: as long as
 * it is the same, every pointer to a model is valid.
 */
uint64
model_cache_generation(void)
{
	return cache_generation;
}

/*
 * Copies the first FOREST_HEADER_SIZE bytes of a bytea, fetching no more of
 * it than that takes; returns how many there are.
 */
static Size
read_header(Datum datum, uint8 *header)
{
	struct varlena *slice = (struct varlena *) DatumGetPointer(datum);
	Size		n;

	if (VARATT_IS_EXTERNAL(slice) || VARATT_IS_COMPRESSED(slice))
		slice = detoast_attr_slice(slice, 0, FOREST_HEADER_SIZE);
	n = Min(VARSIZE_ANY_EXHDR(slice), FOREST_HEADER_SIZE);
	memcpy(header, VARDATA_ANY(slice), n);
	if ((Pointer) slice != DatumGetPointer(datum))
		pfree(slice);
	return n;
}

/*
 * Copies the digest and length out of a header, if it is that of a model; else
 * the status says what it is.
 */
static ForestStatus
peek_digest(Datum datum, uint8 *digest, uint64 *total)
{
	uint8		header[FOREST_HEADER_SIZE];
	Size		n = read_header(datum, header);
	const uint8 *in_header;
	ForestStatus status = forest_peek(header, n, total, &in_header);

	if (status == FOREST_OK)
		memcpy(digest, in_header, FOREST_DIGEST_SIZE);
	return status;
}

/* The same; errors if it is no model. */
static void
read_digest(Datum datum, uint8 *digest, uint64 *total)
{
	ForestStatus status = peek_digest(datum, digest, total);

	if (status != FOREST_OK)
		report_model_datum(datum, status, NULL);
}

/*
 * Whether a value has the header and the length of a model: what is said of
 * the rest when it is loaded.  Detoasts no more than the header.
 */
bool
model_has_header(Datum datum)
{
	uint8		digest[FOREST_DIGEST_SIZE];
	uint64		total;

	return peek_digest(datum, digest, &total) == FOREST_OK &&
		toast_raw_datum_size(datum) - VARHDRSZ == total;
}

/*
 * Fills the key of the model that a datum stands for.  The datum is not
 * detoasted beyond its header, and not at all if it is stored out of line.
 */
void
model_key(Datum datum, ModelKey *key)
{
	Pointer		pointer = DatumGetPointer(datum);

	/* keys are hashed and compared as bytes, those behind a pointer too */
	memset(key, 0, sizeof(*key));
	if (VARATT_IS_EXTERNAL_ONDISK(pointer))
	{
		StaticAssertStmt(sizeof(key->bytes) >= TOAST_POINTER_SIZE,
						 "a TOAST pointer must fit into a key");
		memcpy(key->bytes, pointer, VARSIZE_EXTERNAL(pointer));
	}
	else
	{
		read_digest(datum, key->bytes, &key->length);
		if (toast_raw_datum_size(datum) - VARHDRSZ != key->length)
			report_model_fault(FOREST_TRUNCATED, NULL);
	}
}

/*
 * Whether a datum is, byte for byte, the value that a model was loaded from.
 * Never so for a value out of line: its bytes are not looked at.
 */
bool
model_came_as(const Model *model, Datum datum)
{
	Pointer		value = DatumGetPointer(datum);

	return model->source != NULL &&
		VARSIZE_ANY(value) == VARSIZE_ANY(model->source) &&
		forest_equal(value, model->source, VARSIZE_ANY(value));
}

/*
 * Keeps a copy of a value in line for model_came_as, in the model's context
 * and so in the cache's budget.
 */
static void
keep_source(Model *model, Datum datum)
{
	Pointer		value = DatumGetPointer(datum);
	struct varlena *copy;

	if (VARATT_IS_EXTERNAL(value))
		return;
	copy = MemoryContextAllocHuge(model->context, VARSIZE_ANY(value));
	forest_copy(copy, value, VARSIZE_ANY(value));
	if (model->source != NULL)
		pfree(model->source);
	model->source = copy;
}

/*
 * Makes sure that a value in line, which has the length and digest of a model
 * in the cache, is that model.
 */
static void
check_source(Model *model, Datum datum)
{
	ForestView	view;
	bytea	   *bytes;

	if (model_came_as(model, datum))
		return;
	bytes = model_open_again(datum, model, &view);
	if ((Pointer) bytes != DatumGetPointer(datum))
		pfree(bytes);
	keep_source(model, datum);
	model_cache_resize(model);
}

/* Drops one model, with all that is attached to it. */
static void
drop_entry(CacheEntry *entry)
{
	Model	   *model = entry->model;

	dlist_delete(&entry->lru);
	cache_bytes -= entry->size;
	cache_generation++;
	(void) hash_search(cache, &entry->key, HASH_REMOVE, NULL);
	MemoryContextDelete(model->context);
}

/* Drops the least recently used models until "more" bytes have room. */
static void
make_room(Size more, int size_kb)
{
	Size		budget = (Size) size_kb * 1024;

	while (!dlist_is_empty(&cache_lru) && cache_bytes + more > budget)
	{
		drop_entry(dlist_tail_element(CacheEntry, lru, &cache_lru));
		cache_stats.evictions++;
	}
}

/*
 * Takes note that a cached model has grown.  What exceeds the budget goes
 * when the next model comes, so that this one stays valid.
 */
void
model_cache_resize(const Model *model)
{
	dlist_iter	it;

	dlist_foreach(it, &cache_lru)
	{
		CacheEntry *entry = dlist_container(CacheEntry, lru, it.cur);

		if (entry->model != model)
			continue;
		cache_bytes -= entry->size;
		entry->size = MemoryContextMemAllocated(model->context, true);
		cache_bytes += entry->size;
		return;
	}
}

/* Gives memory back at once when the setting is lowered. */
void
model_cache_assign(int size_kb, void *extra)
{
	if (cache != NULL)
		make_room(0, size_kb);
}

/*
 * Reads, checks and decodes a model, and only then enters it: an error on
 * the way leaves nothing behind.
 */
static CacheEntry *
load_entry(Datum datum, const ModelKey *key)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest model",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = CurrentMemoryContext;
	ForestView	view;
	bytea	   *bytes = model_open(datum, &view);
	Model	   *model;
	CacheEntry *entry;
	bool		found;

	MemoryContextSwitchTo(context);
	model = model_load(&view);
	if (key->length > 0)
		keep_source(model, datum);
	MemoryContextSwitchTo(old);
	if ((Pointer) bytes != DatumGetPointer(datum))
		pfree(bytes);

	make_room(MemoryContextMemAllocated(context, true), model_cache_size);
	entry = hash_search(cache, key, HASH_ENTER, &found);
	Assert(!found);
	entry->model = model;
	entry->size = MemoryContextMemAllocated(context, true);
	cache_bytes += entry->size;
	dlist_push_head(&cache_lru, &entry->lru);
	/* nothing below this line can fail: the model is the cache's */
	MemoryContextSetParent(context, TopMemoryContext);
	cache_stats.loads++;
	return entry;
}

/*
 * Whether the cache has the model of a datum, whose key model_key filled, and
 * model_cache_get need not look at what is behind the header.
 */
bool
model_cache_has(Datum datum, const ModelKey *key)
{
	const CacheEntry *entry = hash_search(cache, key, HASH_FIND, NULL);

	return entry != NULL &&
		(key->length == 0 || model_came_as(entry->model, datum));
}

/*
 * Returns the decoded model of a datum whose key model_key filled, from the
 * cache if it is there.  It stays valid while model_cache_generation() stays
 * the same.
 */
Model *
model_cache_get(Datum datum, const ModelKey *key)
{
	CacheEntry *entry = hash_search(cache, key, HASH_FIND, NULL);

	if (entry != NULL && key->length == 0)
	{
		uint8		digest[FOREST_DIGEST_SIZE];
		uint64		total;

		read_digest(datum, digest, &total);
		if (memcmp(digest, entry->model->digest, sizeof(digest)) != 0)
		{
			drop_entry(entry);
			entry = NULL;
		}
	}
	if (entry == NULL)
		return load_entry(datum, key)->model;
	if (key->length > 0)
		check_source(entry->model, datum);
	dlist_move_head(&cache_lru, &entry->lru);
	cache_stats.hits++;
	return entry->model;
}

PG_FUNCTION_INFO_V1(iforest_cache_stats);
/*
 * iforest_cache_stats() -> record (models, bytes, hits, loads, evictions)
 *
 * What this session's cache holds and has done.
 */
Datum
iforest_cache_stats(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	values[0] = Int64GetDatum((int64) hash_get_num_entries(cache));
	values[1] = Int64GetDatum((int64) cache_bytes);
	values[2] = Int64GetDatum(cache_stats.hits);
	values[3] = Int64GetDatum(cache_stats.loads);
	values[4] = Int64GetDatum(cache_stats.evictions);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, nulls)));
}
