/*-------------------------------------------------------------------------
 *
 * forest_kernel_avx512.c
 *	  The block kernel for x86-64 processors with AVX-512 VBMI.
 *
 * Permutations of words look up slots in a table of 32, 64 or 128 ranks, for
 * two blocks at once; wider forests go to the portable kernel.
 *
 * Blocks of deep forests take long to come from memory, and masks to become
 * numbers.  So many deep trees go on together, in phases: all of them compare
 * their blocks, then find their exits, then read what is there; between, 16 or
 * 32 ways share an instruction.  Few trees would wait for the end of each
 * phase, as flat ones would, whose blocks are near: those go pair by pair.
 *
 *-------------------------------------------------------------------------
 */
#include <string.h>

#include "core/base/forest_pause.h"
#include "core/score/forest_block.h"
#include "core/score/forest_blocks.h"
#include "core/score/forest_kernel.h"

#if defined(__x86_64__)

#include <immintrin.h>

typedef struct KernelTable
{
	__m512i		ranks[4];
	uint32_t	n;				/* 1, 2 or 4 */
} KernelTable;

/* The ranks of two blocks' nodes.  Permutations ignore higher bits of slots. */
static inline __m512i
look_up(const KernelTable *table, __m512i slots)
{
	__m512i		low;
	__m512i		high;

	if (table->n == 1)
		return _mm512_permutexvar_epi16(slots, table->ranks[0]);
	low = _mm512_permutex2var_epi16(table->ranks[0], slots, table->ranks[1]);
	if (table->n == 2)
		return low;
	high = _mm512_permutex2var_epi16(table->ranks[2], slots, table->ranks[3]);
	return _mm512_mask_blend_epi16(
		_mm512_test_epi16_mask(slots, _mm512_set1_epi16(64)), low, high);
}

/* The exit of a block, all nodes compared at once; "bits" go right anyway. */
static inline uint32_t
block_exit(const ForestBlock *block, const KernelTable *table, uint32_t bits)
{
	__m256i		slots = _mm256_cvtepu8_epi16(
		_mm_loadu_si128((const __m128i *) block->slots));
	__m256i		cuts = _mm256_loadu_si256((const __m256i *) block->cuts);
	__m256i		ranks = _mm512_castsi512_si256(
		look_up(table, _mm512_castsi256_si512(slots)));

	return forest_mask_exit(_mm256_cmpgt_epi16_mask(ranks, cuts) | bits);
}

/* The nodes of two blocks that go right: the bits of a, then those of b. */
KERNEL_INLINE uint32_t
two_masks(const ForestBlock *a, const ForestBlock *b,
		  const KernelTable *table)
{
	__m256i		slots = _mm256_inserti128_si256(
		_mm256_castsi128_si256(
			_mm_loadu_si128((const __m128i *) a->slots)),
		_mm_loadu_si128((const __m128i *) b->slots), 1);
	__m512i		cuts = _mm512_inserti64x4(
		_mm512_castsi256_si512(
			_mm256_loadu_si256((const __m256i *) a->cuts)),
		_mm256_loadu_si256((const __m256i *) b->cuts), 1);

	return _mm512_cmpgt_epi16_mask(
		look_up(table, _mm512_cvtepu8_epi16(slots)), cuts);
}

/* Compares all 16 keys. */
static inline uint32_t
search_node(const double *keys, double v)
{
	__m512d		value = _mm512_set1_pd(v);
	__mmask8	a = _mm512_cmp_pd_mask(_mm512_loadu_pd(keys), value,
									   _CMP_LT_OQ);
	__mmask8	b = _mm512_cmp_pd_mask(_mm512_loadu_pd(keys + 8), value,
									   _CMP_LT_OQ);

	return (uint32_t) __builtin_popcount((unsigned) a | (unsigned) b << 8);
}

#define KERNEL_PAIRS
#define KERNEL_SIZES
#define KERNEL_VECTOR 64
#include "core/score/forest_kernel_steps.inc"

