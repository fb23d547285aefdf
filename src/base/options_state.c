/*-------------------------------------------------------------------------
 *
 * options_state.c
 *	  Options in the state of an aggregate: a copy of them, and their bytes.
 *
 * A state outlives the call that read its options, and goes from a worker of a
 * parallel plan to the leader as bytes.  Both go by the table, so that a new
 * option is not forgotten in either.
 *
 * The bytes are never stored: both ends run the same library in the same
 * query.  They are checked all the same, since deserialize functions are SQL
 * functions with a bytea argument; what is read here is within the table's
 * ranges, or an error.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "base/options.h"
#include "base/options_state.h"
#include "base/state_bytes.h"

/* Copies a text, or NULL, into a context. */
static char *
copy_text(const char *text, MemoryContext context)
{
	return text == NULL ? NULL : MemoryContextStrdup(context, text);
}

/* Copies names into a context. */
static OptionNames
copy_names(const OptionNames *names, MemoryContext context)
{
	OptionNames copy;

	copy.n = names->n;
	copy.names = MemoryContextAlloc(context, Max(copy.n, 1) * sizeof(char *));
	for (int i = 0; i < copy.n; i++)
		copy.names[i] = copy_text(names->names[i], context);
	return copy;
}

/* Copies a document, or NULL, into a context. */
static Jsonb *
copy_object(const Jsonb *object, MemoryContext context)
{
	Jsonb	   *copy;

	if (object == NULL)
		return NULL;
	copy = MemoryContextAlloc(context, VARSIZE(object));
	memcpy(copy, object, VARSIZE(object));
	return copy;
}

/*
 * Copies options, with all that they point to, into a context, for a state
 * that outlives them; "copy" has room for table->size bytes.
 */
void
options_copy(const OptionTable *table, const void *options,
			 MemoryContext context, void *copy)
{
	memcpy(copy, options, table->size);
	for (int i = 0; i < table->n; i++)
	{
		const OptionSpec *spec = &table->specs[i];
		const char *from = (const char *) options + spec->offset;
		char	   *to = (char *) copy + spec->offset;

		if (spec->type == OPTION_STRING || spec->type == OPTION_TEXT)
			*(char **) to = copy_text(*(char *const *) from, context);
		else if (spec->type == OPTION_NAMES)
			*(OptionNames *) to = copy_names((const OptionNames *) from,
											 context);
		else if (spec->type == OPTION_OBJECT)
			*(Jsonb **) to = copy_object(*(Jsonb *const *) from, context);
	}
}

/* Appends a text, or that there is none. */
static void
send_text(StringInfo buf, const char *text)
{
	pq_sendbyte(buf, text != NULL);
	if (text != NULL)
		state_send_string(buf, text, strlen(text));
}

/*
 * Appends the value of one option, in network byte order as all libpq messages
 * have it.  Objects are an error: no aggregate's options have one.
 */
static void
send_value(StringInfo buf, const OptionSpec *spec, const char *field)
{
	const OptionNames *names = (const OptionNames *) field;

	switch (spec->type)
	{
		case OPTION_BOOL:
			pq_sendbyte(buf, *(const bool *) field);
			break;
		case OPTION_INTEGER:
			pq_sendint64(buf, *(const int64 *) field);
			break;
		case OPTION_REAL:
			pq_sendfloat8(buf, *(const double *) field);
			break;
		case OPTION_STRING:
		case OPTION_TEXT:
			send_text(buf, *(char *const *) field);
			break;
		case OPTION_ENUM:
			pq_sendint32(buf, *(const int *) field);
			break;
		case OPTION_NAMES:
			pq_sendint32(buf, names->n);
			for (int i = 0; i < names->n; i++)
				state_send_string(buf, names->names[i],
								  strlen(names->names[i]));
			break;
		case OPTION_OBJECT:
			elog(ERROR, "option \"%s\" does not go into states", spec->name);
	}
}

