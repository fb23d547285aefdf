/*-------------------------------------------------------------------------
 *
 * registry_role.h
 *	  The type iforest_role: a role as the registry's tables hold it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_ROLE_H
#define IFOREST_REGISTRY_ROLE_H

#include "iforest.h"

/* An owner who is nobody, and a reader who is everybody; no role's OIDs. */
#define NO_ROLE			InvalidOid
#define PUBLIC_ROLE		((Oid) 1)

extern char *registry_role_name(Oid role);
extern bool registry_role_exists(Oid role);
extern Oid *registry_readers(Datum readers, int *n);
extern Datum registry_roles(Oid names_table, const Oid *roles, int n);

#endif							/* IFOREST_REGISTRY_ROLE_H */
