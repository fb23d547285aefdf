/*-------------------------------------------------------------------------
 *
 * forest_generator_bytes.h
 *	  A generator as bytes: a section of a model.
 *
 * All numbers are little-endian; floating-point ones are IEEE 754.  In order,
 * each part at a multiple of 8 and padded with zeros:
 *
 *	  header		GEN_HEADER_SIZE bytes
 *	  columns		GEN_COLUMN_SIZE bytes each
 *	  their curves	knots of 2 f64, score and value; or their classes, u32
 *	  label shares	f64 a class: training rows up to it, if there is a label
 *	  mixture		f32: of each component its weight, mean and root
 *	  weights		f32: of each network (encoder and decoder, or maker)
 *					and each layer a row of weights an output, then biases
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_GENERATOR_BYTES_H
#define FOREST_GENERATOR_BYTES_H

#include "core/base/forest_bytes.h"
#include "core/forest.h"
#include "core/generator/forest_generator.h"
#include "core/generator/forest_mixture.h"
#include "core/generator/forest_table.h"
#include "core/generator/forest_vae.h"
#include "core/net/forest_net.h"

#define GEN_FORMAT			1

#define GEN_AT_FORMAT		0	/* u32 */
#define GEN_AT_METHOD		4	/* u32, ForestMethod */
#define GEN_AT_OUTCOME		8	/* u32, ForestOutcome */
#define GEN_AT_HIDDEN		12	/* u32 */
#define GEN_AT_STEPS		16	/* u32 */
#define GEN_AT_LABEL		20	/* u32, FOREST_NO_LABEL for none */
#define GEN_AT_N_COLUMNS	24	/* u32 */
#define GEN_AT_N_ROWS		28	/* u32 */
#define GEN_AT_BITS			32	/* f64 */
#define GEN_AT_COMPONENTS	40	/* u32 */
#define GEN_AT_LATENT		44	/* u32, FOREST_VAE_LATENT */
#define GEN_HEADER_SIZE		48

#define GEN_COLUMN_KIND		0	/* u32: 0 for a number, 1 for classes */
#define GEN_COLUMN_FLAGS	4	/* u32 */
#define GEN_COLUMN_N		8	/* u32: knots, or classes */
#define GEN_COLUMN_ZERO		12
#define GEN_COLUMN_ORIGIN	16	/* f64 */
#define GEN_COLUMN_STEP		24	/* f64 */
#define GEN_COLUMN_PER_UNIT 32	/* f64 */
#define GEN_COLUMN_SIZE		40

#define GEN_FLAG_VARIES		1
#define GEN_FLAG_MAY_MISS	2

#define GEN_KNOT_SIZE		16
#define GEN_COMPONENT_FLOATS	(1 + FOREST_VAE_LATENT + FOREST_MIXTURE_HALF)

/* Most classes of a column: their codes are 16 bits in training. */
#define GEN_MAX_CLASSES		65535

/*
 * No weight is further from 0: then nothing that a network computes from the
 * inputs that it gets comes to be infinite.
 */
#define GEN_MOST_WEIGHT		1048576.0f

/* Nor are latents' means and deviations. */
#define GEN_MOST_LATENT		1024.0f

/* Returns the float whose bits are at p, 4 bytes, little-endian; any bits. */
static inline float
gen_get_float(const uint8_t *p)
{
	uint32_t	bits = forest_get32(p);
	float		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Writes a float's bits to p, 4 bytes, little-endian, a NaN's as they are. */
static inline void
gen_put_float(uint8_t *p, float value)
{
	uint32_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	forest_put32(p, bits);
}

/* n rounded up to a multiple of 8, where the next part begins. */
static inline uint64_t
gen_align(uint64_t n)
{
	return (n + 7) / 8 * 8;
}

/* Bytes of a column's curve or classes. */
static inline uint64_t
gen_column_bytes(bool is_classes, uint32_t n)
{
	return is_classes ? gen_align((uint64_t) n * 4) :
		(uint64_t) n * GEN_KNOT_SIZE;
}

/* Floats of a network's weights without the padding of its rows. */
static inline uint64_t
gen_net_floats(const ForestNet *net)
{
	uint64_t	n = 0;

	for (uint32_t l = 0; l < FOREST_NET_LAYERS; l++)
		n += ((uint64_t) net->widths[l] + 1) * net->widths[l + 1];
	return n;
}

/* What writing, checking and reading share. */
extern void forest_generator_column(const uint8_t *bytes, uint32_t c,
									ForestColumn *column);
extern uint64_t forest_generator_head(const uint8_t *bytes,
									  ForestGenerator *generator);
extern uint32_t forest_generator_label_classes(const uint8_t *bytes);
extern uint64_t forest_generator_floats(const ForestGenerator *generator);

extern uint64_t forest_generator_size(const ForestGenerator *generator);
extern void forest_generator_write(const ForestGenerator *generator,
								   uint8_t *bytes);
extern uint64_t forest_generator_memory(const uint8_t *bytes);
extern void forest_generator_read(const uint8_t *bytes, void *memory,
								  ForestGenerator *generator);

#endif							/* FOREST_GENERATOR_BYTES_H */
