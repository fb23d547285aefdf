/*-------------------------------------------------------------------------
 *
 * arguments.c
 *	  The argument list of a call, in whatever form, as columns.
 *
 * Four forms are told apart at run time, since overloads of one name would
 * make most calls ambiguous: several columns; one row (a table's, a
 * subquery's, ROW()); one array, also behind VARIADIC; one jsonb object.  A
 * row that holds an array or a jsonb and nothing else is what it holds.  What
 * is learnt about a call site is kept for its next rows.
 *
 * Columns may change from row to row: arrays have any length, and records any
 * columns.  "version" counts such changes, so that whoever has worked out
 * something by the columns, as which of them is which feature, knows when to
 * do it again.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "access/tupdesc.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "row/arguments.h"
#include "row/document.h"
#include "row/row_type.h"
#include "row/type_forms.h"
#include "row/types.h"

/*
 * Base type of argument i: domains are what they are made of.  Where the call
 * carries no expression (a function called by another), the declared type has
 * to do; where that is "any", an error.
 */
static Oid
argument_type(FunctionCallInfo fcinfo, int i)
{
	Oid			typid = get_fn_expr_argtype(fcinfo->flinfo, i);

	if (!OidIsValid(typid))
	{
		Oid		   *declared;
		int			n;

		(void) get_func_signature(fcinfo->flinfo->fn_oid, &declared, &n);
		if (i < n)
			typid = declared[i];
	}
	if (!OidIsValid(typid) || typid == ANYOID)
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of argument %d", i + 1),
				 errhint("Call the function from SQL, with typed arguments.")));
	/* the server's own types are no domains, where its script numbers them */
	return typid < FirstGenbkiObjectId ? typid : getBaseType(typid);
}

/*
 * Forgets the columns.  All that they took is given back: a call site may see
 * them change with every row.
 */
static void
forget_columns(Arguments *arguments)
{
	MemoryContextReset(arguments->context);
	arguments->columns = NULL;
	arguments->document = NULL;
	arguments->n_columns = 0;
	arguments->version++;
}

/*
 * Makes room for n columns, not yet described; an error if there are more than
 * a forest can have.
 */
static void
set_n_columns(Arguments *arguments, int n)
{
	if (n > FOREST_MAX_FEATURES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%d columns are too many for a forest", n),
				 errdetail("At most %d are supported.", FOREST_MAX_FEATURES)));
	arguments->values = MemoryContextAlloc(arguments->context,
										   Max(n, 1) * sizeof(Datum));
	arguments->nulls = MemoryContextAlloc(arguments->context,
										  Max(n, 1) * sizeof(bool));
	arguments->columns = MemoryContextAllocZero(arguments->context,
												Max(n, 1) * sizeof(ArgumentColumn));
	arguments->n_columns = n;
}

/* Sets up the form of one column an argument. */
static void
open_columns(Arguments *arguments, FunctionCallInfo fcinfo)
{
	arguments->shape = ARGUMENTS_COLUMNS;
	forget_columns(arguments);
	set_n_columns(arguments, PG_NARGS() - arguments->first);
	for (int i = 0; i < arguments->n_columns; i++)
	{
		ArgumentColumn *column = &arguments->columns[i];

		column->typid = argument_type(fcinfo, arguments->first + i);
		column->type = forest_type_of(column->typid);
	}
}

/*
 * Sets up the form of one value that holds a row's columns, of a base type;
 * false if values of the type do not.
 */
static bool
open_single(Arguments *arguments, Oid typid)
{
	if (!type_holds_row(typid))
		return false;
	if (typid == JSONBOID)
	{
		arguments->shape = ARGUMENTS_DOCUMENT;
		forget_columns(arguments);
		return true;
	}
	arguments->shape = ARGUMENTS_ARRAY;
	arguments->element_type = getBaseType(get_element_type(typid));
	get_typlenbyvalalign(arguments->element_type, &arguments->element_len,
						 &arguments->element_byval,
						 &arguments->element_align);
	return true;
}

/*
 * Looks at the call's arguments from number "first" on.  The result lives in
 * "context" and serves all rows of the call site.  Types that no feature can
 * have are left to the caller (column->type is 0).
 */
Arguments *
arguments_open(FunctionCallInfo fcinfo, int first, MemoryContext context)
{
	Arguments  *arguments = MemoryContextAllocZero(context, sizeof(*arguments));

	arguments->context = AllocSetContextCreate(context, "iforest columns",
											   ALLOCSET_SMALL_SIZES);
	arguments->first = first;
	if (PG_NARGS() == first + 1)
	{
		Oid			typid = argument_type(fcinfo, first);

		if (open_single(arguments, typid))
			return arguments;
		if (type_is_rowtype(typid))
		{
			arguments->shape = ARGUMENTS_ROW;
			arguments->is_row = true;
			arguments->row_context = AllocSetContextCreate(context,
														   "iforest row type",
														   ALLOCSET_SMALL_SIZES);
			return arguments;
		}
	}
	open_columns(arguments, fcinfo);
	return arguments;
}

