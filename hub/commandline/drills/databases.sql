-- name: end_connections
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1
-- name: connections
SELECT count(*) FROM pg_stat_activity WHERE datname = $1
-- name: databases
SELECT datname FROM pg_database WHERE datname LIKE $1
