-- What the abuse cases ask of a database's own catalogue.

-- name: views
SELECT c.relname AS view, coalesce('security_invoker=true' = ANY (c.reloptions), false) AS invoker
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND n.nspname = 'public' ORDER BY 1

-- name: policies
SELECT count(*) FROM pg_policies

-- name: tables
SELECT c.relname AS table
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v') AND n.nspname = 'public'
  AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1

-- name: probeable
-- Unique keys of other types than integers, of tables into which a role may insert but whose keys it may not read.
SELECT DISTINCT r.rolname AS role, c.relname AS table, a.attname AS column
FROM pg_roles r, pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
WHERE i.indisunique AND n.nspname = 'public' AND NOT r.rolsuper AND r.rolcanlogin
  AND has_database_privilege(r.oid, current_database(), 'CONNECT')
  AND has_any_column_privilege(r.oid, c.oid, 'INSERT')
  AND a.atttypid NOT IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'bool'::regtype)
  AND NOT has_column_privilege(r.oid, c.oid, a.attnum, 'SELECT')
ORDER BY 1, 2, 3

-- name: sealed_columns
SELECT attname AS column FROM pg_attribute
WHERE attrelid = ($1::text)::regclass AND attname LIKE 'sealed\_%' AND NOT attisdropped ORDER BY 1

-- name: beside_the_view
SELECT c.table_name AS table, c.column_name AS column
FROM information_schema.view_table_usage t
JOIN information_schema.columns c USING (table_schema, table_name)
WHERE t.view_name = 'verify_copy' AND NOT EXISTS (
    SELECT FROM information_schema.view_column_usage u
    WHERE u.view_name = t.view_name AND u.table_name = c.table_name AND u.column_name = c.column_name
)
ORDER BY 1, 2
