-- The access log's outbox; one leader for each municipality.

-- name: lead
SELECT pg_try_advisory_lock(hashtext('kairan-access'))

-- name: cursor
SELECT position FROM access_cursor FOR UPDATE

-- name: handlings
SELECT * FROM handlings_after($1, $2)

-- name: collect
INSERT INTO access_outbox (entry) SELECT unnest($1::bytea[])

-- name: advance
UPDATE access_cursor SET position = $1

-- name: unsent
SELECT number, entry FROM access_outbox ORDER BY number LIMIT $1

-- name: confirmed
DELETE FROM access_outbox WHERE number = ANY($1::bigint[])
