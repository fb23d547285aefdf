/*-------------------------------------------------------------------------
 *
 * svg_text.h
 *	  How wide texts are, and texts cut to the room there is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SVG_TEXT_H
#define IFOREST_SVG_TEXT_H

#include "iforest.h"

#include "lib/stringinfo.h"

#include "svg/svg.h"

extern double svg_text_width(const char *s, SvgFont font);
extern void svg_fit(StringInfo svg, const char *start, const char *end,
					SvgFont font, double room);

#endif							/* IFOREST_SVG_TEXT_H */
