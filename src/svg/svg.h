/*-------------------------------------------------------------------------
 *
 * svg.h
 *	  Writing SVG: elements, text, numbers and colours.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_SVG_H
#define IFOREST_SVG_H

#include "iforest.h"

#include "lib/stringinfo.h"

/* Characters between two looks for interrupts. */
#define SVG_PAUSE_CHARACTERS 4096

/* Room for a colour, "#rrggbb". */
#define SVG_COLOR_LEN	8

/* Where a label's point lies in it. */
typedef enum SvgAnchor
{
	SVG_START,
	SVG_MIDDLE,
	SVG_END
} SvgAnchor;

/* How a label looks. */
typedef struct SvgFont
{
	double		size;
	const char *fill;
	bool		bold;
} SvgFont;

extern void svg_begin(StringInfo svg, int width, int height,
					  const char *title, const char *description);
extern text *svg_end(StringInfo svg);
extern void svg_escape(StringInfo svg, const char *s);
extern void svg_number(StringInfo svg, double value);
extern void svg_tenths(StringInfo svg, int tenths);
extern void svg_label(StringInfo svg, double x, double y, SvgAnchor anchor,
					  SvgFont font, double room, const char *s);
extern void svg_label_pair(StringInfo svg, double x, double y,
						   SvgAnchor anchor, SvgFont font, double room,
						   const char *name, const char *value);
extern void svg_label_upwards(StringInfo svg, double x, double y,
							  SvgAnchor anchor, SvgFont font, double room,
							  const char *s);
extern void svg_rect(StringInfo svg, double x, double y, double width,
					 double height, const char *fill);
extern void svg_line(StringInfo svg, double x1, double y1, double x2,
					 double y2, const char *stroke, double width);
extern void svg_mix(uint32 from, uint32 to, double share, char *color);

#endif							/* IFOREST_SVG_H */
