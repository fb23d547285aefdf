-- All that is known of the extension's objects in a database, a line each, with
-- names for oids: equal for equal installations. What kind of object this file
-- does not know is said in a line that begins with UNKNOWN. Left out: names of
-- TOAST tables, which are numbers, and the server's own count of a column's
-- versions, which minor releases keep among its options.
\set QUIET on
\pset format unaligned
\pset tuples_only on
SET search_path = pg_catalog;

CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid, i.type, i.identity
FROM pg_depend AS d, pg_extension AS x, pg_identify_object(d.classid, d.objid, 0) AS i
WHERE x.extname = 'iforest' AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.deptype = 'e';

-- What hangs on tables of the extension: no members themselves.
CREATE TEMPORARY VIEW hanging AS
SELECT d.classid, d.objid, i.type, i.identity
FROM member AS m, pg_depend AS d, pg_identify_object(d.classid, d.objid, 0) AS i
WHERE d.refclassid = m.classid AND d.refobjid = m.objid AND m.classid = 'pg_class'::regclass
	AND d.deptype IN ('a', 'i') AND d.classid <> 'pg_type'::regclass AND i.type <> 'toast table';

SELECT format('extension: relocatable %s, schema %s, dumped %s %s', extrelocatable, extnamespace::regnamespace,
			  extconfig::regclass[], extcondition)
FROM pg_extension WHERE extname = 'iforest';

SELECT format('%s %s: comment %L, privileges %s', type, identity, obj_description(objid, classid::regclass::name),
			  CASE classid
				  WHEN 'pg_proc'::regclass THEN (SELECT proacl::text FROM pg_proc WHERE oid = objid)
				  WHEN 'pg_class'::regclass THEN (SELECT relacl::text FROM pg_class WHERE oid = objid)
				  WHEN 'pg_type'::regclass THEN (SELECT typacl::text FROM pg_type WHERE oid = objid)
			  END)
FROM (SELECT * FROM member UNION SELECT * FROM hanging) AS m
ORDER BY type, identity COLLATE "C";

SELECT format('UNKNOWN %s %s', type, identity)
FROM (SELECT * FROM member UNION SELECT * FROM hanging) AS m
WHERE type NOT IN ('function', 'aggregate', 'procedure', 'table', 'view', 'sequence', 'index', 'type',
				   'domain constraint', 'table constraint', 'default value', 'trigger', 'policy', 'rule', 'cast')
ORDER BY 1;

SELECT format('function %s: %s; %s, %s, %s, %s, cost %s, rows %s, leakproof %s, strict %s, set %s, result %s, %s',
			  m.identity, pg_get_function_arguments(p.oid), p.prosrc, p.probin, p.provolatile, p.proparallel, p.procost,
			  p.prorows, p.proleakproof, p.proisstrict, p.proretset, pg_get_function_result(p.oid),
			  concat_ws(', ', l.lanname, p.prosecdef, p.proconfig, p.prokind, p.prosupport, p.provariadic::regtype,
						pg_get_function_sqlbody(p.oid)))
FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid JOIN pg_language AS l ON l.oid = p.prolang
ORDER BY m.identity COLLATE "C";

SELECT format('aggregate %s: %s', m.identity,
			  concat_ws(', ', a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
						a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggmfinalextra,
						a.aggfinalmodify, a.aggmfinalmodify, a.aggsortop::regoperator, a.aggtranstype::regtype, a.aggtransspace,
						a.aggmtranstype::regtype, a.aggmtransspace, a.agginitval, a.aggminitval))
FROM member AS m JOIN pg_aggregate AS a ON m.classid = 'pg_proc'::regclass AND a.aggfnoid = m.objid
ORDER BY m.identity COLLATE "C";

SELECT format('relation %s: %s', m.identity,
			  concat_ws(', ', c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relforcerowsecurity,
						c.relreplident, c.relispartition, c.reltoastrelid <> 0,
						CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
						CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END))
FROM (SELECT * FROM member UNION SELECT * FROM hanging) AS m
JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind <> 't'
ORDER BY m.identity COLLATE "C";

SELECT format('column %s.%s, %s: %s; comment %L', m.identity, a.attname,
			  rank() OVER (PARTITION BY a.attrelid ORDER BY a.attnum),
			  concat_ws(', ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
						a.attcompression, a.attcollation::regcollation, a.attacl,
						(SELECT array_agg(o ORDER BY o) FROM unnest(a.attoptions) AS o WHERE o !~ '^pg_attver='), pg_get_expr(d.adbin, d.adrelid)),
			  col_description(a.attrelid, a.attnum))
FROM member AS m JOIN pg_attribute AS a ON m.classid = 'pg_class'::regclass AND a.attrelid = m.objid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
ORDER BY m.identity COLLATE "C", a.attnum;

SELECT format('constraint %s on %s: %s, %s', k.conname, m.identity, pg_get_constraintdef(k.oid), k.convalidated)
FROM member AS m JOIN pg_constraint AS k ON m.classid = 'pg_class'::regclass AND k.conrelid = m.objid
	OR m.classid = 'pg_type'::regclass AND k.contypid = m.objid
ORDER BY m.identity COLLATE "C", k.conname;

SELECT format('trigger %s on %s: %s, %s', t.tgname, m.identity, pg_get_triggerdef(t.oid), t.tgenabled)
FROM member AS m JOIN pg_trigger AS t ON m.classid = 'pg_class'::regclass AND t.tgrelid = m.objid AND NOT t.tgisinternal
ORDER BY m.identity COLLATE "C", t.tgname;

SELECT format('policy %s on %s: %s', p.polname, m.identity,
			  concat_ws(', ', p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
						pg_get_expr(p.polwithcheck, p.polrelid)))
FROM member AS m JOIN pg_policy AS p ON m.classid = 'pg_class'::regclass AND p.polrelid = m.objid
ORDER BY m.identity COLLATE "C", p.polname;

SELECT format('rule on %s: %s', m.identity, pg_get_ruledef(r.oid))
FROM member AS m JOIN pg_rewrite AS r ON m.classid = 'pg_class'::regclass AND r.ev_class = m.objid
ORDER BY 1;

SELECT format('type %s: %s', m.identity,
			  concat_ws(', ', t.typtype, t.typcategory, t.typlen, t.typbyval, t.typinput, t.typoutput, t.typreceive, t.typsend,
						t.typnotnull, t.typbasetype::regtype, t.typdefault, t.typcollation::regcollation, t.typstorage,
						(SELECT string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid)))
FROM member AS m JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
ORDER BY m.identity COLLATE "C";

SELECT format('cast %s: %s', m.identity, concat_ws(', ', c.castfunc::regprocedure, c.castcontext, c.castmethod))
FROM member AS m JOIN pg_cast AS c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid
ORDER BY m.identity COLLATE "C";
