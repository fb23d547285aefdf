/*-------------------------------------------------------------------------
 *
 * explain.c
 *	  Why a row scores as it does: iforest_explain.
 *
 * The contributions are exact Shapley values of the mean path length
 * (core/forest_explain.c; Shapley: A value for n-person games, 1953; for trees
 * Lundberg et al.: From local explanations to global understanding, 2020),
 * brought to the scale of the score: they add up to the row's score less the
 * model's expected score.
 *
 * A value's direction and what is usual are no part of that: they come from
 * the profile of the training rows, for people to see a contribution's reason.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "core/base/forest_pause.h"
#include "core/explain/forest_explain.h"
#include "core/explain/forest_explain_build.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "explain/expected.h"
#include "explain/explain.h"
#include "model/model.h"
#include "model/model_attach.h"
#include "model/model_score.h"
#include "row/feature_text.h"
#include "score/score_call.h"

/*
 * A category of fewer rows than this share is rare, if it also has fewer than
 * half of what it would have if all categories had the same.
 */
#define RARE_SHARE		0.05

static const char *const direction_names[] = {
	NULL, "high", "low", "rare", "missing", "unseen"
};

/* What a model keeps for explaining, built when first asked. */
struct ModelExplain
{
	ForestExplain explain;
	double	   *quantiles;		/* n_features x FOREST_QUANTILES; or NULL */
	uint32	   *category_rows;	/* with quantiles; per category */
	uint32	   *first_category; /* of each feature, in category_rows */
	double	   *known_rows;		/* of each feature, with any category */
	text	  **names;			/* of the features */
	text	  **bounds;			/* what is usual: two a feature, or NULL */
	text	   *directions[lengthof(direction_names)];	/* NULL for none */
	double	   *phi;			/* scratch */
	void	   *scratch;
};

/* Copies a model's profile, in the current context; none if it has none. */
static void
load_profile(const ForestView *view, ModelExplain *explain)
{
	uint32		d = view->summary.n_features;
	uint32		n = 0;

	if (view->curve_ends == NULL)
		return;
	explain->quantiles = palloc((Size) d * FOREST_QUANTILES * sizeof(double));
	explain->category_rows =
		palloc(Max(view->n_strings - d, 1) * sizeof(uint32));
	explain->first_category = palloc(d * sizeof(uint32));
	explain->known_rows = palloc0(d * sizeof(double));
	for (uint32 f = 0; f < d; f++)
	{
		for (uint32 i = 0; i < FOREST_QUANTILES; i++)
			explain->quantiles[(Size) f * FOREST_QUANTILES + i] =
				forest_view_quantile(view, f, i);
		explain->first_category[f] = n;
		for (uint32 i = forest_view_feature(view, f).n_categories; i > 0; i--)
		{
			forest_pause_at(n);
			explain->category_rows[n] = forest_view_category_rows(view, d + n);
			explain->known_rows[f] += explain->category_rows[n++];
		}
	}
}

/* A bound of what is usual as text, NULL if there is none. */
static text *
bound_as_text(const Model *model, const ModelExplain *explain, uint32 feature,
			  int i)
{
	ForestType	type = model->features[feature].type;
	double		bound;

	if (explain->quantiles == NULL || forest_type_is_category(type))
		return NULL;
	bound = explain->quantiles[(Size) feature * FOREST_QUANTILES + i];
	return isnan(bound) ? NULL :
		cstring_to_text(feature_value_text(type, bound));
}

