/*-------------------------------------------------------------------------
 *
 * type_forms.h
 *	  What to make of columns whose types no feature can have.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_TYPE_FORMS_H
#define IFOREST_TYPE_FORMS_H

#include "iforest.h"

extern char *type_form_expressions(const char *column, Oid typid);
extern char *type_form_advice(const char *column, Oid typid);
extern const char *type_form_array(Oid typid);

#endif							/* IFOREST_TYPE_FORMS_H */
