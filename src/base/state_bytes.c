/*-------------------------------------------------------------------------
 *
 * state_bytes.c
 *	  Strings and arrays of an aggregate's state as bytes.
 *
 * What serial functions of aggregates share.  States come from this same
 * library in the same query, and are checked as if they came from anywhere: no
 * length is believed before the bytes are there, so that no size from outside
 * is allocated.
 *
 * Arrays go as they are in memory: sender and receiver are processes of one
 * server.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "base/state_bytes.h"
#include "core/base/forest_pause.h"

/* The longest number in bytes, and the bit that says that more follow. */
#define MAX_NUMBER		10
#define MORE_BYTES		0x80

/*
 * Reports bytes that are no state of this library (22P03). Does not return;
 * says no more than that, since people do not write such bytes.
 */
void
state_report_bad(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid iforest aggregate state")));
}

/* Appends a string with its length. */
void
state_send_string(StringInfo buf, const char *bytes, uint32 len)
{
	pq_sendint32(buf, len);
	pq_sendbytes(buf, bytes, (int) len);
}

/* Appends n bytes as they are in memory. */
void
state_send_array(StringInfo buf, const void *bytes, Size n)
{
	/* which refuses what is too much; n alone might overflow its int */
	enlargeStringInfo(buf, (int) Min(n, MaxAllocSize));
	forest_copy(buf->data + buf->len, bytes, n);
	buf->len += (int) n;
	buf->data[buf->len] = '\0';
}

/*
 * Appends a number, seven bits a byte from the lowest on; all but the last
 * byte have their highest bit set.
 */
void
state_send_number(StringInfo buf, uint64 number)
{
	enlargeStringInfo(buf, MAX_NUMBER);
	for (; number >= MORE_BYTES; number >>= 7)
		buf->data[buf->len++] = (char) (number | MORE_BYTES);
	buf->data[buf->len++] = (char) number;
}

/* Begins to read a state, whose first word says what layout it is of. */
void
state_open(StringInfo buf, const bytea *bytes, uint32 magic)
{
	uint32		first;

	buf->data = (char *) VARDATA_ANY(bytes);
	buf->len = buf->maxlen = (int) VARSIZE_ANY_EXHDR(bytes);
	buf->cursor = 0;
	memcpy(&first, pq_getmsgbytes(buf, sizeof(first)), sizeof(first));
	if (first != magic)
		state_report_bad();
}

/*
 * Reads a count of things of at least "size" bytes each, still to come.  A
 * count above "max", or of more than the bytes that are left can hold, is an
 * error.
 */
uint32
state_receive_count(StringInfo buf, uint32 max, size_t size)
{
	uint32		n = (uint32) pq_getmsgint(buf, 4);

	if (n > max || (uint64) n * size > (uint64) (buf->len - buf->cursor))
		state_report_bad();
	return n;
}

/* Reads a number; one that goes on beyond its greatest length is an error. */
uint64
state_receive_number(StringInfo buf)
{
	uint64		number = 0;

	for (int bit = 0; bit < 7 * MAX_NUMBER; bit += 7)
	{
		uint8		byte;

		if (buf->cursor >= buf->len)
			state_report_bad();
		byte = (uint8) buf->data[buf->cursor++];
		number |= (uint64) (byte & ~MORE_BYTES) << bit;
		if (byte < MORE_BYTES)
			return number;
	}
	state_report_bad();
}

/* Reads a string, palloc'd in "context", with a zero behind it. */
char *
state_receive_string(StringInfo buf, MemoryContext context, uint32 *len)
{
	char	   *s;

	*len = state_receive_count(buf, MaxAllocSize - 1, 1);
	s = MemoryContextAlloc(context, (Size) *len + 1);
	memcpy(s, pq_getmsgbytes(buf, (int) *len), *len);
	s[*len] = '\0';
	return s;
}

/* Reads a string, as a bytea that is palloc'd in "context". */
bytea *
state_receive_bytea(StringInfo buf, MemoryContext context)
{
	uint32		len = state_receive_count(buf, MaxAllocSize - VARHDRSZ, 1);
	bytea	   *bytes = MemoryContextAlloc(context, len + VARHDRSZ);

	SET_VARSIZE(bytes, len + VARHDRSZ);
	forest_copy(VARDATA(bytes), pq_getmsgbytes(buf, (int) len), len);
	return bytes;
}

/* Reads n things of "size" bytes as they are, palloc'd in "context". */
void *
state_receive_array(StringInfo buf, MemoryContext context, uint64 n,
					size_t size)
{
	uint64		room = (uint64) (buf->len - buf->cursor);
	void	   *array;

	if (n > room / size)
		state_report_bad();
	array = MemoryContextAlloc(context, Max(n, 1) * size);
	forest_copy(array, pq_getmsgbytes(buf, (int) (n * size)), n * size);
	return array;
}