/* Makes the texts that are the same for every row. */
static void
load_texts(const Model *model, ModelExplain *explain)
{
	uint32		d = model->summary.n_features;

	explain->names = palloc(d * sizeof(text *));
	explain->bounds = palloc(2 * (Size) d * sizeof(text *));
	for (uint32 f = 0; f < d; f++)
	{
		CHECK_FOR_INTERRUPTS();
		explain->names[f] = cstring_to_text(model->features[f].name);
		explain->bounds[2 * f] = bound_as_text(model, explain, f,
											   EXPLAIN_LOW);
		explain->bounds[2 * f + 1] = bound_as_text(model, explain, f,
												   EXPLAIN_HIGH);
	}
	for (uint32 i = 0; i < lengthof(direction_names); i++)
		explain->directions[i] = direction_names[i] == NULL ? NULL :
			cstring_to_text(direction_names[i]);
}

/* Memory of a size that the core asked for; the core aligns within. */
static void *
allocate(uint64 size)
{
	if (size > MaxAllocHugeSize)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("iforest model is too large to explain")));
	return palloc_extended(Max(size, 8), MCXT_ALLOC_HUGE);
}

/* Builds what explaining takes, in the current context. */
static void *
build_explain(Model *model, const ForestView *view)
{
	ModelExplain *explain = palloc0(sizeof(*explain));
	void	   *temporary = allocate(forest_explain_plan_size(view));
	ForestExplainPlan plan;

	forest_explain_plan(view, &model->walk, temporary, &plan);
	forest_explain_build(view, &model->walk, &plan, allocate(plan.size),
						 temporary, &explain->explain);
	pfree(temporary);
	explain->phi = palloc(model->summary.n_features * sizeof(double));
	explain->scratch = allocate(forest_explain_scratch_size(&explain->explain));
	load_profile(view, explain);
	load_texts(model, explain);
	return explain;
}

static const ModelPart explain_part = {"explanation", build_explain};

/* Quantile i / 40 of a feature; NaN if the model has no profile. */
double
explained_quantile(const Explanation *e, uint32 feature, int i)
{
	return e->explain->quantiles == NULL ? NAN :
		e->explain->quantiles[(Size) feature * FOREST_QUANTILES + i];
}

/*
 * What share of a feature's rows the row's category has, one that the model
 * knows; in *even, what it would be if all categories had the same.  NaN if
 * the model has no profile.
 */
double
explained_share(const Explanation *e, uint32 feature, double *even)
{
	const ModelExplain *explain = e->explain;
	const Model *model = e->row.model;

	*even = 1.0 / model->features[feature].n_categories;
	if (explain->category_rows == NULL)
		return NAN;
	return explain->category_rows[explain->first_category[feature] +
								  (uint32) model->row[feature]] /
		Max(explain->known_rows[feature], 1);
}

/*
 * Whether few rows have the row's category, as categories of a feature go: of
 * two categories one in fifty is rare, of a hundred one in fifty is common.
 */
static bool
is_rare(const Explanation *e, uint32 feature)
{
	double		even;
	double		share = explained_share(e, feature, &even);

	return share < Min(RARE_SHARE, even / 2);
}

/*
 * What is unusual about the row's value of a feature; nothing of one that
 * makes the row more usual.
 */
static Direction
find_direction(const Explanation *e, uint32 feature, double contribution)
{
	const Model *model = e->row.model;
	double		value = model->row[feature];

	if (contribution <= 0)
		return DIRECTION_NONE;
	if (isnan(value))
		return DIRECTION_MISSING;
	if (forest_type_is_category(model->features[feature].type))
	{
		if (value >= model->features[feature].n_categories)
			return DIRECTION_UNSEEN;
		return is_rare(e, feature) ? DIRECTION_RARE : DIRECTION_NONE;
	}
	if (e->explain->quantiles == NULL)
		return DIRECTION_NONE;
	return value < explained_quantile(e, feature, FOREST_MEDIAN) ?
		DIRECTION_LOW : DIRECTION_HIGH;
}

/* Most blamed first; the model's order among equals. */
static inline int
compare_blames(const Blame *x, const Blame *y)
{
	if (x->contribution != y->contribution)
		return x->contribution < y->contribution ? 1 : -1;
	return (x->feature > y->feature) - (x->feature < y->feature);
}

