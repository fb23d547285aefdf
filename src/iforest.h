/*-------------------------------------------------------------------------
 *
 * iforest.h
 *	  What the files of the SQL side share.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_H
#define IFOREST_H

#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "fmgr.h"
#include "utils/array.h"

#include "compat.h"
#include "forest.h"
#include "forest_blocks.h"
#include "row_type.h"

/* ---- errors.c ---- */

pg_noreturn extern void report_model_fault(ForestStatus status,
										   const ForestFault *fault);
pg_noreturn extern void report_changed_model(void);

/* ---- options.c ---- */

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

/* ---- types.c: SQL values as numbers and categories ---- */

extern ForestType forest_type_of(Oid typid);
extern const char *forest_type_name(uint32 type);
extern bool forest_types_agree(uint32 a, uint32 b);
extern double number_from_other(ForestType type, Datum value);
extern ForestString category_from_datum(ForestType type, Datum value);
extern char *char_from_category(const char *category);

/*
 * The number that a value of a numeric type stands for; NaN is a missing
 * value.  Times are microseconds, dates days.  Integers beyond 2^53 are
 * rounded to a double.
 */
static inline double
number_from_datum(ForestType type, Datum value)
{
	return type == FOREST_FLOAT8 ? DatumGetFloat8(value) :
		number_from_other(type, value);
}

/* ---- arguments.c: columns, a row or an array as features ---- */

typedef enum ArgumentShape
{
	ARGUMENTS_COLUMNS,
	ARGUMENTS_ROW,
	ARGUMENTS_ARRAY
} ArgumentShape;

/* One column that a call offers. */
typedef struct ArgumentColumn
{
	Oid			typid;			/* base type */
	ForestType	type;			/* 0 if no feature can have it */
	char	   *name;			/* NULL if it has none */
} ArgumentColumn;

/*
 * The arguments of one call site, from number "first" on.  After
 * arguments_read, values and nulls hold one row's columns.
 */
typedef struct Arguments
{
	MemoryContext context;		/* what depends on the columns lives here */
	ArgumentShape shape;
	int			first;
	int			n_columns;
	ArgumentColumn *columns;
	Datum	   *values;
	bool	   *nulls;
	uint64		version;		/* changes when n_columns or columns do */

	RowType		row;			/* of a row; type_id is 0 before the first */

	/* an array's elements */
	Oid			element_type;
	int16		element_len;
	bool		element_byval;
	char		element_align;
} Arguments;

extern Arguments *arguments_open(FunctionCallInfo fcinfo, int first,
								 MemoryContext context);
extern bool arguments_read(Arguments *arguments, FunctionCallInfo fcinfo);
extern void arguments_name_columns(Arguments *arguments,
								   FunctionCallInfo fcinfo);
extern const char *arguments_label(const Arguments *arguments, int i);
pg_noreturn extern void report_unsupported_type(const char *label, Oid typid,
												bool training);

/* ---- names.c ---- */

extern const char *repeated_name(char *const *names, uint32 n);

/* ---- categories.c ---- */

typedef struct CategoryTable CategoryTable;

extern CategoryTable *categories_create(MemoryContext context,
										uint32 n_features);
extern void categories_reserve(CategoryTable *table, uint32 feature,
							   uint32 n);
extern int32 categories_find(const CategoryTable *table, uint32 feature,
							 ForestString bytes);
extern void categories_add(CategoryTable *table, uint32 feature,
						   ForestString bytes, uint32 code);
extern void categories_remove(CategoryTable *table, uint32 feature,
							  ForestString bytes);

/* ---- train_state.c: the transition state of iforest_train ---- */

/* A category in use by a kept row. */
typedef struct TrainCategory
{
	ForestString bytes;			/* bytes is NULL: the code is free */
	uint32		rows;			/* kept rows that have it */
} TrainCategory;

typedef struct TrainFeature
{
	char	   *name;
	ForestType	type;
	/* of a category */
	uint32		n_codes;		/* codes ever given out */
	uint32		n_used;			/* of these, in use */
	uint32		max_codes;		/* room in codes */
	uint32		first_free;		/* no code below it is free */
	TrainCategory *codes;
} TrainFeature;

typedef struct TrainState
{
	MemoryContext context;		/* the aggregate's */
	TrainOptions options;
	uint32		n_features;		/* 0 until the first row that has columns */
	TrainFeature *features;
	CategoryTable *categories;	/* NULL without categorical features */
	uint64		category_bytes; /* of all categories in use */
	ForestSample sample;
	double	   *rows;			/* sample.allocated x n_features */
} TrainState;

extern TrainState *train_state_create(MemoryContext context,
									  const TrainOptions *options,
									  bool partial);
extern void train_state_define(TrainState *state, uint32 n_features,
							   const ArgumentColumn *columns);
extern double train_state_code(TrainState *state, uint32 feature,
							   ForestString bytes);
extern void train_state_place(TrainState *state, uint64 key,
							  const double *row);
extern void train_state_merge(TrainState *state, const TrainState *other);

/* ---- state_bytes.c: states of aggregates as bytes ---- */

pg_noreturn extern void state_report_bad(void);
extern void state_send_string(struct StringInfoData *buf, const char *bytes,
							  uint32 len);
extern void state_send_array(struct StringInfoData *buf, const void *bytes,
							 Size n);
extern uint32 state_receive_count(struct StringInfoData *buf, uint32 max,
								  size_t size);
