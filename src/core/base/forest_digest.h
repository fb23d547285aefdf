/*-------------------------------------------------------------------------
 *
 * forest_digest.h
 *	  What a model is known by: SHA-256 (FIPS 180-4).
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_DIGEST_H
#define FOREST_DIGEST_H

#include "core/forest.h"

#define FOREST_DIGEST_SIZE 32

extern void forest_digest(const uint8_t *bytes, size_t len,
						  uint8_t digest[FOREST_DIGEST_SIZE]);

#endif							/* FOREST_DIGEST_H */
