/*-------------------------------------------------------------------------
 *
 * merge_repeats.c
 *	  What models to merge have in common that they should not: trees, or
 *	  the seed.
 *
 * A forest is as good as its trees are different.  A tree that is there twice
 * has two votes and says nothing new; trees of one seed cut where the same
 * random numbers told them to, and so err alike, even on different rows.
 *
 *-------------------------------------------------------------------------
 */
#include "iforest.h"

#include "miscadmin.h"

#include "core/base/forest_bytes.h"
#include "core/base/forest_pause.h"
#include "core/base/forest_rng.h"
#include "core/base/forest_sort.h"
#include "core/format/forest_model.h"
#include "core/format/forest_view.h"
#include "train/merge_repeats.h"

/*
 * So many cuts, which are random numbers, are in two trees only if one is a
 * copy of the other.  Smaller trees may be alike by chance.
 */
#define TELLING_CUTS	8

/* Running positions in the arrays that the trees of a model share. */
typedef struct TreeCursor
{
	uint32		tree;
	uint32		node;
	uint32		cut;
	uint32		leaf;
	uint64		set;
} TreeCursor;

/* Mixes a word into a fingerprint. */
static inline uint64
mix(uint64 print, uint64 word)
{
	uint64		state = print ^ word;

	return forest_splitmix64(&state);
}

/* Mixes a categorical split's set into a fingerprint. */
static uint64
mix_set(uint64 print, const ForestView *view, TreeCursor *at)
{
	uint32		n = forest_get16(view->sets + 2 * at->set) & FOREST_SET_COUNT;

	for (uint64 end = at->set + n + 1; at->set < end; at->set++)
	{
		forest_pause_at(at->set);
		print = mix(print, forest_get16(view->sets + 2 * at->set));
	}
	return print;
}

/*
 * The fingerprint of a model's next tree.  That of a small one also tells its
 * number and the model's seed.
 */
static uint64
next_print(const ForestView *view, TreeCursor *at)
{
	uint32		n = forest_get32(view->tree_nodes + 4 * (Size) at->tree);
	uint32		first_cut = at->cut;
	uint64		print = n;

	for (uint32 end = at->node + n; at->node < end; at->node++)
	{
		uint16		word = forest_get16(view->nodes + 2 * (Size) at->node);
		uint32		f = word & FOREST_NODE_FEATURE;

		forest_pause_at(at->node);
		print = mix(print, word);
		if (word & FOREST_NODE_LEAF)
			print = mix(print, forest_get32(view->leaves +
											4 * (Size) at->leaf++));
		else if (f < view->summary.n_features &&
				 forest_type_is_category(forest_view_feature(view, f).type))
			print = mix_set(print, view, at);
		else
			print = mix(print, forest_get64(view->cuts +
											8 * (Size) at->cut++));
	}
	if (at->cut - first_cut < TELLING_CUTS)
		print = mix(mix(print, at->tree), view->summary.seed);
	at->tree++;
	return print;
}

/*
 * How many of the models' trees are copies of others among them.  Takes a
 * time linear in the models' sizes.
 */
uint32
merge_repeated_trees(const ForestView *const *views, int n_views)
{
	uint32		n_trees = 0;
	uint32		n_repeated = 0;
	uint32		n = 0;
	ForestPair *prints;

	for (int i = 0; i < n_views; i++)
		n_trees += views[i]->summary.n_trees;
	prints = palloc(2 * (Size) n_trees * sizeof(ForestPair));
	for (int i = 0; i < n_views; i++)
	{
		TreeCursor	at = {0};

		CHECK_FOR_INTERRUPTS();
		while (at.tree < views[i]->summary.n_trees)
			prints[n++].key = next_print(views[i], &at);
	}
	forest_sort(prints, prints + n_trees, n);
	for (uint32 i = 1; i < n; i++)
		n_repeated += prints[i].key == prints[i - 1].key;
	pfree(prints);
	return n_repeated;
}

/*
 * Whether a model's seed is known: documents of other programs may have none
 * (json_read.c).  A merged model has that of its first part.
 */
static bool
knows_seed(const ForestView *view)
{
	return view->summary.seed != 0 ||
		(view->summary.flags & FOREST_FLAG_SEED_DRAWN) == 0;
}

/* How many models have the seed that most of them share, and in *seed which. */
static int
count_sharing(const ForestView *const *views, int n_views, int64 *seed)
{
	ForestPair *seeds = palloc(2 * (Size) n_views * sizeof(ForestPair));
	int			most = 0;
	int			n = 0;
	int			begin = 0;

	for (int i = 0; i < n_views; i++)
	{
		if (knows_seed(views[i]))
			seeds[n++].key = views[i]->summary.seed;
	}
	forest_sort(seeds, seeds + n_views, (size_t) n);
	for (int i = 0; i < n; i++)
	{
		if (seeds[i].key != seeds[begin].key)
			begin = i;
		if (i + 1 - begin <= most)
			continue;
		most = i + 1 - begin;
		*seed = (int64) seeds[i].key;
	}
	pfree(seeds);
	return most;
}

/* Warns of models that have trees, n_repeated of them, or a seed in common. */
void
merge_warn(const ForestView *const *views, int n_views, uint32 n_repeated)
{
	int64		seed = 0;
	int			n_sharing;

	if (n_repeated > 0)
	{
		ereport(WARNING,
				(errmsg_plural("%u merged tree is a copy of another one",
							   "%u merged trees are copies of others",
							   n_repeated, n_repeated),
				 errdetail("A copy says nothing new, but counts as a tree of its own."),
				 errhint("Merge each model once, and give each another seed.")));
		return;
	}
	n_sharing = count_sharing(views, n_views, &seed);
	if (n_sharing > 1)
		ereport(WARNING,
				(errmsg("%d of %d merged models have the same seed, " INT64_FORMAT,
						n_sharing, n_views, seed),
				 errdetail("Trees of one seed err alike, even those of different rows: together they are worth less than as many of different seeds."),
				 errhint("Give each model another seed, or leave the option out.")));
}
