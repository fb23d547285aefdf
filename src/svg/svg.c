/*-------------------------------------------------------------------------
 *
 * svg.c
 *	  Writing SVG: elements, text, numbers and colours.
 *
 * The text is plain ASCII whatever the database's encoding: all else is
 * written as character references.  So a picture means the same in a file, a
 * web page and a terminal.  It is SVG 1.1 with attributes alone: no style
 * sheet and no script, which pages refuse that show what comes from a
 * database.
 *
 * Whatever comes from outside, a column's name or a category, is escaped by
 * svg_escape(), and there is no other way into the text.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "svg/svg.h"
#include "svg/svg_text.h"

#define FONTS \
	"system-ui,-apple-system,'Segoe UI','Noto Sans','DejaVu Sans',Helvetica,Arial,sans-serif"

/* Whether XML 1.0 may hold a character. */
static bool
is_xml_character(pg_wchar c)
{
	return c == '\t' || c == '\n' || c == '\r' ||
		(c >= 0x20 && c < 0xD800) || (c >= 0xE000 && c < 0xFFFE) ||
		(c >= 0x10000 && c <= 0x10FFFF);
}

/*
 * Appends one character: itself, a reference where markup or an encoding could
 * get in its way, or the replacement character.
 */
static void
append_character(StringInfo svg, pg_wchar c)
{
	if (!is_xml_character(c))
		appendStringInfoString(svg, "&#xfffd;");
	else if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' ||
			 c < 0x20 || c > 0x7E)
		appendStringInfo(svg, "&#x%x;", (unsigned int) c);
	else
		appendStringInfoChar(svg, (char) c);
}

/*
 * Appends a string of the database's encoding as text or as the value of an
 * attribute.  What XML may not hold, or has no encoding, becomes the
 * replacement character.
 */
void
svg_escape(StringInfo svg, const char *s)
{
	int			len = (int) strlen(s);
	/* the server refuses bytes of SQL_ASCII that are no UTF-8 */
	const char *utf8 = GetDatabaseEncoding() == PG_SQL_ASCII ? s :
		pg_server_to_any(s, len, PG_UTF8);
	bool		valid =
		pg_verify_mbstr(PG_UTF8, utf8, (int) strlen(utf8), true);

	for (uint32 i = 0; *utf8 != '\0'; i++)
	{
		const unsigned char *at = (const unsigned char *) utf8;

		if (i % SVG_PAUSE_CHARACTERS == 0)
			CHECK_FOR_INTERRUPTS();
		if (!valid)
			/* which XML cannot hold: shown as the replacement character */
			append_character(svg, *at < 0x80 ? *at : 0xFFFF);
		else
			append_character(svg, utf8_to_unicode(at));
		utf8 += valid ? pg_encoding_mblen(PG_UTF8, utf8) : 1;
	}
}

/*
 * Starts a picture of a white sheet; "title" is its accessible name, and
 * "description" what it shows, in words.
 */
void
svg_begin(StringInfo svg, int width, int height, const char *title,
		  const char *description)
{
	initStringInfo(svg);
	appendStringInfo(svg,
					 "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
					 "width=\"%d\" height=\"%d\" role=\"img\" font-family=\"%s\">\n<title>",
					 width, height, width, height, FONTS);
	svg_escape(svg, title);
	appendStringInfoString(svg, "</title>\n<desc>");
	svg_escape(svg, description);
	appendStringInfoString(svg, "</desc>\n");
	svg_rect(svg, 0, 0, width, height, "#fff");
}

/* Ends a picture and returns its text, palloc'd. */
text *
svg_end(StringInfo svg)
{
	appendStringInfoString(svg, "</svg>\n");
	return cstring_to_text_with_len(svg->data, svg->len);
}

/* Appends a number given in tenths, in the fewest characters: "-.3", "12". */
void
svg_tenths(StringInfo svg, int tenths)
{
	unsigned int size = tenths < 0 ? 0U - (unsigned int) tenths :
		(unsigned int) tenths;

	if (tenths < 0)
		appendStringInfoChar(svg, '-');
	if (size >= 10 || size == 0)
		appendStringInfo(svg, "%u", size / 10);
	if (size % 10 != 0)
		appendStringInfo(svg, ".%u", size % 10);
}

/* Appends a coordinate, rounded to tenths; what is out of any sheet is 0. */
void
svg_number(StringInfo svg, double value)
{
	svg_tenths(svg, fabs(value) < 1e8 ? (int) lrint(value * 10.0) : 0);
}

