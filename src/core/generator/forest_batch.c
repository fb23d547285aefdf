/*-------------------------------------------------------------------------
 *
 * forest_batch.c
 *	  Some rows of a table on their way into a network, and how likely what
 *	  comes out makes them.
 *
 *-------------------------------------------------------------------------
 */
#include "core/base/forest_pause.h"
#include "core/generator/forest_batch.h"
#include "core/generator/forest_table.h"
#include "core/net/forest_net_kernel.h"
#include "core/net/forest_normal.h"

/* Fills in the normal scores of all shares. */
void
forest_batch_scores(float *scores)
{
	scores[0] = -FOREST_NET_UNBOUNDED;
	scores[FOREST_TABLE_SHARES] = FOREST_NET_UNBOUNDED;
	for (uint32_t i = 1; i < FOREST_TABLE_SHARES; i++)
	{
		scores[i] = (float) forest_normal_quantile((double) i /
												   FOREST_TABLE_SHARES);
		forest_pause_at(i);
	}
}

/* Bytes that a batch of n rows takes; a multiple of 8. */
size_t
forest_batch_size(const ForestColumns *columns, uint32_t n)
{
	return n * (columns->n_columns * sizeof(ForestCode) + 4 * sizeof(float));
}

/* Lays a batch out in memory; returns what is behind it. */
uint8_t *
forest_batch_init(ForestBatch *batch, const ForestColumns *columns,
				  const float *scores, uint32_t n, void *memory)
{
	float	   *floats = memory;

	batch->columns = columns;
	batch->scores = scores;
	batch->n = n;
	batch->low = floats;
	batch->high = floats + n;
	batch->mass = floats + 2 * (size_t) n;
	batch->target = (uint32_t *) (floats + 3 * (size_t) n);
	batch->codes = (ForestCode *) (batch->target + n);
	return (uint8_t *) memory + forest_batch_size(columns, n);
}

/* Takes n rows of a coded table, by their numbers. */
void
forest_batch_take(ForestBatch *batch, const ForestCode *codes,
				  const uint32_t *rows)
{
	uint32_t	n_columns = batch->columns->n_columns;

	for (uint32_t b = 0; b < batch->n; b++)
	{
		const ForestCode *row = codes + (size_t) rows[b] * n_columns;

		for (uint32_t c = 0; c < n_columns; c++)
			batch->codes[(size_t) c * batch->n + b] = row[c];
	}
	forest_pause();
}

/* Writes a column of a batch into its units. */
static void
column_input(const ForestBatch *batch, const ForestColumn *column,
			 const ForestCode *codes, float *units, size_t row)
{
	float	   *missing = units + (column->varies ? row : 0);

	if (column->is_classes)
	{
		for (uint32_t k = 0; k < column->n_input; k++)
			for (uint32_t b = 0; b < batch->n; b++)
				units[k * row + b] = codes[b].low == k ? 1.0f : 0.0f;
		return;
	}
	for (uint32_t b = 0; column->varies && b < batch->n; b++)
		units[b] = forest_code_misses(codes[b]) ? 0.0f :
			forest_batch_middle(batch, codes[b]);
	for (uint32_t b = 0; column->may_miss && b < batch->n; b++)
		missing[b] = forest_code_misses(codes[b]) ? 1.0f : 0.0f;
}

/* Writes a batch into the units of a network's input. */
void
forest_batch_input(const ForestBatch *batch, float *units, size_t row)
{
	for (uint32_t c = 0; c < batch->columns->n_columns; c++)
	{
		const ForestColumn *column = &batch->columns->columns[c];

		column_input(batch, column, batch->codes + (size_t) c * batch->n,
					 units + column->input * row, row);
	}
	forest_pause();
}

/* The likelihood of a column, in batch->mass. */
static void
column_loss(const ForestNetKernel *kernel, ForestBatch *batch,
			const ForestColumn *column, const ForestCode *codes, float *units,
			size_t row, float scale, bool train)
{
	uint32_t	n = batch->n;

	for (uint32_t b = 0; b < n; b++)
		batch->mass[b] = 1.0f;
	if (column->is_classes)
	{
		for (uint32_t b = 0; b < n; b++)
			batch->target[b] = codes[b].low;
		kernel->classes(units, row, column->n_output, batch->target, n, scale,
						train, batch->mass);
		return;
	}
	if (column->varies)
	{
		/* what is missing may be anywhere, so that nothing is learnt of it */
		for (uint32_t b = 0; b < n; b++)
		{
			bool		misses = forest_code_misses(codes[b]);

			batch->low[b] = batch->scores[misses ? 0 : codes[b].low];
			batch->high[b] = batch->scores[misses ? FOREST_TABLE_SHARES :
										   codes[b].high];
		}
		kernel->numbers(units, row, batch->low, batch->high, n, scale, train,
						batch->mass);
		units += FOREST_NET_NUMBER_UNITS * row;
	}
	if (column->may_miss)
	{
		for (uint32_t b = 0; b < n; b++)
			batch->low[b] = forest_code_misses(codes[b]) ? 1.0f : 0.0f;
		kernel->coin(units, batch->low, n, scale, train, batch->mass);
	}
}

/*
 * Compares what a network gave out with the rows of a batch.  The loss is the
 * negative logarithm of the likelihood.  Without "losses" the units become
 * its slopes, times "scale"; otherwise the loss of every row is added to them.
 */
void
forest_batch_loss(const ForestNetKernel *kernel, ForestBatch *batch,
				  float *units, size_t row, float scale, double *losses)
{
	for (uint32_t c = 0; c < batch->columns->n_columns; c++)
	{
		const ForestColumn *column = &batch->columns->columns[c];

		if (column->n_output == 0)
			continue;
		column_loss(kernel, batch, column,
					batch->codes + (size_t) c * batch->n,
					units + column->output * row, row, scale, losses == NULL);
		for (uint32_t b = 0; losses != NULL && b < batch->n; b++)
			losses[b] -= forest_log((double) batch->mass[b]);
		forest_pause();
	}
}
