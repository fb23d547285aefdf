/*-------------------------------------------------------------------------
 *
 * model_text.h
 *	  Text in models, and in databases of whatever encoding.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_MODEL_TEXT_H
#define IFOREST_MODEL_TEXT_H

#include "iforest.h"

#include "core/format/forest_model.h"

extern ForestString model_string(ForestString here);
extern bool model_string_here(ForestString string, ForestString *here);
extern char *model_string_text(ForestString string);
extern char *model_string_exact(ForestString string);
pg_noreturn extern void report_untranslatable(const char *what);

#endif							/* IFOREST_MODEL_TEXT_H */
