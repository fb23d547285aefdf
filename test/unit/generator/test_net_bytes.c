/*-------------------------------------------------------------------------
 *
 * test_net_bytes.c
 *	  Generators as bytes: written, read, and changed by hostile hands.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_rng.h"
#include "core/generator/forest_around.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_rank.h"
#include "core/generator/forest_training.h"
#include "core/generator/forest_whole.h"
#include "core/net/forest_net_kernel.h"

#include "net_support.h"
#include "unit.h"

static const ForestTrainingOptions *const options[] = {&few_steps_vae,
&few_steps_gan};

static ForestStatus
check(const uint8_t *bytes, size_t len, const NetTable *t)
{
	return check_generator(bytes, len, t, 7);
}

/* Makes rows in every way that an autoencoder has. */
static void
use_more(ForestMake *m)
{
	const bool	given[7] = {true, false, true, true, false, true, true};
	double		row[7] = {1.0, NAN, 3.0, NAN, 1.0, 4.0, 1e300};
	double		rows[3 * 7];
	ForestGiven weighed;
	void	   *latents = allocate((size_t) forest_given_size(64));

	forest_given_weigh(m, row, given, 1, 64, latents, &weighed);
	forest_make_given(m, &weighed, row, given, 1, 0, 3, rows);
	REQUIRE(rows[0] == 1.0 && isnan(rows[3]) && rows[5] == 4.0);
	forest_make_around(m, row, 0.5, 1, 0, 3, rows);
	REQUIRE(isnan(rows[1]) && rows[5] == 4.0);
	forest_make_whole(m, row);
	free(latents);
}

/* Reads bytes and makes rows; they are of the table's types. */
static void
use(const uint8_t *bytes)
{
	double		rows[10 * 7];
	void	   *memory = allocate((size_t) forest_generator_memory(bytes));
	ForestGenerator g;
	ForestMake	m;
	void	   *scratch;

	forest_generator_read(bytes, memory, &g);
	scratch = allocate((size_t) forest_make_size(&g));
	forest_make_init(&m, &g, forest_net_kernel(), scratch);
	forest_make_rows(&m, 2.0, 1, 0, 10, rows);
	for (uint32_t i = 0; i < 10; i++)
	{
		double		code = rows[i * 7 + 5];

		REQUIRE(isnan(code) || (code >= 0.0 && code < 5.0 &&
								rint(code) == code));
		code = rows[i * 7 + 4];
		REQUIRE(isnan(code) || code == 0.0 || code == 1.0);
	}
	if (g.method == FOREST_METHOD_VAE)
		use_more(&m);
	free(scratch);
	free(memory);
}

static void
test_round(void)
{
	static double rows[50 * 7];
	static double read_rows[50 * 7];
	NetTable	t;

	claim("a generator that was written and read makes the same rows");
	net_table_mixed(&t, 200, 45);
	for (unit_case = 0; unit_case < 2; unit_case++)
	{
		Trained		trained;
		const ForestGenerator *g = trained_init(&trained, &t,
												options[unit_case]);
		size_t		len;
		uint8_t    *bytes = generator_bytes(g, &len);
		void	   *memory = allocate((size_t) forest_generator_memory(bytes));
		uint8_t    *again;
		ForestGenerator read;

		REQUIRE(check(bytes, len, &t) == FOREST_OK);
		forest_generator_read(bytes, memory, &read);
		make_rows(g, forest_net_kernel(), NAN, 0, 50, rows);
		make_rows(&read, forest_net_kernel(), NAN, 0, 50, read_rows);
		REQUIRE(same_rows(rows, read_rows, 50 * 7));
		REQUIRE(forest_generator_size(&read) == len);
		again = generator_bytes(&read, &len);
		REQUIRE(memcmp(bytes, again, len) == 0);
		free(again);
		free(memory);
		free(bytes);
		trained_free(&trained);
	}
	free(t.values);
	proven();
}

/* Requires that no part of the bytes is accepted, nor more than all. */
static void
require_length(const uint8_t *bytes, size_t len, const NetTable *t)
{
	uint8_t    *more = allocate(len + 8);

	for (size_t cut = 0; cut < len; cut += cut < 400 ? 1 : 997)
	{
		uint8_t    *part = allocate(cut);

		memcpy(part, bytes, cut);
		REQUIRE(check(part, cut, t) == FOREST_INVALID);
		free(part);
	}
	memcpy(more, bytes, len);
	memset(more + len, 0, 8);
	REQUIRE(check(more, len + 8, t) == FOREST_INVALID);
	REQUIRE(check_generator(bytes, len, t, 6) == FOREST_INVALID);
	free(more);
}