/*
 * Whether a row has names to match by.  Those that ROW() makes up, f1, f2, ..,
 * are none, and nor are those of a row that Citus has fetched, where they are
 * empty.
 */
static bool
has_names(TupleDesc desc)
{
	bool		made_up = true;

	for (int i = 0; i < desc->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(desc, i)->attname);
		char		number[NAMEDATALEN];

		if (*name == '\0')
			return false;
		snprintf(number, sizeof(number), "f%d", i + 1);
		made_up &= strcmp(name, number) == 0;
	}
	return !made_up;
}

/*
 * Describes the columns of a row, which are those of its type; dropped ones
 * are none.
 */
static void
describe_columns(Arguments *arguments, const RowType *row)
{
	bool		named = row->type_id != RECORDOID || has_names(row->desc);
	int			n = 0;

	arguments->shape = ARGUMENTS_ROW;
	arguments->only = -1;
	forget_columns(arguments);
	set_n_columns(arguments, row->desc->natts);
	for (int i = 0; i < row->desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(row->desc, i);
		ArgumentColumn *column;

		if (attribute->attisdropped)
			continue;
		column = &arguments->columns[n++];
		column->typid = getBaseType(attribute->atttypid);
		column->type = forest_type_of(column->typid);
		column->name = named ?
			MemoryContextStrdup(arguments->context,
								NameStr(attribute->attname)) : NULL;
	}
	arguments->n_columns = n;
	arguments->attributes = arguments->values;
	arguments->attribute_nulls = arguments->nulls;
}

/*
 * Learns the columns of a row whose type was not seen before, or has changed.
 * An error on the way leaves the type unknown, not half known.
 */
static void
describe_row(Arguments *arguments, HeapTupleHeader header)
{
	MemoryContext context = arguments->row_context;
	RowType		row;
	int			only;

	/* learning looks into catalogs and so may fail */
	arguments->row.type_id = InvalidOid;
	MemoryContextReset(context);
	row_type_learn(&row, HeapTupleHeaderGetTypeId(header),
				   HeapTupleHeaderGetTypMod(header), context);
	only = row_type_holder(row.desc);
	if (only >= 0)
	{
		(void) open_single(arguments,
						   getBaseType(TupleDescAttr(row.desc, only)->atttypid));
		forget_columns(arguments);
		arguments->only = only;
		arguments->attributes =
			MemoryContextAlloc(context, row.desc->natts * sizeof(Datum));
		arguments->attribute_nulls =
			MemoryContextAlloc(context, row.desc->natts * sizeof(bool));
	}
	else
		describe_columns(arguments, &row);
	arguments->row = row;
}

/*
 * Takes a row apart: into columns, or into the one value that holds them,
 * which replaces *datum.  Returns false if that value is NULL.
 */
static bool
read_row(Arguments *arguments, Datum *datum)
{
	HeapTupleHeader header = row_header(*datum);
	int			n = 0;

	if (!row_type_is_of(&arguments->row, header))
		describe_row(arguments, header);
	row_type_deform(&arguments->row, header, arguments->attributes,
					arguments->attribute_nulls);
	if (arguments->only >= 0)
	{
		*datum = arguments->attributes[arguments->only];
		return !arguments->attribute_nulls[arguments->only];
	}
	/* values and attributes are one array; dropped ones leave gaps in it */
	if (arguments->n_columns == arguments->row.desc->natts)
		return true;
	for (int i = 0; i < arguments->row.desc->natts; i++)
	{
		if (TupleDescAttr(arguments->row.desc, i)->attisdropped)
			continue;
		arguments->values[n] = arguments->values[i];
		arguments->nulls[n++] = arguments->nulls[i];
	}
	return true;
}

/*
 * Takes an array apart into the columns' values, which need no memory but what
 * the array has; as deconstruct_array.
 */
static void
read_elements(const Arguments *arguments, ArrayType *array, int n)
{
	const uint8 *bitmap = ARR_NULLBITMAP(array);
	char	   *element = ARR_DATA_PTR(array);
	bool		by_value = arguments->element_byval;
	int			length = arguments->element_len;

	memset(arguments->nulls, false, n);
	if (bitmap == NULL && by_value && length == sizeof(int32))
	{
		for (int i = 0; i < n; i++)
			arguments->values[i] = Int32GetDatum(((const int32 *) element)[i]);
		return;
	}
	for (int i = 0; i < n; i++)
	{
		if (bitmap != NULL && (bitmap[i / BITS_PER_BYTE] &
							   (1 << (i % BITS_PER_BYTE))) == 0)
		{
			arguments->nulls[i] = true;
			arguments->values[i] = (Datum) 0;
			continue;
		}
		arguments->values[i] = fetch_att(element, by_value, length);
		element = att_addlength_pointer(element, length, element);
		element = (char *) att_align_nominal(element,
											 arguments->element_align);
	}
}

