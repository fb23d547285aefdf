/*-------------------------------------------------------------------------
 *
 * registry_write.c
 *	  Changing rows of the tables of named models.
 *
 * Nobody but the tables' owner may change them, so a change is made as that
 * role: for one row, after its caller has looked at the rights of the current
 * user, and with nothing of anybody's in between.  It is done as a logical
 * replication worker does it, through the executor but without a statement:
 * constraints, indexes and triggers of the tables have their say, and no name
 * is looked up.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "registry/registry_table.h"
#include "registry/registry_write.h"

/* A change of one row under way. */
typedef struct RowWrite
{
	Relation	table;
	EState	   *estate;
	ResultRelInfo *result;
	TupleTableSlot *old;		/* the row as it was */
	TupleTableSlot *new;		/* and as it will be */
	Oid			user;			/* who was the current user before */
	int			context;
} RowWrite;

/* Sets a column's value. */
void
row_set(RowChange *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
	row->set[column] = true;
}

/* Sets a column to NULL. */
void
row_set_null(RowChange *row, int column)
{
	row_set(row, column, (Datum) 0);
	row->nulls[column] = true;
}

/* Sets a column of type text, NULL for NULL. */
void
row_set_text(RowChange *row, int column, const char *text)
{
	if (text == NULL)
		row_set_null(row, column);
	else
		row_set(row, column, CStringGetTextDatum(text));
}

/* Sets a column of type int, 0 for NULL. */
void
row_set_positive(RowChange *row, int column, int32 number)
{
	if (number == 0)
		row_set_null(row, column);
	else
		row_set(row, column, Int32GetDatum(number));
}

/* Opens the table and becomes its owner. */
static void
write_begin(RowWrite *write, const Registry *registry, Oid table)
{
	CHECK_FOR_INTERRUPTS();		/* a name may have very many versions */
	write->table = table_open(table, RowExclusiveLock);
	if (write->table->rd_rel->relowner != registry->owner)
		elog(ERROR, "owner of table \"%s\" has changed",
			 RelationGetRelationName(write->table));
	GetUserIdAndSecContext(&write->user, &write->context);
	SetUserIdAndSecContext(registry->owner,
						   write->context | SECURITY_LOCAL_USERID_CHANGE);
	write->estate = CreateExecutorState();
	write->result = makeNode(ResultRelInfo);
	InitResultRelInfo(write->result, write->table, 0, NULL, 0);
	write->estate->es_opened_result_relations = list_make1(write->result);
	write->estate->es_output_cid = GetCurrentCommandId(true);
	ExecOpenIndices(write->result, false);
	AfterTriggerBeginQuery();
	PushActiveSnapshot(GetTransactionSnapshot());
	write->old = table_slot_create(write->table, NULL);
	write->new = MakeSingleTupleTableSlot(RelationGetDescr(write->table),
										  &TTSOpsVirtual);
}

/* Finishes the change: it is there for whatever comes next. */
static void
write_end(RowWrite *write)
{
	AfterTriggerEndQuery(write->estate);
	PopActiveSnapshot();
	ExecDropSingleTupleTableSlot(write->old);
	ExecDropSingleTupleTableSlot(write->new);
	ExecCloseResultRelations(write->estate);
	ExecResetTupleTable(write->estate->es_tupleTable, false);
	FreeExecutorState(write->estate);
	table_close(write->table, NoLock);
	SetUserIdAndSecContext(write->user, write->context);
	CommandCounterIncrement();
}

/*
 * Locks a row that was found with registry_snapshot() and reads it into
 * write->old.
 */
static void
lock_row(RowWrite *write, ItemPointer tid)
{
	TM_FailureData failure;

	if (table_tuple_lock(write->table, tid, GetActiveSnapshot(), write->old,
						 write->estate->es_output_cid, LockTupleNoKeyExclusive,
						 LockWaitBlock, 0, &failure) != TM_Ok)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("a row of table %s was changed while a function was about to change it",
						RelationGetRelationName(write->table)),
				 errhint("Try again.")));
}

/* Fills write->new: with what the change sets, and else with the old row. */
static void
fill_row(RowWrite *write, const RowChange *row, bool is_update)
{
	TupleTableSlot *new = write->new;

	for (int i = 0; i < new->tts_tupleDescriptor->natts; i++)
	{
		bool		set = i < MAX_COLUMNS && row->set[i];

		new->tts_isnull[i] = set ? row->nulls[i] :
			!is_update || write->old->tts_isnull[i];
		new->tts_values[i] = new->tts_isnull[i] ? (Datum) 0 :
			set ? row->values[i] : write->old->tts_values[i];
	}
	ExecStoreVirtualTuple(new);
}

/* Errors if a trigger that somebody put on the table has skipped the row. */
static void
check_written(const RowWrite *write)
{
	if (!ItemPointerIsValid(&write->new->tts_tid))
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_DATA_CHANGE_VIOLATION),
				 errmsg("a row of table %s was not stored",
						RelationGetRelationName(write->table)),
				 errhint("A trigger of the table may have skipped it.")));
}

/* Inserts a row; columns that are not set are NULL. */
void
row_insert(const Registry *registry, Oid table, const RowChange *row)
{
	RowWrite	write;

	write_begin(&write, registry, table);
	fill_row(&write, row, false);
	ExecSimpleRelationInsert(write.result, write.estate, write.new);
	check_written(&write);
	write_end(&write);
}

/* Changes a row; "tid" gets its new place. */
void
row_update(const Registry *registry, Oid table, ItemPointer tid,
		   const RowChange *row)
{
	RowWrite	write;
	EPQState	never_used = {0};	/* as the row is locked */

	write_begin(&write, registry, table);
	lock_row(&write, tid);
	slot_getallattrs(write.old);
	fill_row(&write, row, true);
	ExecSimpleRelationUpdate(write.result, write.estate, &never_used,
							 write.old, write.new);
	check_written(&write);
	*tid = write.new->tts_tid;
	write_end(&write);
}

/* Deletes a row. */
void
row_delete(const Registry *registry, Oid table, ItemPointer tid)
{
	RowWrite	write;
	EPQState	never_used = {0};

	write_begin(&write, registry, table);
	lock_row(&write, tid);
	ExecSimpleRelationDelete(write.result, write.estate, &never_used,
							 write.old);
	write_end(&write);
}
