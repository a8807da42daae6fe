-- name: hold
SELECT pg_advisory_lock(4242)
-- name: let_go
SELECT pg_advisory_unlock(4242)
-- name: waiting
SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 4242 AND NOT granted)
-- name: function
CREATE OR REPLACE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_lock_shared(4242);
    PERFORM pg_advisory_unlock_shared(4242);
    RETURN NULL;
END $$