/* A table of which 128 ranks or less are used, as the kernel holds it. */
static inline KernelTable
load_table(const int16_t *table, uint32_t used)
{
	KernelTable ranks;

	ranks.n = used <= 32 ? 1 : used / 32;
	for (uint32_t i = 0; i < 4; i++)
		ranks.ranks[i] = _mm512_loadu_si512(table + 32 * (i & (ranks.n - 1)));
	return ranks;
}

/* Many rows hide how long masks take, so that the narrowest stay here. */
#define KERNEL_WIDEST	128
#include "core/score/forest_kernel_batch.inc"

/* Deep trees that go on together: the most, and fewer are faster without. */
#define WAYS_TREES	128
#define WAYS_LEAST	32

/*
 * Ways that take each phase together.  Measured: then the next ones compare
 * while blocks of the last are on their way; with fewer, phases are too short.
 */
#define WAYS_PART	64

/* Ways that share an instruction, and the most of them. */
#define WAYS_VECTOR	16
#define WAYS_WIDEST	32

/* Ways in a row of loads without a condition. */
#define WAYS_STRETCH	8

/* Entries of an array of ways: the last vectors may be only begun. */
#define WAYS_ROOM	(WAYS_TREES + WAYS_WIDEST)

/* Bytes of a block, as a shift. */
#define WAYS_BLOCK	6

/*
 * The ways that a row takes through trees.  Blocks are told by where they
 * are, in bytes from the first.  Behind those of all ways is that of any
 * block, up to a whole stretch.
 */
typedef struct KernelWays
{
	uint32_t	blocks[WAYS_ROOM];
	uint32_t	ended[WAYS_ROOM];	/* numbers of values */

	/* of those ways that take a step */
	uint32_t	exits[WAYS_ROOM];	/* where they are, then what is there */
	uint32_t	children[WAYS_ROOM];	/* forest_children of the blocks */
	uint16_t	right[WAYS_ROOM];	/* bits of nodes that go right */
} __attribute__((aligned(64))) KernelWays;

/* 16 of an array's entries. */
KERNEL_INLINE __m512i
ways_load(const uint32_t *entries)
{
	return _mm512_loadu_si512(entries);
}

/* Compares the nodes of n blocks. */
KERNEL_INLINE void
ways_compare(KernelWays *ways, const uint32_t *blocks, uint32_t n,
			 const uint8_t *first, const KernelTable *table,
			 KernelBits bits)
{
	for (uint32_t k = 0; k < n; k += WAYS_STRETCH)
	{
		for (uint32_t i = k; i < k + WAYS_STRETCH; i += 2)
		{
			const void *a = first + blocks[i];
			const void *b = first + blocks[i + 1];
			uint32_t	masks = two_masks(a, b, table);

			memcpy(&ways->right[i], &masks, sizeof(masks));
		}
	}
	for (uint32_t k = 0; (bits.all != NULL || bits.each != NULL) && k < n; k++)
		ways->right[k] |= (uint16_t) kernel_bits(bits,
												 blocks[k] >> WAYS_BLOCK);
}

/*
 * The exits of 32 blocks, by the bits of their nodes.  A node's children are
 * 2 i + 1 and 2 i + 2, and exits follow the nodes.
 */
KERNEL_INLINE __m512i
mask_exits(__m512i right)
{
	const __m512i one = _mm512_set1_epi16(1);
	__m512i		node = _mm512_setzero_si512();

	for (int level = 0; level < FOREST_BLOCK_LEVELS; level++)
	{
		__m512i		bit = _mm512_and_si512(_mm512_srlv_epi16(right, node),
										   one);

		node = _mm512_add_epi16(_mm512_add_epi16(node, node),
								_mm512_add_epi16(bit, one));
	}
	return _mm512_sub_epi16(node, _mm512_set1_epi16(FOREST_BLOCK_NODES));
}

/* Finds where the exits of n blocks are, by the nodes that go right. */
KERNEL_INLINE void
ways_find_exits(KernelWays *ways, const uint32_t *blocks, uint32_t n)
{
	for (uint32_t k = 0; k < n; k += WAYS_WIDEST)
	{
		__m512i		exits = mask_exits(_mm512_loadu_si512(ways->right + k));

		_mm512_storeu_si512(
			ways->exits + k,
			_mm512_add_epi32(ways_load(blocks + k),
							 _mm512_cvtepu16_epi32(
								 _mm512_castsi512_si256(exits))));
		_mm512_storeu_si512(
			ways->exits + k + WAYS_VECTOR,
			_mm512_add_epi32(ways_load(blocks + k + WAYS_VECTOR),
							 _mm512_cvtepu16_epi32(
								 _mm512_extracti64x4_epi64(exits, 1))));
	}
}