/* Requires that a double in the place of another is refused. */
static void
require_refused(uint8_t *bytes, size_t len, const NetTable *t, size_t at,
				double value)
{
	uint8_t		old[8];

	unit_case = at;
	memcpy(old, bytes + at, 8);
	forest_put_double(bytes + at, value);
	REQUIRE(check(bytes, len, t) == FOREST_INVALID);
	memcpy(bytes + at, old, 8);
}

/* Requires that the curve of the first column ascends and has no NaN. */
static void
require_curve(uint8_t *bytes, size_t len, const NetTable *t)
{
	const size_t knots = GEN_HEADER_SIZE + 7 * GEN_COLUMN_SIZE;
	const size_t tenth = knots + 10 * GEN_KNOT_SIZE;

	require_refused(bytes, len, t, knots, NAN);
	require_refused(bytes, len, t, knots + 8, NAN);
	require_refused(bytes, len, t, knots, -FOREST_RANK_MOST - 0.1);
	require_refused(bytes, len, t, tenth, -6.9);
	require_refused(bytes, len, t, tenth, 6.9);
	require_refused(bytes, len, t, tenth + 8, -1e9);
	require_refused(bytes, len, t, tenth + 8, 1e9);
	require_refused(bytes, len, t, tenth + 8, INFINITY);
	require_refused(bytes, len, t, GEN_HEADER_SIZE + GEN_COLUMN_STEP, -1.0);
	require_refused(bytes, len, t, GEN_HEADER_SIZE + GEN_COLUMN_ORIGIN, NAN);
}

/* Changes some bytes, and uses the result if it keeps the rules. */
static void
require_changes(uint8_t *bytes, size_t len, const NetTable *t, ForestRng *rng)
{
	uint32_t	accepted = 0;

	for (unit_case = 0; unit_case < 2000; unit_case++)
	{
		/* half of them where the rules are */
		size_t		room = unit_case % 2 ? len : 3000;
		size_t		n = 1 + forest_rng_below(rng, 8);
		size_t		at = forest_rng_below(rng, (uint32_t) room);
		uint8_t		old[8];

		at = at + n > len ? len - n : at;
		memcpy(old, bytes + at, n);
		for (size_t i = 0; i < n; i++)
			bytes[at + i] = forest_rng_below(rng, 3) == 0 ? 0xFF :
				(uint8_t) forest_rng_next(rng);
		if (check(bytes, len, t) == FOREST_OK && accepted++ % 20 == 0)
			use(bytes);
		memcpy(bytes + at, old, n);
	}
	printf("# %u of 2000 changes keep the rules\n", accepted);
}

static void
test_hostile(void)
{
	ForestRng	rng;
	NetTable	t;

	claim("bytes that break a rule are refused, and all others make rows");
	net_table_mixed(&t, 200, 45);
	forest_rng_init(&rng, 46, 0);
	for (int method = 0; method < 2; method++)
	{
		Trained		trained;
		const ForestGenerator *g = trained_init(&trained, &t, options[method]);
		size_t		len;
		uint8_t    *bytes = generator_bytes(g, &len);

		require_length(bytes, len, &t);
		require_curve(bytes, len, &t);
		require_changes(bytes, len, &t, &rng);

		/* weights as far out as they may be, and one beyond */
		for (size_t at = len / 2 / 4 * 4; at < len - 8; at += 4)
			gen_put_float(bytes + at, forest_rng_below(&rng, 2) == 0 ?
						  GEN_MOST_WEIGHT : -GEN_MOST_WEIGHT);
		REQUIRE(check(bytes, len, &t) == FOREST_OK);
		use(bytes);
		gen_put_float(bytes + len / 2 / 4 * 4, 1.01f * GEN_MOST_WEIGHT);
		REQUIRE(check(bytes, len, &t) == FOREST_INVALID);
		gen_put_float(bytes + len / 2 / 4 * 4, NAN);
		REQUIRE(check(bytes, len, &t) == FOREST_INVALID);
		free(bytes);
		trained_free(&trained);
	}
	free(t.values);
	proven();
}

int
main(void)
{
	test_round();
	test_hostile();
	return unit_done();
}
