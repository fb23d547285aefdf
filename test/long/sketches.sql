-- Sketches that are united pass by one after the other: of each no more stays
-- than its stream's place, whose room grows by doubling. Every step prints a
-- name, how many sketches, and by how much the session's peak memory (VmHWM,
-- in kB) has grown since a union of the first 1000.
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
\set QUIET on
SET max_parallel_workers_per_gather = 0;
SET jit = off;

-- Needs a superuser: what the kernel says of this process.
CREATE FUNCTION pg_temp.peak() RETURNS bigint LANGUAGE sql AS
$$SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s*(\d+)'))[1]::bigint$$;
CREATE TEMP TABLE few AS SELECT sin(id) AS a, cos(id * 3) AS b FROM generate_series(1, 40) id;
-- Made one by one as they are asked for; some 100 MB in all.
CREATE TEMP VIEW sketches AS
SELECT i, (SELECT iforest_sketch(iforest_options(seed => i), a + i, b) FROM few) AS sketch FROM generate_series(1, 100000) i;

SELECT count(*), sum(length(sketch)) FROM (SELECT sketch FROM sketches LIMIT 100) k;
SELECT length(iforest_sketch_union(sketch)), length(iforest_sketch_union(sketch, 1 + i % 3)) FROM (SELECT * FROM sketches LIMIT 1000) k;
SELECT pg_temp.peak() AS before \gset
SELECT 'united ' || (iforest_sketch_info(iforest_sketch_union(sketch)) ->> 'streams') AS united FROM sketches \gset
SELECT :'united' || ' ' || pg_temp.peak() - :before;
SELECT 'weighted ' || (iforest_sketch_info(iforest_sketch_union(sketch, 1 + i % 3)) ->> 'streams') AS united FROM sketches \gset
SELECT :'united' || ' ' || pg_temp.peak() - :before;
