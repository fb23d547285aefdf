/*-------------------------------------------------------------------------
 *
 * options.h
 *	  Reading options from jsonb by a table that says what there is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_OPTIONS_H
#define IFOREST_OPTIONS_H

#include "iforest.h"

#include "utils/jsonb.h"

/* Training options, checked; what each means is in doc/iforest.md. */
typedef struct TrainOptions
{
	int64		n_trees;
	int64		sample_size;
	int64		max_depth;		/* -1: ceil(log2(sample_size)); 0: no limit */
	double		max_features;
	bool		bootstrap;
	double		contamination;
	int64		seed;
	bool		seed_given;
	int64		max_categories;
	int			n_names;		/* 0: take the columns' own names */
	char	  **names;
} TrainOptions;

extern void options_parse(Datum jsonb, TrainOptions *options);
extern void options_default(TrainOptions *options);
extern char *json_value_text(const JsonbValue *value);

typedef enum OptionKind
{
	OPTION_INTEGER,
	OPTION_SEED,
	OPTION_REAL,
	OPTION_BOOL,
	OPTION_NAMES,
	OPTION_TEXT,				/* a string or a number, as text */
	OPTION_COLOR,
	OPTION_OBJECT
} OptionKind;

typedef struct OptionSpec
{
	const char *name;
	OptionKind	kind;
	double		min;
	double		max;
	bool		open;			/* min itself is not allowed */
	size_t		offset;			/* in the struct of options */
} OptionSpec;

/* Options that belong together. */
typedef struct OptionTable
{
	const OptionSpec *specs;
	int			n;
	const char *example;		/* a call that builds some, for a hint */
	/* sets one in a struct of options from its value, which is not null */
	void		(*set) (const OptionSpec *spec, JsonbValue *value,
						void *options);
} OptionTable;

extern void options_read(Datum jsonb, const OptionTable *table,
						 void *options);
extern Datum options_build(FunctionCallInfo fcinfo, const OptionTable *table);
extern void option_text_length(const OptionSpec *spec, size_t len);
extern int64 option_integer(const OptionSpec *spec, const JsonbValue *value);
extern void option_names(const OptionSpec *spec, const JsonbValue *value,
						 int *n, char ***names);
extern void report_option_type(const OptionSpec *spec,
							   const JsonbValue *value, const char *wanted);

#endif							/* IFOREST_OPTIONS_H */
