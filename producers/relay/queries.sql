-- name: lead
SELECT pg_try_advisory_lock(hashtext('kairan-relay'))

-- name: cursor
SELECT position FROM relay_cursor

-- name: next
SELECT position, addressee_number, event, traceparent FROM outbox WHERE position > $1 ORDER BY position LIMIT $2

-- name: advance
UPDATE relay_cursor SET position = $2 WHERE position = $1

-- name: forget
DELETE FROM outbox WHERE position <= $1
