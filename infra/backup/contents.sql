-- name: last_transaction
SELECT pg_last_xact_replay_timestamp()
-- name: databases
SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname
-- name: tables
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
