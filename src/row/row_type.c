/*-------------------------------------------------------------------------
 *
 * row_type.c
 *	  Row types, which may change while a query reads rows of them.
 *
 * A function that the query calls can run ALTER TYPE: the columns of the next
 * row are others then, under the same type OID. Read by the description of the
 * previous one, a number would be taken for a pointer.  So a call site keeps,
 * beside the description, the identifier that the session's type cache gives
 * to each state of a type, and learns the type anew when it differs.
 *
 * Minor releases since 15.20 mark rows with the version of their type, and
 * refuse those that do not fit a description.  For that, a row has to be
 * fetched by functions that earlier ones have as macros only; see
 * row_type_init.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include <dlfcn.h>

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "row/row_type.h"

/* The server's functions, as far as it has them. */
typedef HeapTupleHeader (*GetHeader) (Datum row);

static GetHeader server_header = NULL;
static GetHeader server_header_copy = NULL;

/*
 * Looks up what the running server may have or not, for one binary to serve
 * all minor releases of its major one.
 */
void
row_type_init(void)
{
	server_header = (GetHeader) dlsym(RTLD_DEFAULT, "DatumGetHeapTupleHeader");
	server_header_copy = (GetHeader) dlsym(RTLD_DEFAULT,
										   "DatumGetHeapTupleHeaderCopy");
}

/* A row, detoasted if need be: the datum's own bytes, or palloc'd ones. */
HeapTupleHeader
row_header(Datum row)
{
	return server_header != NULL ? server_header(row) :
		(HeapTupleHeader) PG_DETOAST_DATUM(row);
}

/* A copy of a row, in the current context. */
HeapTupleHeader
row_header_copy(Datum row)
{
	return server_header_copy != NULL ? server_header_copy(row) :
		(HeapTupleHeader) PG_DETOAST_DATUM_COPY(row);
}

/*
 * Learns what a row type is now.  The description is allocated in "context";
 * one that was known before is left to its own context.  It has what columns
 * were added with, which rows older than they are lack.
 */
void
row_type_learn(RowType *type, Oid type_id, int32 typmod,
			   MemoryContext context)
{
	RowType		learnt = {.type_id = type_id,.typmod = typmod};
	TupleDesc	desc;
	MemoryContext old;

	if (type_id == RECORDOID)
		desc = lookup_rowtype_tupdesc_copy(type_id, typmod);
	else
	{
		learnt.entry = lookup_type_cache(type_id, TYPECACHE_TUPDESC);
		desc = learnt.entry->tupDesc;
		if (desc == NULL)
			elog(ERROR, "type %u is not composite", type_id);
		/* nothing between this and the copy can change the entry */
		learnt.identifier = learnt.entry->tupDesc_identifier;
	}
	old = MemoryContextSwitchTo(context);
	learnt.desc = CreateTupleDescCopyConstr(desc);
	MemoryContextSwitchTo(old);
	*type = learnt;
}

/*
 * Whether a known type still is what was learnt.  The session's entry of a
 * type stays where it is, and is told of every change; a record's columns
 * never change.
 */
static bool
row_type_is_current(const RowType *type)
{
	return type->entry == NULL ||
		type->entry->tupDesc_identifier == type->identifier;
}

/* Whether a row is of a type as it was learnt. */
bool
row_type_is_of(const RowType *type, HeapTupleHeader row)
{
	return HeapTupleHeaderGetTypeId(row) == type->type_id &&
		(type->type_id == RECORDOID ?
		 HeapTupleHeaderGetTypMod(row) == type->typmod :
		 row_type_is_current(type));
}

/*
 * Takes the state that a type is in now for the one that was learnt, if the
 * columns are the same: the session's entry is made anew for less, as when
 * statistics of a table are.
 */
static bool
accept_state(RowType *type)
{
	TypeCacheEntry *entry = lookup_type_cache(type->type_id,
											  TYPECACHE_TUPDESC);
	TupleDesc	now;
	TupleDesc	before;
	bool		same;

	if (entry->tupDesc == NULL)
		return false;
	/* such copies lack constraints and defaults, which may differ */
	now = CreateTupleDescCopy(entry->tupDesc);
	before = CreateTupleDescCopy(type->desc);
	same = equalTupleDescs(now, before);
	FreeTupleDesc(now);
	FreeTupleDesc(before);
	if (same)
		type->identifier = entry->tupDesc_identifier;
	return same;
}

/* Errors if a type has changed: for one who makes, or keeps, rows of it. */
void
row_type_check(RowType *type)
{
	if (!row_type_is_current(type) && !accept_state(type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type %s changed while rows of it were made",
						format_type_be(type->type_id)),
				 errhint("Run the statement again.")));
}

/*
 * Whether values of a base type hold all columns of a row: an array its
 * elements, a document its keys.
 */
bool
type_holds_row(Oid type)
{
	return type == JSONBOID || OidIsValid(get_element_type(type));
}

/*
 * The only attribute of a row type, if it is an array or a document, so that
 * a row of the type is what it holds; else -1.
 */
int
row_type_holder(TupleDesc desc)
{
	int			only = -1;

	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		if (only >= 0)
			return -1;
		only = i;
	}
	return only >= 0 &&
		type_holds_row(getBaseType(TupleDescAttr(desc, only)->atttypid)) ?
		only : -1;
}

/*
 * Takes a row apart that row_type_is_of(type, row), into arrays with room for
 * all attributes of its description, dropped ones included; values by
 * reference lie in the row.
 */
void
row_type_deform(const RowType *type, HeapTupleHeader row, Datum *values,
				bool *nulls)
{
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(row),
	.t_data = row};

	ItemPointerSetInvalid(&tuple.t_self);
	heap_deform_tuple(&tuple, type->desc, values, nulls);
}
