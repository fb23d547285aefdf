/*-------------------------------------------------------------------------
 *
 * names.c
 *	  Names in lists that people write.
 *
 * Lists of names are as long as a table has columns, and the one name that is
 * there twice is what the error has to say: sorting finds it in n log n steps
 * where comparing each with each would take a second for 16 000 names.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "base/names.h"

/* Orders names by their bytes, whatever the database's collation. */
static int
compare_names(const void *a, const void *b, void *arg)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

/* A name that is there twice, the first in bytewise order; NULL if none is. */
const char *
repeated_name(char *const *names, uint32 n)
{
	char	  **sorted = palloc(Max(n, 1) * sizeof(char *));
	const char *repeated = NULL;

	memcpy(sorted, names, n * sizeof(char *));
	qsort_interruptible(sorted, n, sizeof(char *), compare_names, NULL);
	for (uint32 i = 1; i < n && repeated == NULL; i++)
	{
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			repeated = sorted[i];
	}
	pfree(sorted);
	return repeated;
}
