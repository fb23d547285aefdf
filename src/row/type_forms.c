/*-------------------------------------------------------------------------
 *
 * type_forms.c
 *	  What to make of columns whose types no feature can have.
 *
 * The types are the server's, and those of extensions that are often met;
 * these are known by their names alone.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "row/type_forms.h"

#define MAX_PARTS	2

/* What is made of a type's columns; @ stands for the column. */
typedef struct TypeForm
{
	const char *type;
	const char *parts[MAX_PARTS];	/* expressions, or NULL */
	const char *suffixes[MAX_PARTS];	/* of their names; NULL: the column's */
	const char *advice;			/* what else can be done, or NULL */
	const char *array;			/* what makes an array of it, or NULL */
} TypeForm;

static const TypeForm type_forms[] = {
	{"money", .parts = {"@::numeric"}},
	{"timetz", .parts = {"@::time"}},
	{"bit", .parts = {"@::text"}},
	{"varbit", .parts = {"length(@)"}, .suffixes = {"_length"}},
	{"bytea", .parts = {"octet_length(@)"}, .suffixes = {"_length"}, .advice = "pass it alone if it is a sketch"},
	{"inet", .parts = {"CASE WHEN family(@) = 4 THEN @ - '0.0.0.0' END"}},
	{"cidr", .parts = {"CASE WHEN family(@) = 4 THEN @ - '0.0.0.0' END"}},
	{"macaddr", .parts = {"trunc(@)::text"}},
	{"macaddr8", .parts = {"trunc(@)::text"}},
	{"pg_lsn", .parts = {"@ - '0/0'"}},
	{"regclass", .parts = {"@::text"}},
	{"regproc", .parts = {"@::text"}},
	{"regprocedure", .parts = {"@::text"}},
	{"regtype", .parts = {"@::text"}},
	{"regrole", .parts = {"@::text"}},
	{"regnamespace", .parts = {"@::text"}},
	{"json", .advice = "take values from it, (@->>'key')::numeric"},
	{"jsonb", .advice = "take values from it, (@->>'key')::numeric"},
	{"hstore", .advice = "take values from it, (@->'key')::numeric"},
	{"tsvector", .parts = {"length(@)"}, .suffixes = {"_length"}},
	{"tsquery", .parts = {"numnode(@)"}, .suffixes = {"_length"}},
	{"point", .parts = {"@[0]", "@[1]"}, .suffixes = {"_x", "_y"}},
	{"box", .parts = {"width(@)", "height(@)"}, .suffixes = {"_width", "_height"}},
	{"lseg", .parts = {"length(@)"}, .suffixes = {"_length"}},
	{"path", .parts = {"length(@)"}, .suffixes = {"_length"}},
	{"polygon", .parts = {"npoints(@)"}, .suffixes = {"_points"}},
	{"circle", .parts = {"area(@)"}, .suffixes = {"_area"}},
	{"citext", .parts = {"@::text"}},
	{"ltree", .parts = {"nlevel(@)"}, .suffixes = {"_level"}},
	{"vector", .parts = {"vector_norm(@)"}, .suffixes = {"_norm"}, .array = "@::real[]"},
	{"halfvec", .parts = {"l2_norm(@)"}, .suffixes = {"_norm"}, .array = "@::real[]"},
	{"sparsevec", .parts = {"l2_norm(@)"}, .suffixes = {"_norm"}, .array = "@::vector::real[]"},
	{"cube", .array = "ARRAY(SELECT cube_ll_coord(@, i) FROM generate_series(1, cube_dim(@)) AS i)"},
	{"geometry", .parts = {"st_x(st_centroid(@))", "st_y(st_centroid(@))"}, .suffixes = {"_x", "_y"}},
	{"geography", .parts = {"st_x(st_centroid(@::geometry))", "st_y(st_centroid(@::geometry))"}, .suffixes = {"_x", "_y"}},
};

/* Forms of kinds of types. */
static const TypeForm number_array_form =
{.parts = {"cardinality(@)"}, .suffixes = {"_length"}, .advice = "pass it alone"};
static const TypeForm array_form =
{.parts = {"cardinality(@)"}, .suffixes = {"_length"}};
static const TypeForm range_form =
{.parts = {"upper(@) - lower(@)"}, .suffixes = {"_length"}};
static const TypeForm row_form =
{.advice = "take its columns, (@).name"};

