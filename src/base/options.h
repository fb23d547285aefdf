/*-------------------------------------------------------------------------
 *
 * options.h
 *	  Lists of options: a table says what there is, one engine reads it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_OPTIONS_H
#define IFOREST_OPTIONS_H

#include "iforest.h"

#include "utils/jsonb.h"

/* What values an option takes, and the C type of the field that gets them. */
typedef enum OptionType
{
	OPTION_BOOL,				/* true or false: bool */
	OPTION_INTEGER,				/* an integer of a range: int64 */
	OPTION_REAL,				/* a number of a range: double */
	OPTION_STRING,				/* a string: char * */
	OPTION_TEXT,				/* a string, or a number as text: char * */
	OPTION_ENUM,				/* one of a few words, by number: int */
	OPTION_NAMES,				/* different, non-empty strings: OptionNames */
	OPTION_OBJECT				/* a JSON object: Jsonb * */
} OptionType;

/* The value of an option that is a list of names. */
typedef struct OptionNames
{
	int			n;
	char	  **names;
} OptionNames;

/*
 * An option.  Fields that its type has no use for are left out of the table,
 * and so zero.
 */
typedef struct OptionSpec
{
	const char *name;
	OptionType	type;
	size_t		offset;			/* of its value in the struct of options */
	double		min;			/* range of a number */
	double		max;
	bool		open;			/* min itself is not allowed */

	/*
	 * The value of a number, a bool or an enum that is not given.  Out of
	 * range (or NaN) it says just that; texts, names and objects that are not
	 * given are NULL or empty.
	 */
	double		default_value;
	const char *const *words;	/* of an enum, NULL behind the last */
	const char *help;			/* "\"name\" is HELP.", for hints */

	/*
	 * Offset of a bool that tells whether the option is given, for an integer
	 * of which no value can say that it is not; 0: there is none.
	 */
	size_t		given;
} OptionSpec;

/* What an option, or something near it, is called in other tools. */
typedef struct OptionAlias
{
	const char *theirs;			/* as option_alike compares names */
	const char *ours;			/* an option */
	const char *difference;		/* ", but ..", or NULL */
} OptionAlias;

/* Options that belong together. */
typedef struct OptionTable
{
	const OptionSpec *specs;
	int			n;
	size_t		size;			/* of the struct that their values fill */
	const char *argument;		/* what errors call the object as a whole */
	const char *of;				/* what they say behind an option's name */
	const char *example;		/* how to write some, for a hint */
	const OptionAlias *aliases; /* NULL theirs behind the last; or NULL */
} OptionTable;

/*
 * The offset of a struct's field, which the compiler refuses if the field is
 * not of the type that the option's values have.
 */
#define OPTION_IS_OF(options, field, type) \
	__builtin_types_compatible_p(__typeof__(((options *) NULL)->field), type)
#define OPTION_FIELD(options, field, type) \
	(offsetof(options, field) + \
	 0 * sizeof(char[OPTION_IS_OF(options, field, type) ? 1 : -1]))

extern void options_default(const OptionTable *table, void *options);
extern void options_read(const OptionTable *table, JsonbContainer *object,
						 void *options);
extern bool option_in_range(const OptionSpec *spec, double number);
extern void option_check_names(const OptionTable *table,
							   const OptionSpec *spec, int n);
extern void option_check_name(const OptionTable *table,
							  const OptionSpec *spec, int i,
							  const char *name, size_t len);
extern void option_check_text(const OptionTable *table,
							  const OptionSpec *spec, size_t len);

#endif							/* IFOREST_OPTIONS_H */
