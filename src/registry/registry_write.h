/*-------------------------------------------------------------------------
 *
 * registry_write.h
 *	  Changing rows of the tables of named models.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_REGISTRY_WRITE_H
#define IFOREST_REGISTRY_WRITE_H

#include "iforest.h"

#include "registry/registry_table.h"

/* Values for columns of a row; those not set stay as they are. */
typedef struct RowChange
{
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
	bool		set[MAX_COLUMNS];
} RowChange;

extern void row_set(RowChange *row, int column, Datum value);
extern void row_set_null(RowChange *row, int column);
extern void row_set_text(RowChange *row, int column, const char *text);
extern void row_set_positive(RowChange *row, int column, int32 number);
extern void row_insert(const Registry *registry, Oid table,
					   const RowChange *row);
extern void row_update(const Registry *registry, Oid table, ItemPointer tid,
					   const RowChange *row);
extern void row_delete(const Registry *registry, Oid table, ItemPointer tid);

#endif							/* IFOREST_REGISTRY_WRITE_H */