/* Whether differences of a range's bounds are of types that serve. */
static bool
is_range_of_numbers(Oid typid)
{
	switch (typid)
	{
		case INT4RANGEOID:
		case INT8RANGEOID:
		case NUMRANGEOID:
		case DATERANGEOID:
		case TSRANGEOID:
		case TSTZRANGEOID:
		case INT4MULTIRANGEOID:
		case INT8MULTIRANGEOID:
		case NUMMULTIRANGEOID:
		case DATEMULTIRANGEOID:
		case TSMULTIRANGEOID:
		case TSTZMULTIRANGEOID:
			return true;
		default:
			return false;
	}
}

/* The form of a kind of types; NULL if nothing is known of it. */
static const TypeForm *
kind_form(Oid typid)
{
	Oid			element = get_element_type(typid);
	char		category;
	bool		preferred;

	if (OidIsValid(element))
	{
		get_type_category_preferred(getBaseType(element), &category,
									&preferred);
		return category == TYPCATEGORY_NUMERIC ? &number_array_form :
			&array_form;
	}
	if (is_range_of_numbers(typid))
		return &range_form;
	if (type_is_rowtype(typid))
		return &row_form;
	return NULL;
}

/* The form of a base type; NULL if nothing is known of it. */
static const TypeForm *
find_form(Oid typid)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(typid));
	const TypeForm *found = NULL;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	for (int i = 0; i < (int) lengthof(type_forms) && found == NULL; i++)
	{
		if (strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname),
				   type_forms[i].type) == 0)
			found = &type_forms[i];
	}
	ReleaseSysCache(tuple);
	return found != NULL ? found : kind_form(typid);
}

/* Appends a text with the column in place of each @. */
static void
append_filled(StringInfo s, const char *text, const char *column)
{
	for (; *text != '\0'; text++)
	{
		if (*text == '@')
			appendStringInfoString(s, quote_identifier(column));
		else
			appendStringInfoChar(s, *text);
	}
}

/*
 * What stands in a SELECT list in place of a column of a base type that no
 * feature can have, as "price::numeric AS price"; NULL if nothing does.
 */
char *
type_form_expressions(const char *column, Oid typid)
{
	const TypeForm *form = find_form(typid);
	StringInfoData s;

	if (form == NULL || form->parts[0] == NULL)
		return NULL;
	initStringInfo(&s);
	for (int i = 0; i < MAX_PARTS && form->parts[i] != NULL; i++)
	{
		const char *suffix = form->suffixes[i];

		appendStringInfoString(&s, i > 0 ? ", " : "");
		append_filled(&s, form->parts[i], column);
		appendStringInfo(&s, " AS %s",
						 quote_identifier(psprintf("%s%s", column,
												   suffix == NULL ? "" : suffix)));
	}
	return s.data;
}

/* The same for a message, without names, and what else can be done. */
char *
type_form_advice(const char *column, Oid typid)
{
	const TypeForm *form = find_form(typid);
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; form != NULL && i < MAX_PARTS; i++)
	{
		if (form->parts[i] == NULL)
			break;
		appendStringInfoString(&s, i > 0 ? ", " : "");
		append_filled(&s, form->parts[i], column);
	}
	if (s.len == 0)
		appendStringInfoString(&s, "leave it out");
	if (form != NULL && form->advice != NULL)
	{
		appendStringInfoString(&s, ", or ");
		append_filled(&s, form->advice, column);
	}
	if (form != NULL && form->array != NULL)
	{
		appendStringInfoString(&s, ", or alone, as an array, ");
		append_filled(&s, form->array, column);
	}
	return s.data;
}

/*
 * The expression for a message that makes an array of numbers of a type of an
 * extension; NULL if there is none.
 */
const char *
type_form_array(Oid typid)
{
	const TypeForm *form = find_form(typid);
	StringInfoData s;

	if (form == NULL || form->array == NULL)
		return NULL;
	initStringInfo(&s);
	append_filled(&s, form->array, "embedding");
	return s.data;
}