/* The server's sort with the comparison compiled in, which halves its time. */
#define ST_SORT sort_blames
#define ST_ELEMENT_TYPE Blame
#define ST_COMPARE(x, y) compare_blames(x, y)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Prepares for explaining rows of the model "datum"; *e has none yet.
 */
void
explain_open(Model *model, Datum datum, Explanation *e)
{
	*e = (Explanation) {.row.model = model, .n = model->summary.n_features};
	e->explain = model_attached(model, datum, &explain_part);
}

/*
 * What each feature adds to the path length of a row of the model's features;
 * valid until the next row.
 */
const double *
explain_lengths(const Explanation *e, const double *row)
{
	const ModelExplain *explain = e->explain;

	forest_explain(&explain->explain, kernel_chosen(), &e->row.model->walk,
				   row, explain->phi, explain->scratch);
	return explain->phi;
}

/*
 * The category of a feature at a share, 0 .. 1, of the rows that have one, in
 * the order of codes; NaN if the model does not tell.
 */
double
explained_category_at(const Explanation *e, uint32 feature, double share)
{
	const ModelExplain *explain = e->explain;
	uint32		n = e->row.model->features[feature].n_categories;
	double		left;

	if (explain->category_rows == NULL || n == 0)
		return NAN;
	left = share * explain->known_rows[feature];
	for (uint32 code = 0; code + 1 < n; code++)
	{
		forest_pause_at(code);
		left -= explain->category_rows[explain->first_category[feature] + code];
		if (left < 0)
			return code;
	}
	return n - 1;
}

/*
 * Explains the row of a call of (model, .., VARIADIC "any"), whose columns
 * begin at argument "first"; false for a NULL model and a row without any
 * value.
 */
bool
explain_row(FunctionCallInfo fcinfo, int first, Explanation *e)
{
	const ModelExplain *explain;
	Model	   *model;
	double		expected;
	double		length;

	if (PG_ARGISNULL(0) || !score_row(fcinfo, 0, first, &e->row))
		return false;
	model = e->row.model;
	explain = e->explain = model_attached(model, PG_GETARG_DATUM(0),
										  &explain_part);
	e->n = model->summary.n_features;
	(void) explain_lengths(e, model->row);
	/*
	 * contributions are of path lengths; the score is no linear function of
	 * those
	 */
	length = expected = forest_explain_expected(&explain->explain);
	for (uint32 f = 0; f < e->n; f++)
		length += explain->phi[f];
	forest_explain_to_score(explain->phi, e->n, expected, length);

	e->blames = palloc(e->n * sizeof(Blame));
	for (uint32 f = 0; f < e->n; f++)
	{
		e->blames[f].feature = f;
		e->blames[f].contribution = explain->phi[f] + 0.0;	/* no -0 */
		e->blames[f].direction = find_direction(e, f, explain->phi[f]);
	}
	sort_blames(e->blames, e->n);
	return true;
}

/*
 * The row's value of a feature as text; NULL if it is missing.  A number's is
 * written to "buffer", which has room for FEATURE_TEXT_SIZE bytes of data.
 */
static text *
explained_text(const Explanation *e, uint32 feature, text *buffer)
{
	const Model *model = e->row.model;
	ForestType	type = model->features[feature].type;
	ForestString category;

	if (isnan(model->row[feature]))
		return NULL;
	if (forest_type_is_category(type))
	{
		category = scored_category(&e->row, feature);
		return cstring_to_text_with_len(category.bytes, (int) category.len);
	}
	feature_write_value(type, model->row[feature], VARDATA(buffer));
	SET_VARSIZE(buffer, VARHDRSZ + strlen(VARDATA(buffer)));
	return buffer;
}

/* The same as a string, palloc'd. */
char *
explained_value(const Explanation *e, uint32 feature)
{
	text	   *value = explained_text(e, feature, palloc(VARHDRSZ +
														  FEATURE_TEXT_SIZE));

	return value == NULL ? NULL : text_to_cstring(value);
}