/*
 * Appends the element of a label, of two parts (see svg_fit); "rotated" has it
 * read upwards.
 */
static void
append_label(StringInfo svg, double x, double y, bool rotated,
			 SvgAnchor anchor, SvgFont font, double room, const char *start,
			 const char *end)
{
	static const char *const anchors[] = {"start", "middle", "end"};

	if (rotated)
	{
		appendStringInfoString(svg, "<text transform=\"translate(");
		svg_number(svg, x);
		appendStringInfoChar(svg, ' ');
		svg_number(svg, y);
		appendStringInfoString(svg, ") rotate(-90)\"");
	}
	else
	{
		appendStringInfoString(svg, "<text x=\"");
		svg_number(svg, x);
		appendStringInfoString(svg, "\" y=\"");
		svg_number(svg, y);
		appendStringInfoChar(svg, '"');
	}
	appendStringInfoString(svg, " font-size=\"");
	svg_number(svg, font.size);
	appendStringInfo(svg, "\" fill=\"%s\"", font.fill);
	if (font.bold)
		appendStringInfoString(svg, " font-weight=\"600\"");
	if (anchor != SVG_START)
		appendStringInfo(svg, " text-anchor=\"%s\"", anchors[anchor]);
	appendStringInfoChar(svg, '>');
	svg_fit(svg, start, end, font, room);
	appendStringInfoString(svg, "</text>\n");
}

/*
 * Writes a label whose base line is at y; x is its start, middle or end.
 * What does not fit into "room" is cut off.
 */
void
svg_label(StringInfo svg, double x, double y, SvgAnchor anchor, SvgFont font,
		  double room, const char *s)
{
	append_label(svg, x, y, false, anchor, font, room, s, "");
}

/*
 * As svg_label, of a name and the value behind it, " = 7": where there is
 * little room, the name is cut off and the value kept.
 */
void
svg_label_pair(StringInfo svg, double x, double y, SvgAnchor anchor,
			   SvgFont font, double room, const char *name, const char *value)
{
	append_label(svg, x, y, false, anchor, font, room, name, value);
}

/* As svg_label, but read from the bottom upwards, with its base line at x. */
void
svg_label_upwards(StringInfo svg, double x, double y, SvgAnchor anchor,
				  SvgFont font, double room, const char *s)
{
	append_label(svg, x, y, true, anchor, font, room, s, "");
}

/* Writes a filled rectangle; negative sizes are none. */
void
svg_rect(StringInfo svg, double x, double y, double width, double height,
		 const char *fill)
{
	appendStringInfoString(svg, "<rect x=\"");
	svg_number(svg, x);
	appendStringInfoString(svg, "\" y=\"");
	svg_number(svg, y);
	appendStringInfoString(svg, "\" width=\"");
	svg_number(svg, Max(width, 0));
	appendStringInfoString(svg, "\" height=\"");
	svg_number(svg, Max(height, 0));
	appendStringInfo(svg, "\" fill=\"%s\"/>\n", fill);
}

/* Writes a straight line. */
void
svg_line(StringInfo svg, double x1, double y1, double x2, double y2,
		 const char *stroke, double width)
{
	appendStringInfoString(svg, "<path d=\"M");
	svg_number(svg, x1);
	appendStringInfoChar(svg, ' ');
	svg_number(svg, y1);
	appendStringInfoChar(svg, 'L');
	svg_number(svg, x2);
	appendStringInfoChar(svg, ' ');
	svg_number(svg, y2);
	appendStringInfo(svg, "\" stroke=\"%s\" stroke-width=\"", stroke);
	svg_number(svg, width);
	appendStringInfoString(svg, "\"/>\n");
}

/*
 * Mixes two colours (0xRRGGBB): "share" of the second, 0 .. 1; writes
 * SVG_COLOR_LEN bytes to "color".
 */
void
svg_mix(uint32 from, uint32 to, double share, char *color)
{
	int			rgb[3];

	for (int i = 0; i < 3; i++)
	{
		int			a = (int) (from >> (16 - 8 * i) & 0xFF);
		int			b = (int) (to >> (16 - 8 * i) & 0xFF);

		rgb[i] = (int) lrint(a + (b - a) * Min(Max(share, 0.0), 1.0));
	}
	snprintf(color, SVG_COLOR_LEN, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
}
