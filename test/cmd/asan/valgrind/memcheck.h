/*-------------------------------------------------------------------------
 *
 * memcheck.h
 *	  What the server tells valgrind, told to AddressSanitizer instead.
 *
 * A server built with USE_VALGRIND says of every palloc and pfree, of the
 * headers and the padding of chunks, and of buffers that are not pinned which
 * bytes may be touched. Found before valgrind's own header, this one makes
 * poison of that. Whether bytes have a value is what AddressSanitizer does not
 * know.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TEST_MEMCHECK_H
#define IFOREST_TEST_MEMCHECK_H

#include <sanitizer/asan_interface.h>

#define VALGRIND_MAKE_MEM_NOACCESS(addr, size) \
	ASAN_POISON_MEMORY_REGION(addr, size)
#define VALGRIND_MAKE_MEM_UNDEFINED(addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define VALGRIND_MAKE_MEM_DEFINED(addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define VALGRIND_MEMPOOL_ALLOC(context, addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define VALGRIND_MEMPOOL_CHANGE(context, was, addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)

/* What is freed is wiped, and the wiping makes it out of bounds. */
#define VALGRIND_MEMPOOL_FREE(context, addr)				do {} while (0)
#define VALGRIND_CREATE_MEMPOOL(context, redzones, zeroed)	do {} while (0)
#define VALGRIND_DESTROY_MEMPOOL(context)					do {} while (0)
#define VALGRIND_CHECK_MEM_IS_DEFINED(addr, size)			do {} while (0)

#endif
