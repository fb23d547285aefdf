/*-------------------------------------------------------------------------
 *
 * state_bytes.h
 *	  Strings and arrays of an aggregate's state as bytes.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_STATE_BYTES_H
#define IFOREST_STATE_BYTES_H

#include "iforest.h"

#include "lib/stringinfo.h"

pg_noreturn extern void state_report_bad(void);
extern void state_send_string(struct StringInfoData *buf, const char *bytes,
							  uint32 len);
extern void state_send_array(struct StringInfoData *buf, const void *bytes,
							 Size n);
extern void state_send_number(struct StringInfoData *buf, uint64 number);
extern void state_open(struct StringInfoData *buf, const bytea *bytes,
					   uint32 magic);
extern uint32 state_receive_count(struct StringInfoData *buf, uint32 max,
								  size_t size);
extern uint64 state_receive_number(struct StringInfoData *buf);
extern char *state_receive_string(struct StringInfoData *buf,
								  MemoryContext context, uint32 *len);
extern bytea *state_receive_bytea(struct StringInfoData *buf,
								  MemoryContext context);
extern void *state_receive_array(struct StringInfoData *buf,
								 MemoryContext context, uint64 n, size_t size);

#endif							/* IFOREST_STATE_BYTES_H */
