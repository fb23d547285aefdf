/*-------------------------------------------------------------------------
 *
 * forest_kernel_batch.h
 *	  The body of a kernel for many rows at once.
 *
 * All rows begin a tree at the same block.  Its nodes are compared one after
 * the other, each with the ranks of as many rows as a vector holds, and the
 * ways through the block follow without a jump: a few instructions a row,
 * where a row alone takes twenty.  Behind the first block rows go different
 * ways, and each goes on alone.
 *
 * A kernel's file includes this behind forest_kernel_steps.h and these:
 *
 *	  KERNEL_WIDEST
 *		the most ranks that its tables hold
 *	  load_table(const int16_t *table, uint32_t used)
 *		returns a rank table, of which so many ranks are used, as the kernel
 *		holds it
 *
 *-------------------------------------------------------------------------
 */

/* Ranks of one slot, of so many rows; or the outcomes of a comparison. */
typedef int16_t KernelRanks __attribute__((vector_size(KERNEL_VECTOR)));

#define KERNEL_BATCH_LANES	(KERNEL_VECTOR / sizeof(int16_t))

/* Of each lane that of a where the row goes right, that of b elsewhere. */
KERNEL_INLINE KernelRanks
kernel_choose(KernelRanks right, KernelRanks a, KernelRanks b)
{
	return (right & a) | (~right & b);
}

/* The exits that rows take from a block, whose ranks begin at "columns". */
KERNEL_INLINE KernelRanks
kernel_exits(const ForestBlock *block, const int16_t *columns)
{
	KernelRanks n[FOREST_BLOCK_NODES];	/* all ones: goes right there */
	KernelRanks second;
	KernelRanks third;
	KernelRanks fourth;

	for (uint32_t i = 0; i < FOREST_BLOCK_NODES; i++)
	{
		KernelRanks ranks;

		memcpy(&ranks, columns + (size_t) block->slots[i] * FOREST_BATCH_ROWS,
			   sizeof(ranks));
		n[i] = ranks > block->cuts[i];
	}
	second = kernel_choose(n[0], n[2], n[1]);
	third = kernel_choose(n[0], kernel_choose(second, n[6], n[5]),
						  kernel_choose(second, n[4], n[3]));
	fourth = kernel_choose(n[0],
						   kernel_choose(second,
										 kernel_choose(third, n[14], n[13]),
										 kernel_choose(third, n[12], n[11])),
						   kernel_choose(second,
										 kernel_choose(third, n[10], n[9]),
										 kernel_choose(third, n[8], n[7])));
	return (n[0] & 8) | (second & 4) | (third & 2) | (fourth & 1);
}

/*
 * Adds the values of n_trees trees of a flat forest to the sums of n_rows
 * rows, at most FOREST_BATCH_ROWS.  "size" is that of all tables, if the
 * kernel's tables have one.
 */
KERNEL_INLINE void
kernel_batch_with(const ForestBlocks *blocks, uint32_t first_tree,
				  uint32_t n_trees, const KernelTable *tables,
				  const int16_t *columns, uint32_t n_rows, int64_t *sums,
				  uint32_t flat_levels, uint32_t size)
{
	const ForestBlock *all = blocks->blocks;
	const int64_t *values = blocks->values;
	uint32_t	last = flat_levels - 1;
	uint16_t	exits[FOREST_BATCH_ROWS];
	uint32_t	children[FOREST_BLOCK_EXITS];

	for (uint32_t tree = first_tree; tree < first_tree + n_trees; tree++)
	{
		const ForestBlock *root = &all[blocks->roots[tree]];

		for (uint32_t exit = 0; exit < FOREST_BLOCK_EXITS; exit++)
			children[exit] = forest_child(root, root->exits[exit]);
		for (uint32_t row = 0; row < n_rows; row += KERNEL_BATCH_LANES)
		{
			KernelRanks some = kernel_exits(root, columns + row);

			memcpy(exits + row, &some, sizeof(some));
		}
		for (uint32_t row = 0; row < n_rows; row++)
		{
			KernelTable table = tables[row];
			uint32_t	at = children[exits[row]];

#ifdef KERNEL_SIZES
			table.n = size;
#endif
			for (uint32_t level = 1; level < last; level++)
				at = forest_child(&all[at],
								  kernel_exit(&all[at], &table, NULL, at));
			/* the exits of the last blocks are numbers of values */
			if (last > 0)
				at = kernel_exit(&all[at], &table, NULL, at);
			sums[row] += values[at];
		}
	}
	(void) size;
}

/* As kernel_batch_with, compiled for the cases that are worth it. */
static void
kernel_batch_tables(const ForestBlocks *blocks, uint32_t first_tree,
					uint32_t n_trees, const KernelTable *tables,
					const int16_t *columns, uint32_t n_rows, int64_t *sums)
{
	uint32_t	levels = blocks->flat_levels;

#ifdef KERNEL_SIZES
	uint32_t	size = tables[0].n;

	if (size == 1 && levels == 2)
		kernel_batch_with(blocks, first_tree, n_trees, tables, columns,
						  n_rows, sums, 2, 1);
	else if (size == 2 && levels == 2)
		kernel_batch_with(blocks, first_tree, n_trees, tables, columns,
						  n_rows, sums, 2, 2);
	else
		kernel_batch_with(blocks, first_tree, n_trees, tables, columns,
						  n_rows, sums, levels, size);
#else
	kernel_batch_with(blocks, first_tree, n_trees, tables, columns, n_rows,
					  sums, levels, 0);
#endif
}

/* The step "batch" of a kernel; what is too wide goes to the portable one. */
static void
kernel_batch(const ForestBlocks *blocks, uint32_t first_tree,
			 uint32_t n_trees, const int16_t *tables, const int16_t *columns,
			 uint32_t n_rows, bool some_missing, int64_t *sums)
{
	uint32_t	used = forest_table_used(blocks, some_missing);
	KernelTable ranks[FOREST_BATCH_ROWS];

	if (used > KERNEL_WIDEST)
	{
		forest_kernel_portable.batch(blocks, first_tree, n_trees, tables,
									 columns, n_rows, some_missing, sums);
		return;
	}
	for (uint32_t i = 0; i < n_rows; i++)
		ranks[i] = load_table(tables + i * forest_table_length(blocks), used);
	kernel_batch_tables(blocks, first_tree, n_trees, ranks, columns, n_rows,
						sums);
}
