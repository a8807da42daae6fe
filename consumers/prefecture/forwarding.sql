-- name: allot
INSERT INTO forward_counter AS counter (municipality, last) VALUES ($1, $2)
ON CONFLICT (municipality) DO UPDATE SET last = counter.last + excluded.last
RETURNING last

-- name: enqueue
INSERT INTO forward_outbox (municipality, number, sealed_message)
SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])

-- name: unsent
SELECT number, sealed_message FROM forward_outbox WHERE municipality = $1 ORDER BY number LIMIT $2

-- name: confirmed
DELETE FROM forward_outbox WHERE municipality = $1 AND number <= $2

-- name: last
SELECT municipality, last FROM forward_counter
