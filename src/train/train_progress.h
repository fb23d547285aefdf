/*-------------------------------------------------------------------------
 *
 * train_progress.h
 *	  Telling how far a training has come.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TRAIN_PROGRESS_H
#define IFOREST_TRAIN_PROGRESS_H

#include "iforest.h"

extern bool train_watched;		/* whether train_watch_row wants the rows */
extern void train_watch_row(void);
extern void train_watch_begin(const char *name);
extern void train_watch_end(void);

#endif							/* IFOREST_TRAIN_PROGRESS_H */