/* Reads what is at the exits of n blocks, and their children. */
KERNEL_INLINE void
ways_read(KernelWays *ways, const uint32_t *blocks, uint32_t n,
		  const uint8_t *first)
{
	const uint8_t *exits = first + offsetof(ForestBlock, exits);

	for (uint32_t k = 0; k < n; k += WAYS_STRETCH)
	{
		for (uint32_t i = k; i < k + WAYS_STRETCH; i++)
		{
			const void *block = first + blocks[i];

			ways->children[i] = forest_children(block);
			ways->exits[i] = exits[ways->exits[i]];
		}
	}
}

/* Asks for n blocks ahead of their use. */
KERNEL_INLINE void
ways_prefetch(const uint32_t *blocks, uint32_t n, const uint8_t *first)
{
	for (uint32_t k = 0; k < n; k += WAYS_STRETCH)
	{
		for (uint32_t i = k; i < k + WAYS_STRETCH; i++)
			forest_prefetch(first + blocks[i]);
	}
}

/* Sets the 16 entries behind the first n to 0. */
KERNEL_INLINE void
ways_pad(uint32_t *entries, uint32_t n)
{
	memset(entries + n, 0, WAYS_VECTOR * sizeof(*entries));
}

/* Compares n blocks and reads what is at their exits, in phases. */
KERNEL_INLINE void
ways_step(KernelWays *ways, const uint32_t *blocks, uint32_t n,
		  const uint8_t *first, const KernelTable *table,
		  KernelBits bits)
{
	ways_compare(ways, blocks, n, first, table, bits);
	ways_find_exits(ways, blocks, n);
	ways_read(ways, blocks, n, first);
}

/* Where 16 exits lead: see forest_next. */
KERNEL_INLINE __m512i
ways_next(const KernelWays *ways, uint32_t k)
{
	__m512i		exits = ways_load(ways->exits + k);
	__mmask16	child = _mm512_cmpge_epi32_mask(
		exits, _mm512_set1_epi32(FOREST_EXIT_CHILD));

	return _mm512_and_si512(
		_mm512_mask_add_epi32(exits, child, exits,
							  ways_load(ways->children + k)),
		_mm512_set1_epi32(0xFFFFFF));
}

/*
 * Moves the n ways that have taken a step: those that end behind the *n_ended
 * that have, the others behind n_blocks.  Returns how many blocks there are
 * then.
 */
KERNEL_INLINE uint32_t
ways_move(KernelWays *ways, uint32_t n, uint32_t first_block,
		  const uint8_t *first, uint32_t n_blocks, uint32_t *n_ended)
{
	uint32_t	n_before = n_blocks;
	uint32_t	n_ends = *n_ended;

	for (uint32_t k = 0; k < n; k += WAYS_VECTOR)
	{
		uint32_t	all = n - k < WAYS_VECTOR ? (1U << (n - k)) - 1 : 0xFFFF;
		__m512i		numbers = ways_next(ways, k);
		__m512i		blocks = _mm512_sub_epi32(
			numbers, _mm512_set1_epi32((int) first_block));
		uint32_t	end = all & _mm512_movepi32_mask(blocks);
		uint32_t	go_on = all & ~end;

		_mm512_storeu_si512(
			ways->blocks + n_blocks,
			_mm512_maskz_compress_epi32(
				(__mmask16) go_on, _mm512_slli_epi32(blocks, WAYS_BLOCK)));
		_mm512_storeu_si512(ways->ended + n_ends,
							_mm512_maskz_compress_epi32((__mmask16) end,
														numbers));
		n_blocks += (uint32_t) __builtin_popcount(go_on);
		n_ends += (uint32_t) __builtin_popcount(end);
	}
	ways_prefetch(ways->blocks + n_before, n_blocks - n_before, first);
	*n_ended = n_ends;
	return n_blocks;
}

