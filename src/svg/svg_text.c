/*-------------------------------------------------------------------------
 *
 * svg_text.c
 *	  How wide texts are, and texts cut to the room there is.
 *
 * Which of its fonts a reader's machine has is not known here.  The widths
 * are those of DejaVu Sans, the widest of them, so that what fits by them fits
 * everywhere.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "svg/svg.h"
#include "svg/svg_text.h"

/* Widths of the characters ' ' to '~', in hundredths of the font's size. */
static const uint8 ascii_widths[2]['~' - ' ' + 1] = {
	{
		32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34,
		64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53,
		100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79,
		60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50,
		50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61,
		63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84
	},
	{
		35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37,
		70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 58,
		100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85,
		73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50,
		50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69,
		72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84
	}
};

/*
 * Widths of other characters that take one column of a terminal, as most
 * letters with accents and of other alphabets do, and of those that take
 * more.
 */
static const uint8 letter_widths[2] = {76, 84};

#define WIDE_WIDTH		102
#define ELLIPSIS_WIDTH	100

/*
 * The width of a character of the database's encoding, in hundredths of the
 * font's size; 0 of what combines with the character before it.
 */
static int
character_width(const char *s, bool bold)
{
	unsigned char c = (unsigned char) *s;
	int			columns;

	if (c >= ' ' && c <= '~')
		return ascii_widths[bold][c - ' '];
	columns = pg_encoding_dsplen(GetDatabaseEncoding(), s);
	if (columns <= 0)
		return c < ' ' ? WIDE_WIDTH : 0;
	return columns == 1 ? letter_widths[bold] : WIDE_WIDTH;
}

/*
 * The bytes at the start of a string that fit into "room" pixels; in *width,
 * what they take of it.
 */
static int
bytes_within(const char *s, SvgFont font, double room, double *width)
{
	int			encoding = GetDatabaseEncoding();
	int			len = (int) strlen(s);
	int			at = 0;
	uint32		n = 0;

	*width = 0;
	while (at < len)
	{
		double		more = character_width(s + at, font.bold) * font.size / 100;

		if (n++ % SVG_PAUSE_CHARACTERS == 0)
			CHECK_FOR_INTERRUPTS();
		if (*width + more > room)
			break;
		*width += more;
		at += Min(Max(pg_encoding_mblen(encoding, s + at), 1), len - at);
	}
	return at;
}

/* The width that a string takes at most. */
double
svg_text_width(const char *s, SvgFont font)
{
	double		width;

	(void) bytes_within(s, font, INFINITY, &width);
	return width;
}

/*
 * Appends a string, or as much of its beginning as leaves room for an
 * ellipsis, one character at least.
 */
static void
append_within(StringInfo svg, const char *s, SvgFont font, double room)
{
	double		width;
	int			len = bytes_within(s, font, room, &width);
	char	   *start;

	if (s[len] == '\0')
	{
		svg_escape(svg, s);
		return;
	}
	len = bytes_within(s, font, room - ELLIPSIS_WIDTH * font.size / 100,
					   &width);
	if (len == 0)
		len = pg_encoding_mblen(GetDatabaseEncoding(), s);
	start = pnstrdup(s, Min(len, (int) strlen(s)));
	svg_escape(svg, start);
	appendStringInfoString(svg, "&#x2026;");
	pfree(start);
}

/*
 * Appends the text of a label, "end" right behind "start".  If there is no
 * room for both, the start is cut first, to no less than a quarter of the room:
 * a value says more than the name before it.  What is cut off shows where the
 * pointer rests on the label.
 */
void
svg_fit(StringInfo svg, const char *start, const char *end, SvgFont font,
		double room)
{
	double		start_width = svg_text_width(start, font);
	double		end_width = svg_text_width(end, font);
	double		end_room;

	if (start_width + end_width <= room)
	{
		svg_escape(svg, start);
		svg_escape(svg, end);
		return;
	}
	appendStringInfoString(svg, "<title>");
	svg_escape(svg, start);
	svg_escape(svg, end);
	appendStringInfoString(svg, "</title>");
	/* widths as they are, not differences: those would be rounded */
	end_room = Min(end_width, room - Min(start_width, room / 4));
	append_within(svg, start, font,
				  Max(room - end_room, Min(start_width, room / 4)));
	append_within(svg, end, font, end_room);
}