extern char *state_receive_string(struct StringInfoData *buf,
								  MemoryContext context, uint32 *len);
extern void *state_receive_array(struct StringInfoData *buf,
								 MemoryContext context, uint64 n, size_t size);

/* ---- train_serial.c ---- */

extern bytea *train_state_serialize(const TrainState *state);
extern TrainState *train_state_deserialize(bytea *bytes,
										   MemoryContext context);

/* ---- train_model.c ---- */

extern bytea *train_model(const TrainState *state);

/* ---- model_parts.c: growing arrays of a model in the making ---- */

typedef struct ModelParts
{
	ForestParts parts;			/* its pointers are those below */
	uint32	   *tree_nodes;
	uint16	   *nodes;
	double	   *cuts;
	uint32	   *leaves;
	uint16	   *sets;
	uint64		max_tree_nodes;
	uint64		max_nodes;
	uint64		max_cuts;
	uint64		max_leaves;
	uint64		max_sets;
} ModelParts;

extern void model_parts_reserve(ModelParts *model, uint64 trees, uint64 nodes,
								uint64 cuts, uint64 leaves, uint64 sets);
extern bytea *model_parts_write(ModelParts *model);

/* ---- model_load.c ---- */

typedef struct ModelFeature
{
	char	   *name;
	ForestType	type;
	uint32		n_categories;
} ModelFeature;

/* A model ready for scoring. */
typedef struct Model
{
	MemoryContext context;
	uint8		digest[FOREST_DIGEST_SIZE]; /* of its bytes */
	ForestSummary summary;
	ModelFeature *features;
	CategoryTable *categories;	/* NULL without categorical features */
	ForestWalk	walk;
	ForestBlocks blocks;
	bool		has_blocks;		/* else the forest has only the walk */
	ForestCalibration calibration;	/* n_rows is 0 if there is none */
	int64		outlier_limit;	/* sums below it are outliers' */
	double	   *row;			/* scratch: one row's features */
	void	   *scratch;		/* of the kernel */
	struct varlena *source;		/* model_cache.c's: the value it came as */
	struct ModelExplain *explain;	/* explain.c's; NULL until needed */
	bytea	   *drift;			/* drift_state.c's; NULL until needed */
	struct ModelDensity *density;	/* density.c's; NULL until needed */
} Model;

typedef struct ModelExplain ModelExplain;

extern Model *model_load(const ForestView *view);

/* ---- model_cache.c ---- */

/* What a model is known by without reading it. */
typedef struct ModelKey
{
	uint64		length;			/* of the model; 0 for a TOAST pointer */
	uint8		bytes[FOREST_DIGEST_SIZE];	/* its digest, or the pointer */
} ModelKey;

extern int	model_cache_size;	/* setting, in kB */

extern void model_cache_init(void);
extern void model_cache_assign(int size_kb, void *extra);
extern void model_key(Datum datum, ModelKey *key);
extern bool model_came_as(const Model *model, Datum datum);
extern Model *model_cache_get(Datum datum, const ModelKey *key);
extern uint64 model_cache_generation(void);
extern void model_cache_resize(const Model *model);

/* ---- model_score.c ---- */

extern int	kernel_setting;		/* setting: a ForestKernel */

extern ForestKernel kernel_chosen(void);
extern void model_build_kernel(Model *model);
extern int64 model_sum(const Model *model);
extern Size model_sums_size(const Model *model);
extern void model_sums(const Model *model, const double *rows, uint32 n,
					   int64 *sums, void *scratch);
extern double model_score(const Model *model);
extern double model_length(const Model *model);
extern uint64 model_deviation(const Model *model, int64 sum);
extern double model_spread(uint64 deviations, uint64 n);
extern bool model_sum_below(const Model *model, int64 limit);
extern double model_cut_score(const Model *model, double contamination);

/* ---- calibrate.c ---- */

extern bytea *calibrate_model(const ForestView *view, const bytea *bytes,
							  ForestPair *masses, uint32 n, double spread);

/* ---- merge_summary.c ---- */

extern bytea *merge_summaries(const ForestView *const *views, int n_views,
							  uint32 n_repeated, bytea *bytes);

/* ---- merge_repeats.c ---- */

extern uint32 merge_repeated_trees(const ForestView *const *views,
								   int n_views);
extern void merge_warn(const ForestView *const *views, int n_views,
					   uint32 n_repeated);

/* ---- train_profile.c ---- */

/*
 * Rows that the middle of a curve is made of; ranks are then right to half a
 * percent.  Of more, its tails are made of all.
 */
#define PROFILE_ROWS	4096

extern void train_curves(const TrainState *state, const double *rows,
						 const ForestFeature *features, ForestParts *parts);
extern uint32 *train_category_rows(const TrainState *state,
								   const double *rows,
								   const uint32 *n_categories);
extern bool merge_curves(const ForestView *const *views, int n_views,
						 ForestParts *parts);

/* ---- train_calibrate.c ---- */

extern bytea *train_calibrate(bytea *bytes, const double *rows,
							  const TrainState *state,
							  const ForestGroup *group);

/* ---- model_bytes.c ---- */

extern bytea *model_open(Datum datum, ForestView *view);
extern bytea *model_open_again(Datum datum, const Model *model,
							   ForestView *view);

/* ---- train_watch.c ---- */

extern bool train_watched;		/* whether train_watch_row wants the rows */

extern void train_watch_row(void);

/* ---- module.c ---- */

extern void _PG_init(void);

#endif							/* IFOREST_H */