/*
 * Adds up the values of n_trees trees, at most WAYS_TREES, whose ways end at
 * different depths.
 */
KERNEL_INLINE int64_t
ways_sum_trees(const ForestBlocks *blocks, const uint32_t *roots,
			   uint32_t n_trees, const KernelTable *table,
			   KernelBits bits)
{
	const uint8_t *first = (const uint8_t *) blocks->blocks;
	KernelWays	ways;
	uint32_t	n_ended = 0;
	uint32_t	n;
	int64_t		sum = 0;

	/* as if a step had led to the roots */
	for (uint32_t k = 0; k < n_trees; k++)
	{
		ways.exits[k] = roots[k];
		ways.children[k] = 0;
	}
	n = ways_move(&ways, n_trees, blocks->first_block, first, 0, &n_ended);
	while (n > 0)
	{
		uint32_t	n_moved = 0;

		ways_pad(ways.blocks, n);
		for (uint32_t k = 0; k < n; k += WAYS_PART)
		{
			uint32_t	part = n - k < WAYS_PART ? n - k : WAYS_PART;

			ways_step(&ways, ways.blocks + k, part, first, table, bits);
			n_moved = ways_move(&ways, part, blocks->first_block, first,
								n_moved, &n_ended);
		}
		n = n_moved;
	}
	for (uint32_t k = 0; k < n_trees; k++)
		sum += blocks->values[ways.ended[k]];
	return sum;
}

/* Adds up the values of n_trees trees, as many together each time. */
KERNEL_INLINE int64_t
ways_sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
		 const KernelTable *table, KernelBits bits)
{
	uint32_t	n_times = (n_trees + WAYS_TREES - 1) / WAYS_TREES;
	uint32_t	together = (n_trees + n_times - 1) / n_times;
	uint32_t	end = first_tree + n_trees;
	int64_t		sum = 0;

	for (uint32_t tree = first_tree; tree < end; tree += together)
	{
		uint32_t	n = end - tree < together ? end - tree : together;

		sum += ways_sum_trees(blocks, blocks->roots + tree, n, table, bits);
	}
	return sum;
}

/*
 * As ways_sum, for a table of any size: a constant n in each call lets the
 * compiler drop the tests on it, as no bits do.  "bits" are as in
 * ForestKernelSteps.sum.
 */
static int64_t
ways_sum_sized(const ForestBlocks *blocks, uint32_t first_tree,
			   uint32_t n_trees, KernelTable *table, const ForestBits *bits)
{
	const KernelBits none = {NULL, NULL};

	if (bits != NULL)
		return ways_sum(blocks, first_tree, n_trees, table,
						(KernelBits) {bits->all, bits});
	if (table->n == 1)
	{
		table->n = 1;
		return ways_sum(blocks, first_tree, n_trees, table, none);
	}
	if (table->n == 2)
	{
		table->n = 2;
		return ways_sum(blocks, first_tree, n_trees, table, none);
	}
	table->n = 4;
	return ways_sum(blocks, first_tree, n_trees, table, none);
}

/*
 * ForestKernelSteps.sum; AVX2's for few trees of the narrowest tables, and the
 * portable one's for tables too wide to hold.
 */
static int64_t
sum(const ForestBlocks *blocks, uint32_t first_tree, uint32_t n_trees,
	const int16_t *table, const ForestBits *bits, bool some_missing)
{
	uint32_t	used = forest_table_used(blocks, some_missing);
	KernelTable ranks;

	if (used > KERNEL_WIDEST)
		return forest_kernel_portable.sum(blocks, first_tree, n_trees, table,
										  bits, some_missing);
	ranks = load_table(table, used);
	return blocks->flat_levels > 0 || n_trees < WAYS_LEAST ?
		kernel_sum_sized(blocks, first_tree, n_trees, &ranks, bits) :
		ways_sum_sized(blocks, first_tree, n_trees, &ranks, bits);
}

const ForestKernelSteps forest_kernel_avx512 = {
	kernel_project, kernel_rank, kernel_gather, sum, kernel_batch
};

#endif							/* __x86_64__ */