/* The share of all kept rows that have the row's category, "2.5 %". */
char *
explained_share_text(const Explanation *e, uint32 feature)
{
	const ModelExplain *explain = e->explain;
	const Model *model = e->row.model;
	double		value = model->row[feature];
	double		rows = value >= model->features[feature].n_categories ? 0 :
		explain->category_rows[explain->first_category[feature] +
							   (uint32) value];
	double		percent = 100.0 * rows /
		(double) Max(model->summary.rows_kept, 1);

	return psprintf(percent > 0 && percent < 0.1 ? "%.2g %%" : "%.1f %%",
					percent);
}

/*
 * What is usual: the 5 and 95 % quantiles of a number; the share of the rows
 * that have this category, and no upper bound.
 */
static void
usual_text(const Explanation *e, uint32 feature, text **low, text **high)
{
	const Model *model = e->row.model;
	double		value = model->row[feature];

	*low = e->explain->bounds[2 * feature];
	*high = e->explain->bounds[2 * feature + 1];
	if (forest_type_is_category(model->features[feature].type) &&
		e->explain->category_rows != NULL && !isnan(value))
		*low = cstring_to_text(explained_share_text(e, feature));
}

/* Sets a text column of a result row; NULL if there is none. */
static void
set_text(Datum *values, bool *nulls, int i, const text *value)
{
	nulls[i] = value == NULL;
	values[i] = PointerGetDatum(value);
}

/*
 * The rows of an explanation, one a feature, into a call's result; with what
 * was expected of each if that is wanted.
 */
static void
put_explanation(FunctionCallInfo fcinfo, const Explanation *e,
				bool with_expected)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	text	   *buffer = palloc(VARHDRSZ + FEATURE_TEXT_SIZE);
	text	   *buffer_expected = palloc(VARHDRSZ + FEATURE_TEXT_SIZE);
	Expected	expected;

	if (with_expected)
		expected_begin(&expected, &e->row, PG_GETARG_DATUM(0),
					   e->explain->quantiles != NULL);
	for (uint32 i = 0; i < e->n; i++)
	{
		const Blame *blame = &e->blames[i];
		Datum		values[7];
		bool		nulls[7] = {false};
		text	   *low;
		text	   *high;

		usual_text(e, blame->feature, &low, &high);
		set_text(values, nulls, 0, e->explain->names[blame->feature]);
		set_text(values, nulls, 1, explained_text(e, blame->feature, buffer));
		values[2] = Float8GetDatum(blame->contribution);
		set_text(values, nulls, 3, e->explain->directions[blame->direction]);
		set_text(values, nulls, 4, low);
		set_text(values, nulls, 5, high);
		set_text(values, nulls, 6, !with_expected ? NULL :
				 expected_text(&expected, blame->feature, buffer_expected));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

PG_FUNCTION_INFO_V1(iforest_explain);
/*
 * iforest_explain(model bytea, VARIADIC "any") ->
 *		TABLE(feature, value, contribution, direction, usual_low, usual_high,
 *			  expected)
 *
 * A row a feature, most blamed first.  No rows where the score is NULL.
 */
Datum
iforest_explain(PG_FUNCTION_ARGS)
{
	Explanation e;

	InitMaterializedSRF(fcinfo, 0);
	if (explain_row(fcinfo, 1, &e))
		put_explanation(fcinfo, &e, true);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(iforest_explain_brief);
/*
 * The same without what was expected, which is NULL: what the planner calls
 * where nobody looks at that.
 */
Datum
iforest_explain_brief(PG_FUNCTION_ARGS)
{
	Explanation e;

	InitMaterializedSRF(fcinfo, 0);
	if (explain_row(fcinfo, 1, &e))
		put_explanation(fcinfo, &e, false);
	return (Datum) 0;
}
