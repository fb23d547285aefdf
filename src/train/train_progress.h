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

extern bool train_watched;		/* whether the others want calls */
extern void train_watch_rows(uint32 n);
extern void train_watch_generator(uint32 n_steps, uint32 most_steps);
extern void train_watch_begin(const char *name);
extern void train_watch_end(void);

#endif							/* IFOREST_TRAIN_PROGRESS_H */
