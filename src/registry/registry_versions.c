/*-------------------------------------------------------------------------
 *
 * registry_versions.c
 *	  The versions of a name that is locked: numbered, switched, dropped.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"
#include "utils/snapmgr.h"

#include "registry/registry_find.h"
#include "registry/registry_table.h"
#include "registry/registry_versions.h"
#include "registry/registry_write.h"

/* What tells versions from each other. */
typedef struct VersionKey
{
	int32		version;
	int32		previous;		/* 0 if there is none */
	ItemPointerData tid;
} VersionKey;

/* All versions of a name. */
typedef struct VersionKeys
{
	VersionKey *keys;			/* in the order of their numbers */
	int			n;
} VersionKeys;

/* Orders versions by number. */
static int
compare_versions(const void *a, const void *b, void *unused)
{
	int32		x = ((const VersionKey *) a)->version;
	int32		y = ((const VersionKey *) b)->version;

	return x < y ? -1 : x > y;
}

/*
 * Reads which versions a name has.  There are no more than its limit, and
 * those few that were put there by hand.
 */
static VersionKeys
read_keys(const Registry *registry, const char *name)
{
	Snapshot	snapshot = registry_snapshot();
	VersionKeys all = {palloc(16 * sizeof(VersionKey)), 0};
	int			room = 16;
	ModelName	row;
	RowScan		rows;

	if (!registry_find_name(registry, snapshot, name, false, &row))
		report_no_model(name);
	scan_versions(&rows, registry, snapshot, row.id, 0);
	while (row_scan_next(&rows))
	{
		VersionKey *key;

		if (all.n == room)
			all.keys = repalloc(all.keys, (room *= 2) * sizeof(VersionKey));
		key = &all.keys[all.n++];
		key->version = DatumGetInt32(rows.values[VERSION_NUMBER]);
		key->previous = rows.nulls[VERSION_PREVIOUS] ? 0 :
			DatumGetInt32(rows.values[VERSION_PREVIOUS]);
		key->tid = rows.tuple->t_self;
	}
	row_scan_end(&rows, false);
	UnregisterSnapshot(snapshot);
	qsort_interruptible(all.keys, all.n, sizeof(VersionKey), compare_versions,
						NULL);
	return all;
}

/* The number of a name's next version; 0 if no number is greater. */
int32
registry_next_version(const Registry *registry, const char *name)
{
	VersionKeys all = read_keys(registry, name);
	int32		last = all.n == 0 ? 0 : all.keys[all.n - 1].version;

	return last == PG_INT32_MAX ? 0 : last + 1;
}

/* Changes what is said of a name as a whole. */
void
registry_update_name(const Registry *registry, const char *name,
					 const RowChange *row)
{
	Snapshot	snapshot = registry_snapshot();
	ModelName	found;

	if (!registry_find_name(registry, snapshot, name, false, &found))
		report_no_model(name);
	UnregisterSnapshot(snapshot);
	row_update(registry, registry->names, &found.tid, row);
}

/* Changes the version that a rollback from a version leads to. */
static void
set_previous(const Registry *registry, VersionKey *key, int32 previous)
{
	RowChange	row = {0};

	key->previous = previous == key->version ? 0 : previous;
	row_set_positive(&row, VERSION_PREVIOUS, key->previous);
	row_update(registry, registry->versions, &key->tid, &row);
}

/*
 * Makes a version the active one; "previous" is the one that a rollback from
 * it leads to, 0 for none, and "hold" whether iforest_refit is to leave it.
 */
void
registry_activate(const Registry *registry, const char *name, int32 version,
				  int32 previous, bool hold)
{
	VersionKeys all = read_keys(registry, name);
	RowChange	row = {0};
	int			i = 0;

	while (i < all.n && all.keys[i].version != version)
		i++;
	if (i == all.n)
		elog(ERROR, "version %d of model \"%s\" cannot be activated", version,
			 name);
	row_set_positive(&row, NAME_ACTIVE, version);
	row_set(&row, NAME_HELD, BoolGetDatum(hold));
	registry_update_name(registry, name, &row);
	set_previous(registry, &all.keys[i], previous);
}

/* Makes a role the one that the queries of all versions may run as. */
void
registry_set_runs_as(const Registry *registry, const char *name, Oid role)
{
	VersionKeys all = read_keys(registry, name);
	RowChange	row = {0};

	row_set(&row, VERSION_RUNS_AS, ObjectIdGetDatum(role));
	for (int i = 0; i < all.n; i++)
		row_update(registry, registry->versions, &all.keys[i].tid, &row);
}

/*
 * Deletes the version with index i.  Where a rollback led to it, it leads to
 * where one from it led to.
 */
static void
remove_key(const Registry *registry, VersionKeys *all, int i)
{
	VersionKey	gone = all->keys[i];

	row_delete(registry, registry->versions, &gone.tid);
	all->n--;
	memmove(&all->keys[i], &all->keys[i + 1],
			(all->n - i) * sizeof(VersionKey));
	for (int j = 0; j < all->n; j++)
	{
		if (all->keys[j].previous == gone.version)
			set_previous(registry, &all->keys[j], gone.previous);
	}
}

/*
 * Deletes a version, or with version 0 the name with all of them, and returns
 * how many.
 */
int32
registry_remove(const Registry *registry, const char *name, int32 version)
{
	VersionKeys all = read_keys(registry, name);
	Snapshot	snapshot;
	ModelName	found;

	for (int i = 0; version != 0 && i < all.n; i++)
	{
		if (all.keys[i].version == version)
		{
			remove_key(registry, &all, i);
			return 1;
		}
	}
	if (version != 0)
		return 0;
	for (int i = 0; i < all.n; i++)
		row_delete(registry, registry->versions, &all.keys[i].tid);
	snapshot = registry_snapshot();
	if (registry_find_name(registry, snapshot, name, false, &found))
		row_delete(registry, registry->names, &found.tid);
	UnregisterSnapshot(snapshot);
	return all.n;
}

/* Which version to do without first: -1 if none can be spared. */
static int
oldest_key(const VersionKeys *all, int32 active, int32 newest)
{
	int32		rollback = 0;
	int			last_resort = -1;

	for (int i = 0; i < all->n; i++)
	{
		if (all->keys[i].version == active)
			rollback = all->keys[i].previous;
	}
	for (int i = 0; i < all->n; i++)
	{
		int32		version = all->keys[i].version;

		if (version == active || version == newest)
			continue;
		if (version != rollback)
			return i;
		last_resort = i;
	}
	return last_resort;
}

/*
 * Deletes old versions until no more than the name's limit are left: never
 * the active one nor the one just made, and last of all the one to roll back
 * to.
 */
void
registry_prune(const Registry *registry, const char *name, int32 newest)
{
	Snapshot	snapshot = registry_snapshot();
	VersionKeys all = read_keys(registry, name);
	ModelName	found;
	int			i;

	if (!registry_find_name(registry, snapshot, name, false, &found))
		report_no_model(name);
	UnregisterSnapshot(snapshot);
	while (all.n > found.keep &&
		   (i = oldest_key(&all, found.active, newest)) >= 0)
		remove_key(registry, &all, i);
}