/*
 * Appends the options of a state, in the order of the table, with their number
 * before them.
 */
void
options_send(const OptionTable *table, const void *options, StringInfo buf)
{
	pq_sendint32(buf, table->n);
	for (int i = 0; i < table->n; i++)
	{
		const OptionSpec *spec = &table->specs[i];

		if (spec->given != 0)
			pq_sendbyte(buf, *((const bool *) options + spec->given));
		send_value(buf, spec, (const char *) options + spec->offset);
	}
}

/* Reads a byte that is 0 or 1. */
static bool
receive_bool(StringInfo buf)
{
	int			byte = pq_getmsgbyte(buf);

	if (byte > 1)
		state_report_bad();
	return byte == 1;
}

/*
 * Reads a text that an option may have, palloc'd, or NULL. It has no zero byte
 * in it: whoever used it as a C string would see another one.
 */
static char *
receive_text(StringInfo buf)
{
	uint32		len;
	char	   *text;

	if (!receive_bool(buf))
		return NULL;
	text = state_receive_string(buf, CurrentMemoryContext, &len);
	if (len > FOREST_MAX_STRING || strlen(text) != len)
		state_report_bad();
	return text;
}

/* Reads names that an option may have, palloc'd. */
static OptionNames
receive_names(StringInfo buf)
{
	OptionNames names;
	uint32		len;

	names.n = (int) state_receive_count(buf, FOREST_MAX_FEATURES, 4);
	names.names = palloc(Max(names.n, 1) * sizeof(char *));
	for (int i = 0; i < names.n; i++)
		names.names[i] = state_receive_string(buf, CurrentMemoryContext, &len);
	return names;
}

/* Whether a word of an enum has this number. */
static bool
is_word(const OptionSpec *spec, int number)
{
	for (int i = 0; spec->words[i] != NULL; i++)
	{
		if (i == number)
			return true;
	}
	return false;
}

/*
 * Reports a number that an option can neither be given nor has if it is not
 * given.
 */
static void
check_number(const OptionSpec *spec, double number)
{
	if (!option_in_range(spec, number) && number != spec->default_value &&
		!(isnan(number) && isnan(spec->default_value)))
		state_report_bad();
}

/* Reads the value of one option; it is one that the option may have. */
static void
receive_value(StringInfo buf, const OptionSpec *spec, char *field)
{
	switch (spec->type)
	{
		case OPTION_BOOL:
			*(bool *) field = receive_bool(buf);
			break;
		case OPTION_INTEGER:
			*(int64 *) field = pq_getmsgint64(buf);
			check_number(spec, (double) *(int64 *) field);
			break;
		case OPTION_REAL:
			*(double *) field = pq_getmsgfloat8(buf);
			check_number(spec, *(double *) field);
			break;
		case OPTION_STRING:
		case OPTION_TEXT:
			*(char **) field = receive_text(buf);
			break;
		case OPTION_ENUM:
			*(int *) field = (int) pq_getmsgint(buf, 4);
			if (*(int *) field != (int) spec->default_value &&
				!is_word(spec, *(int *) field))
				state_report_bad();
			break;
		case OPTION_NAMES:
			*(OptionNames *) field = receive_names(buf);
			break;
		case OPTION_OBJECT:
			state_report_bad();
	}
}

/*
 * Reads what options_send appended; bytes that it cannot have written are an
 * error.  What the options point to is palloc'd in the current context.
 */
void
options_receive(const OptionTable *table, StringInfo buf, void *options)
{
	options_default(table, options);
	if (pq_getmsgint(buf, 4) != (uint32) table->n)
		state_report_bad();
	for (int i = 0; i < table->n; i++)
	{
		const OptionSpec *spec = &table->specs[i];

		if (spec->given != 0)
			*((bool *) options + spec->given) = receive_bool(buf);
		receive_value(buf, spec, (char *) options + spec->offset);
	}
}
