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

/* Whether it is time for a report; "now" becomes the time. */
static bool
report_is_due(TimestampTz *now)
{
	*now = GetCurrentTimestamp();
	if (*now < watch_next)
		return false;
	watch_next = *now + REPORT_SECONDS * USECS_PER_SEC;
	return true;
}

/* The seconds from the start of watching. */
static double
seconds_since_start(TimestampTz now)
{
	return (double) (now - watch_started) / USECS_PER_SEC;
}

/* Now and then tells how far a generator that is watched has come. */
void
train_watch_generator(uint32 n_steps, uint32 most_steps)
{
	TimestampTz now;

	if (report_is_due(&now))
		ereport(NOTICE,
				(errmsg("model \"%s\": generator took %u of at most %u steps in %.1f s",
						watch_name, n_steps, most_steps,
						seconds_since_start(now))));
}

/*
 * Counts n rows of a training that is watched, and now and then tells how
 * many there were.  A parallel plan's workers do not know of it: their rows
 * are not counted.
 */
void
train_watch_rows(uint32 n)
{
	int64		looks = watch_rows / CLOCK_ROWS;
	TimestampTz now;

	watch_rows += n;
	if (watch_rows / CLOCK_ROWS == looks || !report_is_due(&now))
		return;
	ereport(NOTICE,
			(errmsg("model \"%s\": read " INT64_FORMAT " rows in %.1f s",
					watch_name, watch_rows, seconds_since_start(now))));
}
