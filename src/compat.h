/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Every difference between server versions, and no other file's.
 *
 * Supported: PostgreSQL 15 and later.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_COMPAT_H
#define IFOREST_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "iforest needs PostgreSQL 15 or later"
#endif

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* Intervals can be infinite since version 17. */
#include "utils/timestamp.h"
#ifndef INTERVAL_NOT_FINITE
#define INTERVAL_NOT_FINITE(i)	false
#define INTERVAL_IS_NOBEGIN(i)	false
#endif

/* A "char" that is no ASCII becomes text as \ooo since version 16. */
#define CHAR_TEXT_IS_OCTAL	(PG_VERSION_NUM >= 160000)

/* The attribute comes first since version 18. */
#ifndef pg_noreturn
#define pg_noreturn		pg_attribute_noreturn()
#endif

/* Who may make things that are a role's: being a member is enough before 16. */
#include "utils/acl.h"
#if PG_VERSION_NUM >= 160000
#define can_set_role(member, role)	member_can_set_role(member, role)
#else
#define can_set_role(member, role)	is_member_of_role(member, role)
#endif

/*
 * Where the flags of the setting are by which a query ends its whole session
 * after a time, which takes effect at once: there is one since version 17.
 * Needs utils/guc_tables.h.
 */
#if PG_VERSION_NUM >= 170000
#define SESSION_END_FLAGS() \
	(&find_option("transaction_timeout", false, false, ERROR)->flags)
#else
#define SESSION_END_FLAGS()		NULL
#endif

/*
 * A document that is put together: the innermost value that has begun, and
 * what has ended.  The server has a type for both since version 19.
 */
#include "utils/jsonb.h"
#if PG_VERSION_NUM >= 190000
typedef JsonbInState JsonbBuilder;
#define push_jsonb(builder, token, value) \
	pushJsonbValue(builder, token, value)
#else
typedef struct JsonbBuilder
{
	JsonbParseState *parseState;
	JsonbValue *result;
} JsonbBuilder;

/* Puts what the token says; a value stays where it is. */
static inline void
push_jsonb(JsonbBuilder *builder, JsonbIteratorToken token, JsonbValue *value)
{
	builder->result = pushJsonbValue(&builder->parseState, token, value);
}
#endif

/* Names the library in pg_get_loaded_modules() since version 18. */
#ifdef PG_MODULE_MAGIC_EXT
#define IFOREST_MODULE_MAGIC \
	PG_MODULE_MAGIC_EXT(.name = "iforest", .version = IFOREST_VERSION)
#else
#define IFOREST_MODULE_MAGIC	PG_MODULE_MAGIC
#endif

#endif							/* IFOREST_COMPAT_H */
