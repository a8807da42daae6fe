-- Which databases an environment has, and which tables a database.

-- name: databases
SELECT datname FROM pg_database WHERE NOT datistemplate AND starts_with(datname, $1) ORDER BY 1

-- name: tables
SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace ORDER BY 1
