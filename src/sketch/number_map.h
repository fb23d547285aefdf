/*-------------------------------------------------------------------------
 *
 * number_map.h
 *	  A table from numbers to numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef IFOREST_NUMBER_MAP_H
#define IFOREST_NUMBER_MAP_H

#include "iforest.h"

typedef struct NumberMap NumberMap;

extern NumberMap *number_map_create(MemoryContext context, uint32 n);
extern void number_map_free(NumberMap *map);
extern uint32 number_map_size(const NumberMap *map);
extern uint64 *number_map_find(NumberMap *map, uint64 key);
extern void number_map_put(NumberMap *map, uint64 key, uint64 value);
extern void number_map_remove(NumberMap *map, uint64 key);
extern uint64 *number_map_keys(NumberMap *map);

#endif							/* IFOREST_NUMBER_MAP_H */