/*
 * Reads the elements of an array; they live in it, and it in the current
 * context.  An empty array has no dimension, and no columns.
 */
static void
read_array(Arguments *arguments, Datum datum)
{
	ArrayType  *array = DatumGetArrayTypeP(datum);
	int			n;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("array of features has %d dimensions, but must have one",
						ARR_NDIM(array))));
	n = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	if (n != arguments->n_columns || arguments->columns == NULL)
	{
		forget_columns(arguments);
		set_n_columns(arguments, n);
		for (int i = 0; i < n; i++)
		{
			arguments->columns[i].typid = arguments->element_type;
			arguments->columns[i].type =
				forest_type_of(arguments->element_type);
		}
	}
	arguments->reals = !arguments->takes_apart && !ARR_HASNULL(array) &&
		arguments->element_type == FLOAT4OID ?
		(const float4 *) ARR_DATA_PTR(array) : NULL;
	if (arguments->reals == NULL)
		read_elements(arguments, array, n);
}

/*
 * Reads the columns of the current row into arguments->values and nulls,
 * unless arguments->reals tells where they are; a document into
 * arguments->document.  Returns false if the call's one row,
 * array or document is NULL, or the document JSON's null.
 */
bool
arguments_read(Arguments *arguments, FunctionCallInfo fcinfo)
{
	Datum		datum;

	if (arguments->shape == ARGUMENTS_COLUMNS)
	{
		const NullableDatum *args = &fcinfo->args[arguments->first];

		for (int i = 0; i < arguments->n_columns; i++)
		{
			arguments->values[i] = args[i].value;
			arguments->nulls[i] = args[i].isnull;
		}
		return true;
	}
	if (PG_ARGISNULL(arguments->first))
		return false;
	datum = PG_GETARG_DATUM(arguments->first);
	if (arguments->is_row && !read_row(arguments, &datum))
		return false;
	if (arguments->shape == ARGUMENTS_ARRAY)
		read_array(arguments, datum);
	else if (arguments->shape == ARGUMENTS_DOCUMENT)
	{
		arguments->document = document_open(datum);
		return arguments->document != NULL;
	}
	return true;
}

/*
 * Makes n numbers of columns that have one type, NaN of NULL: number f is that
 * of column source[f], which is f of an array.  Returns whether some is not
 * missing.
 */
bool
arguments_numbers(const Arguments *arguments, ForestType type,
				  const uint32 *source, uint32 n, double *numbers)
{
	return arguments->reals != NULL ?
		numbers_from_reals(arguments->reals, n, numbers) :
		numbers_from_datums(type, arguments->values, arguments->nulls, source,
							n, numbers);
}

/*
 * What to call column i in a message: its name, or its position, counted from
 * 1; palloc'd.
 */
const char *
arguments_label(const Arguments *arguments, int i)
{
	if (arguments->columns[i].name != NULL)
		return psprintf("column \"%s\"", arguments->columns[i].name);
	return psprintf("%s %d",
					arguments->shape == ARGUMENTS_ARRAY ? "element" : "column",
					i + 1);
}

/*
 * What to do about a column whose type no feature can have, as errhint()
 * returns it; "training" where options of type jsonb may come before the
 * columns.
 */
static int
hint_unsupported_type(Oid typid, bool training)
{
	const char *array = type_form_array(typid);

	if (array != NULL)
		return errhint("Make an array of it, %s, and pass that alone: then its elements are the features.",
					   array);
	if (OidIsValid(get_element_type(typid)) || type_is_rowtype(typid))
		return errhint("Pass one row or one array alone, or its elements as columns.");
	if (typid == JSONBOID && training)
		return errhint("Options are of type jsonb and come first, before the columns; from a document beside others take values, (j->>'amount')::numeric.");
	if (typid == JSONOID && training)
		return errhint("Cast it to jsonb: options are of that type, and so is an object that is a row by name.");
	if (typid == JSONBOID)
		return errhint("Pass it alone, then an object is a row by name; or take values from it, (j->>'amount')::numeric.");
	if (typid == JSONOID)
		return errhint("Cast it to jsonb and pass it alone, then an object is a row by name; or take values from it, (j->>'amount')::numeric.");
	if (typid == BYTEAOID)
		return errhint("Decode it, or leave it out. A sketch stands alone, as one column behind the options; iforest_sketch_union unites sketches.");
	return errhint("Cast it to a number, a date or time, or text, or leave it out.");
}

/*
 * Reports a column whose type no feature can have: one to train on, where
 * options may come before it, or one that stands for a feature.
 */
void
report_unsupported_type(const char *label, Oid typid, bool training)
{
	if (typid == UNKNOWNOID)
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("%s is an untyped literal", label),
				 training ?
				 errhint("Cast it to the type that is meant; options are built with iforest_options() or cast to jsonb.") :
				 errhint("Cast it to the type that is meant.")));
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("%s has type %s, which a forest cannot use", label,
					format_type_be(typid)),
			 hint_unsupported_type(typid, training)));
}
