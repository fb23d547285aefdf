/*-------------------------------------------------------------------------
 *
 * train_progress.c
 *	  Telling how far a training has come.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "train/train_progress.h"

/* Seconds from one report to the next. */
#define REPORT_SECONDS	2

/* Rows from one look at the clock to the next. */
#define CLOCK_ROWS		256

bool		train_watched = false;

static const char *watch_name;
static int64 watch_rows;
static TimestampTz watch_started;
static TimestampTz watch_next;

/* Starts to report on the trainings of this process, as the model's. */
void
train_watch_begin(const char *name)
{
	train_watched = true;
	watch_name = name;
	watch_rows = 0;
	watch_started = GetCurrentTimestamp();
	watch_next = watch_started + REPORT_SECONDS * USECS_PER_SEC;
}

/* Stops reporting, on errors too. */
void
train_watch_end(void)
{
	train_watched = false;
}

/*
 * Counts one row of a training that is watched, and now and then tells how
 * many there were.  A parallel plan's workers do not know of it: their rows
 * are not counted.
 */
void
train_watch_row(void)
{
	TimestampTz now;

	if (++watch_rows % CLOCK_ROWS != 0)
		return;
	now = GetCurrentTimestamp();
	if (now < watch_next)
		return;
	watch_next = now + REPORT_SECONDS * USECS_PER_SEC;
	ereport(NOTICE,
			(errmsg("model \"%s\": read " INT64_FORMAT " rows in %.1f s",
					watch_name, watch_rows,
					(double) (now - watch_started) / USECS_PER_SEC)));
}
