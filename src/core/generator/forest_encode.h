/*-------------------------------------------------------------------------
 *
 * forest_encode.h
 *	  Rows into the encoder of an autoencoder.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_ENCODE_H
#define FOREST_ENCODE_H

#include "core/forest.h"
#include "core/generator/forest_make.h"
#include "core/generator/forest_table.h"

extern double forest_encode_score(const ForestMake *make,
								  const ForestColumn *column, double value);
extern void forest_encode_put(ForestMake *make, const ForestColumn *column,
							  uint32_t b, double value);
extern void forest_encode(ForestMake *make, uint32_t n);
extern float forest_encoded_mean(const ForestMake *make, uint32_t b,
								 uint32_t u);
extern double forest_encoded_log_variance(const ForestMake *make, uint32_t b,
										  uint32_t u);

#endif							/* FOREST_ENCODE_H */
