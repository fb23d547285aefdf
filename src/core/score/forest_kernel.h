/*-------------------------------------------------------------------------
 *
 * forest_kernel.h
 *	  What the kernels share, and their doors.  See forest_blocks.h.
 *
 *-------------------------------------------------------------------------
 */
#ifndef FOREST_KERNEL_H
#define FOREST_KERNEL_H

#include "core/forest.h"
#include "core/score/forest_blocks.h"

/* Of a kernel's parts, which are compiled once for each kind of table. */
#if defined(__GNUC__)
#define KERNEL_INLINE static inline __attribute__((always_inline))
#else
#define KERNEL_INLINE static inline
#endif

typedef enum ForestKernel
{
	FOREST_KERNEL_AUTO,			/* the fastest this processor has */
	FOREST_KERNEL_WALK,			/* forest_walk_sum */
	FOREST_KERNEL_PORTABLE,
	FOREST_KERNEL_AVX2,
	FOREST_KERNEL_AVX512,
	FOREST_KERNEL_NEON
} ForestKernel;

/*
 * The masks of a row's categories: which nodes go right in each block, by each
 * of n columns; and or'ed together, or NULL where more blocks would be touched
 * by that than a row looks at.
 */
typedef struct ForestBits
{
	const uint16_t *all;
	uint32_t	n;
	const uint16_t *each[FOREST_BLOCKS_FEATURES];
} ForestBits;

/*
 * The steps of a kernel.  "project" fills the projections of a row that
 * has the values they are made of, by the matrix of them; "columns" has room up
 * to whole vectors.  "rank" fills the rank table of a band from a row's
 * n_columns columns, missing as the lowest rank and, "width" further, as the
 * highest, and tells whether a value was missing; "gather" ors a row's n masks
 * of bits_stride blocks together; "sum" adds up some trees, of a forest without
 * categories if "bits" is NULL.  "batch" does that for
 * n_rows rows, at most FOREST_BATCH_ROWS, of a flat forest without categories:
 * "tables" are theirs, one behind the other, and "columns" the same by slots,
 * FOREST_BATCH_ROWS ranks for each.
 */
typedef struct ForestKernelSteps
{
	void		(*project) (const ForestBlocks *blocks, const double *row,
							double *columns);
	bool		(*rank) (const ForestBlocks *blocks,
						 const ForestBand *band, const double *row,
						 int16_t *table);
	void		(*gather) (const uint16_t *const *masks, uint32_t n,
						   uint32_t bits_stride, uint16_t *bits);
	int64_t		(*sum) (const ForestBlocks *blocks, uint32_t first_tree,
						uint32_t n_trees, const int16_t *table,
						const ForestBits *bits, bool some_missing);
	void		(*batch) (const ForestBlocks *blocks, uint32_t first_tree,
						  uint32_t n_trees, const int16_t *tables,
						  const int16_t *columns, uint32_t n_rows,
						  bool some_missing, int64_t *sums);
} ForestKernelSteps;

extern bool forest_kernel_available(ForestKernel kernel);
extern ForestKernel forest_kernel_best(void);
extern size_t forest_blocks_scratch_size(const ForestBlocks *blocks);
extern int64_t forest_blocks_sum(const ForestBlocks *blocks,
								 ForestKernel kernel, const double *row,
								 void *scratch);
extern size_t forest_blocks_batch_size(const ForestBlocks *blocks);
extern void forest_blocks_sums(const ForestBlocks *blocks,
							   ForestKernel kernel, const double *rows,
							   uint32_t n_rows, int64_t *sums, void *scratch);
extern bool forest_blocks_below(const ForestBlocks *blocks,
								ForestKernel kernel, const double *row,
								int64_t limit, void *scratch);
extern const ForestKernelSteps forest_kernel_portable;

#if defined(__x86_64__)
extern const ForestKernelSteps forest_kernel_avx2;
extern const ForestKernelSteps forest_kernel_avx512;
#elif defined(__aarch64__)
extern const ForestKernelSteps forest_kernel_neon;
#endif

/* Tables are read in whole vectors, the last one too. */
#define FOREST_TABLE_PADDING	32

/* Ranks of a band's table. */
static inline size_t
forest_table_length(const ForestBlocks *blocks)
{
	return 2 * (size_t) blocks->width + FOREST_TABLE_PADDING;
}

/* How many of them are to look up: both halves, or one if they are equal. */
static inline uint32_t
forest_table_used(const ForestBlocks *blocks, bool some_missing)
{
	return blocks->width * (some_missing ? 2 : 1);
}

/*
 * The way through the upper three levels of a block, by its seven bits in
 * level order, as the node of the fourth level that it comes to.
 */
static const uint8_t forest_upper_way[128] = {
#define WAY(m) \
	(uint8_t) (7 + (((m) & 1) == 0 ? \
	 (((m) & 2) == 0 ? ((m) >> 3 & 1) : 2 + ((m) >> 4 & 1)) : \
	 (((m) & 4) == 0 ? 4 + ((m) >> 5 & 1) : 6 + ((m) >> 6 & 1))))
#define WAY4(m) WAY(m), WAY((m) + 1), WAY((m) + 2), WAY((m) + 3)
#define WAY16(m) WAY4(m), WAY4((m) + 4), WAY4((m) + 8), WAY4((m) + 12)
	WAY16(0), WAY16(16), WAY16(32), WAY16(48),
	WAY16(64), WAY16(80), WAY16(96), WAY16(112)
#undef WAY
#undef WAY4
#undef WAY16
};

/* The exit of a block, by a mask of its nodes that go right. */
static inline uint32_t
forest_mask_exit(uint32_t mask)
{
	uint32_t	node = forest_upper_way[mask & 127];

	return 2 * node + (mask >> node & 1) - 14;
}

#endif							/* FOREST_KERNEL_H */
