/*-------------------------------------------------------------------------
 *
 * test_net_model.c
 *	  A generator as a section of a model.
 *
 *-------------------------------------------------------------------------
 */
#include <math.h>

#include "core/base/forest_bytes.h"
#include "core/base/forest_rng.h"
#include "core/format/forest_layout.h"
#include "core/format/forest_open.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_generator_bytes.h"
#include "core/generator/forest_generator_check.h"

#include "format_support.h"
#include "generator_support.h"
#include "unit.h"

/* Rows of the small model's features. */
static const double small_rows[3 * 4] = {
	7.25, 0.0, 1.0, NAN,
	-INFINITY, 2.0, 0.0, NAN,
	NAN, NAN, 1.0, NAN
};
static const uint32_t small_types[4] = {
	FOREST_FLOAT8, FOREST_TEXT, FOREST_BOOL, FOREST_ENUM
};
static const uint32_t small_n_categories[4] = {0, 3, 0, 0};
static const ForestTable small_table = {
	small_rows, 3, 4, small_types, small_n_categories
};

/* The small model, with its profile, calibration and a generator. */
static uint8_t *
small_model(ForestMethod method, uint32_t label, size_t *len)
{
	ForestParts parts = small_parts();
	size_t		generator_len;
	uint8_t    *generator;
	uint8_t    *plain;
	uint8_t    *bytes;
	ForestRng	rng;

	forest_rng_init(&rng, 18, 0);
	generator = least_generator(&small_table, method, label, &rng,
								&generator_len);
	set_profile(&parts);
	parts.generator = generator;
	parts.generator_size = generator_len;
	plain = model_bytes(&parts, len);
	bytes = calibrated_bytes(plain, &small_calibration, len);
	free(plain);
	free(generator);
	return bytes;
}

static ForestStatus
open_whole(const uint8_t *bytes, size_t len, ForestView *view)
{
	ForestFault fault;

	return forest_open_whole(bytes, len, view, &fault);
}

static void
test_round(void)
{
	static const struct
	{
		ForestMethod method;
		uint32_t	label;
	}			all[] = {
		{FOREST_METHOD_VAE, FOREST_NO_LABEL},
		{FOREST_METHOD_GAN, FOREST_NO_LABEL},
		{FOREST_METHOD_GAN, 1},
	};

	claim("a model keeps its generator through every writer");
	for (unit_case = 0; unit_case < 3; unit_case++)
	{
		size_t		len;
		uint8_t    *bytes = small_model(all[unit_case].method,
										all[unit_case].label, &len);
		ForestView	view;

		REQUIRE(open_whole(bytes, len, &view) == FOREST_OK);
		REQUIRE(view.generator != NULL && view.n_points == 3);
		REQUIRE(forest_get32(view.generator + GEN_AT_LABEL) ==
				all[unit_case].label);
		rewrite_view(&view, bytes, len);
		free(bytes);
	}
	proven();
}

/* Puts a generator of these bytes into the small model and opens it. */
static ForestStatus
open_with(const uint8_t *model, const uint8_t *generator, size_t size)
{
	Draft		draft;
	ForestView	view;
	ForestStatus status;
	size_t		len;
	uint8_t    *bytes;

	draft_of(&draft, model);
	free(draft.sections[draft.n - 1].bytes);
	draft.n--;
	draft_add(&draft, FOREST_SECTION_GENERATOR, 1, generator, size);
	bytes = draft_bytes(&draft, &len);
	status = open_whole(bytes, len, &view);
	free(bytes);
	draft_free(&draft);
	return status;
}

static void
test_hostile(void)
{
	size_t		len;
	uint8_t    *bytes = small_model(FOREST_METHOD_VAE, FOREST_NO_LABEL, &len);
	ForestView	view;
	uint8_t    *generator;
	size_t		size;

	claim("a model with a generator that breaks a rule is refused");
	REQUIRE(open_whole(bytes, len, &view) == FOREST_OK);
	size = (size_t) view.generator_size;
	generator = allocate(size);
	memcpy(generator, view.generator, size);
	REQUIRE(open_with(bytes, generator, size) == FOREST_OK);
	REQUIRE(open_with(bytes, generator, size - 8) == FOREST_INVALID);
	REQUIRE(open_with(bytes, generator, 0) == FOREST_INVALID);
	forest_put32(generator + GEN_AT_FORMAT, GEN_FORMAT + 1);
	REQUIRE(open_with(bytes, generator, size) == FOREST_NEWER_FORMAT);
	memcpy(generator, view.generator, size);
	forest_put32(generator + GEN_AT_N_COLUMNS, 3);
	REQUIRE(open_with(bytes, generator, size) == FOREST_INVALID);
	memcpy(generator, view.generator, size);
	/* one way to write that nothing is known */
	generator[GEN_AT_BITS] ^= 1;
	REQUIRE(open_with(bytes, generator, size) == FOREST_INVALID);
	free(generator);
	free(bytes);
	proven();
}

/* Changes bytes of the generator; whatever is accepted is written again. */
static void
test_changes(void)
{
	size_t		len;
	uint8_t    *bytes = small_model(FOREST_METHOD_GAN, 1, &len);
	uint8_t    *copy = allocate(len);
	size_t		at;
	uint32_t	accepted = 0;
	ForestRng	rng;
	ForestView	view;

	claim("a model whose generator was changed is refused, or read as it is");
	forest_rng_init(&rng, 19, 0);
	REQUIRE(open_whole(bytes, len, &view) == FOREST_OK);
	at = (size_t) (view.generator - bytes);
	for (unit_case = 0; unit_case < 3000; unit_case++)
	{
		memcpy(copy, bytes, len);
		copy[at + forest_rng_below(&rng, (uint32_t) (len - at))] =
			(uint8_t) forest_rng_next(&rng);
		forge(copy, len);
		if (open_whole(copy, len, &view) != FOREST_OK)
			continue;
		accepted++;
		rewrite_view(&view, copy, len);
	}
	printf("# %u of 3000 changes keep the rules\n", accepted);
	REQUIRE(accepted > 100 && accepted < 2900);
	free(copy);
	free(bytes);
	proven();
}

int
main(void)
{
	test_round();
	test_hostile();
	test_changes();
	return unit_done();
}
