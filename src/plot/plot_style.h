/*-------------------------------------------------------------------------
 *
 * plot_style.h
 *	  Colours and sizes of letters, the same in every picture.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_PLOT_STYLE_H
#define IFOREST_PLOT_STYLE_H

#include "iforest.h"

#define PLOT_INK		"#222"
#define PLOT_FAINT		"#666"
#define PLOT_RULE		"#999"
#define PLOT_GRID		"#ddd"
#define PLOT_USUAL		"#4a8fc7"
#define PLOT_UNUSUAL	"#e8833a"

/* Sizes of letters. */
#define PLOT_TITLE_SIZE	16
#define PLOT_TEXT_SIZE	12
#define PLOT_SMALL_SIZE	11

#endif							/* IFOREST_PLOT_STYLE_H */
