/*-------------------------------------------------------------------------
 *
 * sketch_reader.c
 *	  The rows of a sketch, one by one, from its bytes.
 *
 * Rows come in the order of their keys, and who unites many sketches needs
 * few of each.  So what lies out of line is fetched as far as it is read: the
 * head first, then blocks, twice as many each time, for a compressed value is
 * decompressed from its beginning.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/detoast.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "base/errors.h"
#include "core/base/forest_bytes.h"
#include "core/format/forest_sketch.h"
#include "model/model_text.h"
#include "sketch/sketch_reader.h"

/* Bytes "from" on of a value, at most "size" of them. */
static bytea *
fetch(Datum datum, uint64 from, uint64 size)
{
	return DatumGetByteaPSlice(datum, (int32) from, (int32) size);
}

/*
 * Fetches the head and opens it.  Its own beginning tells how long it is, up to
 * the digests of all blocks; the length of the value, which costs nothing to
 * know, has to be the one that it tells.
 */
static void
open_head(SketchReader *reader)
{
	uint64		size = toast_raw_datum_size(reader->datum) - VARHDRSZ;
	bytea	   *start = fetch(reader->datum, 0, FOREST_SKETCH_HEADER_SIZE);
	uint64		head_size;
	uint64		total;
	ForestFault fault;
	ForestStatus status;

	status = forest_sketch_peek((uint8 *) VARDATA_ANY(start),
								VARSIZE_ANY_EXHDR(start), &head_size, &total);
	if (status == FOREST_OK && total != size)
		status = FOREST_TRUNCATED;
	if (status != FOREST_OK)
		report_sketch_fault(status, NULL);
	pfree(start);
	reader->head_bytes = fetch(reader->datum, 0, head_size);
	status = forest_sketch_open((uint8 *) VARDATA_ANY(reader->head_bytes),
								VARSIZE_ANY_EXHDR(reader->head_bytes),
								&reader->head, &fault);
	if (status != FOREST_OK)
		report_sketch_fault(status, &fault);
}

/* Opens a sketch, in a context of its own below the current one. */
SketchReader *
sketch_open(Datum sketch)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "iforest sketch",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	SketchReader *reader = palloc0(sizeof(*reader));
	uint32		string;

	reader->context = context;
	reader->datum = sketch;
	open_head(reader);
	string = reader->head.n_features;
	reader->first_category = palloc(string * sizeof(uint32));
	for (uint32 f = 0; f < reader->head.n_features; f++)
	{
		reader->first_category[f] = string;
		string += forest_sketch_feature(&reader->head, f).n_categories;
	}
	reader->strings = palloc_extended(string * sizeof(ForestString),
									  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	reader->values = palloc(reader->head.n_features * sizeof(double));
	MemoryContextSwitchTo(old);
	return reader;
}

/* Gives back what the reader took. */
void
sketch_close(SketchReader *reader)
{
	MemoryContextDelete(reader->context);
}

/*
 * Fetches more blocks, behind those at hand, which nobody needs any more.
 * Who stops early, as most readers of many sketches do, has fetched no more
 * than twice what was read.
 */
static void
fetch_blocks(SketchReader *reader)
{
	const ForestSketch *head = &reader->head;
	uint32		n = Max(1, 2 * (reader->end_block - reader->first_block));
	uint64		first_row;
	uint64		end_row;
	MemoryContext old = MemoryContextSwitchTo(reader->context);

	if (reader->chunk != NULL)
		pfree(reader->chunk);
	reader->first_block = reader->end_block;
	reader->end_block = Min((uint64) reader->first_block + n, head->n_blocks);
	first_row = (uint64) reader->first_block * head->block_rows;
	end_row = Min((uint64) reader->end_block * head->block_rows, head->n_rows);
	reader->chunk = fetch(reader->datum,
						  head->head_size + first_row * head->row_size,
						  (end_row - first_row) * head->row_size);
	if (VARSIZE_ANY_EXHDR(reader->chunk) !=
		(end_row - first_row) * head->row_size)
		report_sketch_fault(FOREST_TRUNCATED, NULL);
	MemoryContextSwitchTo(old);
}

/*
 * Checks the block at hand, fetching it if need be; returns its bytes.  Each
 * block has a digest in the head, so that its rows can be trusted though what
 * is behind them was never fetched.
 */
static const uint8 *
block_bytes(SketchReader *reader)
{
	const ForestSketch *head = &reader->head;
	const uint8 *bytes;
	ForestFault fault;
	ForestStatus status;

	if (reader->block == reader->end_block)
		fetch_blocks(reader);
	bytes = (const uint8 *) VARDATA_ANY(reader->chunk) +
		(Size) (reader->block - reader->first_block) * head->block_rows *
		head->row_size;
	if (reader->row > 0)
		return bytes;
	status = forest_sketch_block(head, reader->block, bytes,
								 &reader->last, &fault);
	if (status != FOREST_OK)
		report_sketch_fault(status, &fault);
	return bytes;
}

/* Reads the next row into key and values; returns false at the end. */
bool
sketch_next(SketchReader *reader)
{
	const ForestSketch *head = &reader->head;
	const uint8 *row;

	CHECK_FOR_INTERRUPTS();
	if (reader->block == head->n_blocks)
		return false;
	row = block_bytes(reader) + (Size) reader->row * head->row_size;
	reader->key = forest_sketch_key(head, row);
	forest_sketch_row(head, row, reader->values);
	if (++reader->row == forest_sketch_block_rows(head, reader->block))
	{
		reader->row = 0;
		reader->block++;
	}
	return true;
}

/* String i in this database's encoding, an error if it is no text there. */
static ForestString
string_here(SketchReader *reader, uint32 i)
{
	ForestString *string = &reader->strings[i];
	MemoryContext old;

	if (string->bytes != NULL)
		return *string;
	old = MemoryContextSwitchTo(reader->context);
	if (!model_string_here(forest_sketch_string(&reader->head, i), string))
		report_untranslatable("sketch");
	MemoryContextSwitchTo(old);
	return *string;
}

/* The name of a feature; it has no zero behind it. */
ForestString
sketch_name(SketchReader *reader, uint32 feature)
{
	return string_here(reader, feature);
}

/* The category that a value of a feature, which is not missing, stands for. */
ForestString
sketch_category(SketchReader *reader, uint32 feature, double code)
{
	return string_here(reader,
					   reader->first_category[feature] + (uint32) code);
}
