/*-------------------------------------------------------------------------
 *
 * options.h
 *	  What the sanitizers do where ASAN_OPTIONS and UBSAN_OPTIONS say nothing.
 *
 * Included in front of every file of the server, so that its programs run as
 * those of any other.  Programs that end leave memory behind, which is no
 * error; palloc may fail; and the stack is where the server measures it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TEST_OPTIONS_H
#define IFOREST_TEST_OPTIONS_H

extern const char *__asan_default_options(void);
extern const char *__ubsan_default_options(void);

__attribute__((weak, no_sanitize("address", "undefined"))) const char *
__asan_default_options(void)
{
	return "detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:"
		"allocator_may_return_null=1:quarantine_size_mb=32";
}

__attribute__((weak, no_sanitize("address", "undefined"))) const char *
__ubsan_default_options(void)
{
	return "print_stacktrace=1:abort_on_error=1";
}

#endif
