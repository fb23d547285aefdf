/*-------------------------------------------------------------------------
 *
 * forest_summary.c
 *	  The summary of a model as bytes: written, read, checked.
 *
 * The options in it are those of a table, forest_kept_options(); sizes,
 * counts of rows and the seed are not options of that kind and have their
 * lines here.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>
#include <string.h>

#include "core/base/forest_bytes.h"
#include "core/format/forest_summary.h"

/* Where in the section all that is no kept option is; u32, if not said. */
#define AT_N_FEATURES	0
#define AT_N_TREES		4
#define AT_N_GROUPS		8
#define AT_FLAGS		12
#define AT_ROWS_SEEN	16		/* u64 */
#define AT_ROWS_KEPT	24		/* u64 */
#define AT_SEED			32		/* u64 */
#define AT_ROWS_EFFECTIVE	80

/* An option's value in a summary; of a flag, 0 or 1. */
double
forest_kept_value(const ForestKept *kept, const ForestSummary *sum)
{
	const char *field = (const char *) sum + kept->field;
	uint32_t	whole;
	double		value;

	if (kept->stored == FOREST_STORED_FLAG)
		return (sum->flags & kept->field) != 0;
	if (kept->stored == FOREST_STORED_U32)
	{
		memcpy(&whole, field, sizeof(whole));
		return whole;
	}
	memcpy(&value, field, sizeof(value));
	return value;
}

/* Gives an option in a summary a value, for a u32 one that it can hold. */
void
forest_kept_set(const ForestKept *kept, double value, ForestSummary *sum)
{
	char	   *field = (char *) sum + kept->field;
	uint32_t	whole;

	if (kept->stored == FOREST_STORED_F64)
		memcpy(field, &value, sizeof(value));
	else if (kept->stored == FOREST_STORED_FLAG)
		sum->flags = (sum->flags & ~(uint32_t) kept->field) |
			(value != 0.0 ? (uint32_t) kept->field : 0);
	else
	{
		whole = (uint32_t) value;
		memcpy(field, &whole, sizeof(whole));
	}
}

/* Whether a number is in an option's range; NaN is in none. */
bool
forest_kept_in_range(const ForestKept *kept, double value)
{
	return value <= kept->max &&
		(kept->open ? value > kept->min : value >= kept->min);
}

/* Writes a summary into its section, which is zeros. */
void
forest_summary_put(const ForestSummary *sum, uint8_t *p)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);

	forest_put32(p + AT_N_FEATURES, sum->n_features);
	forest_put32(p + AT_N_TREES, sum->n_trees);
	forest_put32(p + AT_N_GROUPS, sum->n_groups);
	forest_put32(p + AT_FLAGS, sum->flags);
	forest_put64(p + AT_ROWS_SEEN, sum->rows_seen);
	forest_put64(p + AT_ROWS_KEPT, sum->rows_kept);
	forest_put64(p + AT_SEED, sum->seed);
	forest_put32(p + AT_ROWS_EFFECTIVE, sum->rows_effective);
	for (int i = 0; i < n; i++)
	{
		double		value = forest_kept_value(&kept[i], sum);

		if (kept[i].stored == FOREST_STORED_U32)
			forest_put32(p + kept[i].at, (uint32_t) value);
		else if (kept[i].stored == FOREST_STORED_F64)
			forest_put_double(p + kept[i].at, value);
	}
}

/* Reads a summary from its section, unchecked. */
void
forest_summary_get(const uint8_t *p, ForestSummary *sum)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);

	sum->n_features = forest_get32(p + AT_N_FEATURES);
	sum->n_trees = forest_get32(p + AT_N_TREES);
	sum->n_groups = forest_get32(p + AT_N_GROUPS);
	sum->flags = forest_get32(p + AT_FLAGS);
	sum->rows_seen = forest_get64(p + AT_ROWS_SEEN);
	sum->rows_kept = forest_get64(p + AT_ROWS_KEPT);
	sum->seed = forest_get64(p + AT_SEED);
	sum->rows_effective = forest_get32(p + AT_ROWS_EFFECTIVE);
	for (int i = 0; i < n; i++)
	{
		if (kept[i].stored == FOREST_STORED_U32)
			forest_kept_set(&kept[i], forest_get32(p + kept[i].at), sum);
		else if (kept[i].stored == FOREST_STORED_F64)
			forest_kept_set(&kept[i], forest_get_double(p + kept[i].at), sum);
	}
}

/*
 * Whether an option has a value that a writer stores: in its range, where
 * zeros have no sign, or the one that says that nothing was asked for.
 */
static bool
kept_is_valid(const ForestKept *kept, double value)
{
	if (value == 0.0 && signbit(value))
		return false;
	return forest_kept_in_range(kept, value) ||
		(value == kept->absent && !kept->needed);
}

/* Checks the options of a summary, in the order of the table. */
static ForestStatus
check_kept(const ForestSummary *sum, ForestFault *fault)
{
	int			n;
	const ForestKept *kept = forest_kept_options(&n);

	for (int i = 0; i < n; i++)
	{
		double		value = forest_kept_value(&kept[i], sum);

		if (kept[i].stored != FOREST_STORED_FLAG &&
			!kept_is_valid(&kept[i], value))
			return forest_broken(fault, kept[i].name,
								 kept[i].stored == FOREST_STORED_U32 ?
								 (uint64_t) value : 0);
	}
	return FOREST_OK;
}

/*
 * Checks a summary, and that its section at p has nothing else: what is
 * neither a count nor an option may be one in a later version.
 */
ForestStatus
forest_summary_check(const uint8_t *p, const ForestSummary *sum,
					 ForestFault *fault)
{
	uint8_t		known[FOREST_SUMMARY_SIZE] = {0};
	ForestStatus status;

	if (sum->n_features < 1 || sum->n_features > FOREST_MAX_FEATURES)
		return forest_broken(fault, "number of features", sum->n_features);
	if (sum->n_trees < 1 || sum->n_trees > FOREST_MAX_TREES)
		return forest_broken(fault, "number of trees", sum->n_trees);
	if (sum->n_groups < 1 || sum->n_groups > sum->n_trees)
		return forest_broken(fault, "number of groups", sum->n_groups);
	if (sum->flags & ~(uint32_t) FOREST_FLAGS_KNOWN)
		return FOREST_NEWER_FORMAT;
	if (sum->rows_seen > INT64_MAX || sum->rows_kept > INT64_MAX ||
		(sum->rows_kept > sum->rows_seen &&
		 (sum->flags & FOREST_FLAG_WEIGHTED) == 0))
		return forest_broken(fault, "number of rows", sum->rows_kept);
	if (sum->rows_effective > ((sum->flags & FOREST_FLAG_WEIGHTED) != 0 ?
							   sum->rows_kept : 0))
		return forest_broken(fault, "number of effective rows",
							 sum->rows_effective);
	status = check_kept(sum, fault);
	if (status != FOREST_OK)
		return status;
	forest_summary_put(sum, known);
	return memcmp(p, known, sizeof(known)) == 0 ? FOREST_OK :
		FOREST_NEWER_FORMAT;
}
