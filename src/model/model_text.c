/*-------------------------------------------------------------------------
 *
 * model_text.c
 *	  Text in models, and in databases of whatever encoding.
 *
 * Names and categories are UTF-8 in every model, so that one means the same
 * wherever it is used, and one training makes the same model in databases of
 * different encodings.  They are converted when a model is written and when
 * it is loaded or shown, not row by row.
 *
 * A database in SQL_ASCII says nothing about its text: it goes into models
 * and comes out of them as it is.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "catalog/pg_conversion.h"
#include "catalog/pg_namespace.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/format/forest_model.h"
#include "model/model_text.h"

/*
 * A string that is the same in UTF-8 and every encoding of a database: most
 * are, and need no conversion.  A zero byte is text nowhere.
 */
static bool
is_ascii(ForestString string)
{
	for (uint32 i = 0; i < string.len; i++)
	{
		if (IS_HIGHBIT_SET(string.bytes[i]) || string.bytes[i] == '\0')
			return false;
	}
	return true;
}

/* Whether a string is text in an encoding. */
static bool
is_text(int encoding, ForestString string)
{
	return pg_verify_mbstr(encoding, string.bytes, (int) string.len, true);
}

/*
 * Converts text between two encodings, into the current context.  What has no
 * equivalent there is an error, or with "quietly" makes the result false.
 * Conversions are those of the server, not what the search_path would have.
 */
static bool
convert(ForestString from, int source, int target, bool quietly,
		ForestString *result)
{
	Oid			conversion = FindDefaultConversion(PG_CATALOG_NAMESPACE,
												   source, target);
	Size		size = (Size) from.len * MAX_CONVERSION_GROWTH + 2;
	char	   *bytes;
	int			done;

	if (size > MaxAllocSize || !OidIsValid(conversion))
	{
		if (quietly)
			return false;
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("text of %u bytes cannot be converted from %s to %s",
						from.len, pg_encoding_to_char(source),
						pg_encoding_to_char(target))));
	}
	bytes = palloc(size);
	done = pg_do_encoding_conversion_buf(conversion, source, target,
										 (unsigned char *) from.bytes,
										 (int) from.len,
										 (unsigned char *) bytes, (int) size,
										 quietly);
	result->bytes = bytes;
	result->len = (uint32) strlen(bytes);
	return done == (int) from.len;
}

/*
 * A text of this database as models have it.  Text that UTF-8 has no
 * characters for is an error.
 */
ForestString
model_string(ForestString here)
{
	int			encoding = GetDatabaseEncoding();
	ForestString string = here;

	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII && !is_ascii(here))
		(void) convert(here, encoding, PG_UTF8, false, &string);
	return string;
}

/*
 * A string of a model as this database has it, in the model's bytes or in the
 * current context; false if it cannot be text here.  Models come from
 * anywhere: a string that is no UTF-8 was made where the encoding was not
 * known, and is taken for text as it is.
 */
bool
model_string_here(ForestString string, ForestString *here)
{
	int			encoding = GetDatabaseEncoding();

	*here = string;
	if (is_ascii(string))
		return true;
	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII &&
		is_text(PG_UTF8, string))
		return convert(string, PG_UTF8, encoding, true, here);
	return is_text(encoding, string);
}

/*
 * A string of a model, palloc'd.  What is no text in this database's encoding
 * is shown as hexadecimal bytes.
 */
char *
model_string_text(ForestString string)
{
	ForestString here;
	char	   *s;

	if (model_string_here(string, &here))
		return pnstrdup(here.bytes, here.len);
	s = palloc(2 * (Size) string.len + 3);
	strcpy(s, "\\x");
	s[2 + hex_encode(string.bytes, string.len, s + 2)] = '\0';
	return s;
}

/* Reports a string of "what", a model, that cannot be text in this database. */
void
report_untranslatable(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
			 errmsg("iforest %s has a name or category that is not text in this database's encoding, %s",
					what, GetDatabaseEncodingName()),
			 errhint("Use the %s in a database whose encoding has all of its characters, such as UTF8.",
					 what)));
}

/* A string of a model, palloc'd, or an error if it is no text here. */
char *
model_string_exact(ForestString string)
{
	ForestString here;

	if (!model_string_here(string, &here))
		report_untranslatable("model");
	return pnstrdup(here.bytes, here.len);
}
