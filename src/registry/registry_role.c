/*-------------------------------------------------------------------------
 *
 * registry_role.c
 *	  The type iforest_role: a role as the registry's tables hold it.
 *
 * Inside it is a role's OID, so that renaming a role changes nothing.  In all
 * that leaves the database it is the role's name: what a dump has of a role
 * that was dropped is an empty text and never a number, and what comes in is
 * never taken for a number.  A name that no role has is nobody and no error,
 * so that a restore where a role is missing has the models all the same.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "registry/registry_role.h"
#include "registry/registry_table.h"

/* What everybody is called; no role can have the name. */
#define PUBLIC_NAME	"public"

/* The role of a name; nobody if there is none. */
static Oid
role_from_name(const char *name)
{
	return strcmp(name, PUBLIC_NAME) == 0 ? PUBLIC_ROLE :
		get_role_oid(name, true);
}

/*
 * A role's name, allocated; an empty text for nobody and for a role that does
 * not exist any more.
 */
char *
registry_role_name(Oid role)
{
	HeapTuple	tuple;
	char	   *name;

	if (role == PUBLIC_ROLE)
		return pstrdup(PUBLIC_NAME);
	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	if (!HeapTupleIsValid(tuple))
		return pstrdup("");
	name = pstrdup(NameStr(((Form_pg_authid) GETSTRUCT(tuple))->rolname));
	ReleaseSysCache(tuple);
	return name;
}

/* Whether this is a role, and there still is. */
bool
registry_role_exists(Oid role)
{
	return SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(role));
}

/*
 * The roles in a value of type iforest_role[], whatever its shape: of a table
 * that was written by hand.  Nobody and NULL are left out.
 */
Oid *
registry_readers(Datum readers, int *n)
{
	ArrayType  *array = DatumGetArrayTypeP(readers);
	int			n_values = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));
	Oid		   *roles = palloc(Max(n_values, 1) * sizeof(Oid));
	ArrayIterator values = array_create_iterator(array, 0, NULL);
	Datum		value;
	bool		isnull;

	*n = 0;
	while (array_iterate(values, &value, &isnull))
	{
		CHECK_FOR_INTERRUPTS();
		if (!isnull && DatumGetObjectId(value) != NO_ROLE)
			roles[(*n)++] = DatumGetObjectId(value);
	}
	array_free_iterator(values);
	return roles;
}

/* A value for the column "readers" of iforest_registry. */
Datum
registry_roles(Oid names_table, const Oid *roles, int n)
{
	Oid			type = get_element_type(get_atttype(names_table,
													NAME_READERS + 1));
	Datum	   *values = palloc(Max(n, 1) * sizeof(Datum));

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		values[i] = ObjectIdGetDatum(roles[i]);
	}
	return PointerGetDatum(construct_array(values, n, type, sizeof(Oid), true,
										   TYPALIGN_INT));
}

PG_FUNCTION_INFO_V1(iforest_role_in);
/*
 * _iforest_role_in(cstring) -> iforest_role
 *
 * The role of this name, to the letter; "public" is everybody, a name that no
 * role has is nobody.
 */
Datum
iforest_role_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_OID(role_from_name(PG_GETARG_CSTRING(0)));
}

PG_FUNCTION_INFO_V1(iforest_role_out);
/*
 * _iforest_role_out(iforest_role) -> cstring
 *
 * The role's name, without quotes; empty for nobody.
 */
Datum
iforest_role_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(registry_role_name(PG_GETARG_OID(0)));
}

PG_FUNCTION_INFO_V1(iforest_role_recv);
/*
 * _iforest_role_recv(internal) -> iforest_role
 *
 * As iforest_role_in: binary formats hold the name, too.
 */
Datum
iforest_role_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length;

	PG_RETURN_OID(role_from_name(pq_getmsgtext(buf, buf->len - buf->cursor,
											   &length)));
}

PG_FUNCTION_INFO_V1(iforest_role_send);
/*
 * _iforest_role_send(iforest_role) -> bytea
 *
 * The role's name.
 */
Datum
iforest_role_send(PG_FUNCTION_ARGS)
{
	StringInfoData buf;
	char	   *name = registry_role_name(PG_GETARG_OID(0));

	pq_begintypsend(&buf);
	pq_sendtext(&buf, name, (int) strlen(name));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}
