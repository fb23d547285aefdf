/*-------------------------------------------------------------------------
 *
 * module.c
 *	  The library's magic block and settings, and what it gives the core.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include <limits.h>

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "miscadmin.h"
#include "utils/guc.h"

#include "core/base/forest_digest.h"
#include "core/base/forest_pause.h"
#include "core/score/forest_kernel.h"
#include "model/model_cache.h"
#include "model/model_score.h"
#include "row/row_type.h"

IFOREST_MODULE_MAGIC;

static const struct config_enum_entry kernel_options[] = {
	{"auto", FOREST_KERNEL_AUTO, false},
	{"walk", FOREST_KERNEL_WALK, false},
	{"portable", FOREST_KERNEL_PORTABLE, false},
	{"avx2", FOREST_KERNEL_AVX2, false},
	{"avx512", FOREST_KERNEL_AVX512, false},
	{"neon", FOREST_KERNEL_NEON, false},
	{NULL, 0, false}
};

/* The core's pauses: where a query may be canceled. */
void
forest_pause(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* Bytes that are digested between two looks for interrupts. */
#define DIGEST_PIECE	((size_t) 4 << 20)

/*
 * The core's digest, by the server's library, which has the processor's own
 * instructions for it.
 */
void
forest_digest(const uint8_t *bytes, size_t len,
			  uint8_t digest[FOREST_DIGEST_SIZE])
{
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
	bool		failed = hash == NULL || pg_cryptohash_init(hash) < 0;

	for (size_t at = 0; at < len && !failed; at += DIGEST_PIECE)
	{
		failed = pg_cryptohash_update(hash, bytes + at,
									  Min(len - at, DIGEST_PIECE)) < 0;
		CHECK_FOR_INTERRUPTS();
	}
	failed = failed ||
		pg_cryptohash_final(hash, digest, FOREST_DIGEST_SIZE) < 0;
	if (hash != NULL)
		pg_cryptohash_free(hash);
	if (failed)
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not compute the digest of an iforest model")));
}

/* Refuses a kernel that this processor cannot run. */
static bool
check_kernel(int *value, void **extra, GucSource source)
{
	if (forest_kernel_available((ForestKernel) *value))
		return true;
	GUC_check_errdetail("This processor does not have the instructions.");
	return false;
}

/* Defines the settings; the server calls it when it loads the library. */
void
_PG_init(void)
{
	row_type_init();
	DefineCustomIntVariable("iforest.model_cache_size",
							"Memory for decoded models, per session.",
							"A model in use is kept whatever its size.",
							&model_cache_size,
							64 * 1024, 0, MAX_KILOBYTES,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, model_cache_assign, NULL);
	DefineCustomEnumVariable("iforest.kernel",
							 "How rows are scored and explained; every way gives the same result.",
							 "\"auto\" takes the fastest that the processor has; the others are for tests and benchmarks.",
							 &kernel_setting,
							 FOREST_KERNEL_AUTO, kernel_options,
							 PGC_USERSET, 0,
							 check_kernel, NULL, NULL);
	MarkGUCPrefixReserved("iforest");
	model_cache_init();
}
