/*-------------------------------------------------------------------------
 *
 * module.c
 *	  The library's magic block and settings.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include <limits.h>

#include "utils/guc.h"

IFOREST_MODULE_MAGIC;

/* Defines the settings; the server calls it when it loads the library. */
void
_PG_init(void)
{
	DefineCustomIntVariable("iforest.model_cache_size",
							"Memory for decoded models, per session.",
							"The model used last is kept whatever its size.",
							&model_cache_size,
							64 * 1024, 0, MAX_KILOBYTES,
							PGC_USERSET, GUC_UNIT_KB,
							NULL, NULL, NULL);
	MarkGUCPrefixReserved("iforest");
	model_cache_init();
}
