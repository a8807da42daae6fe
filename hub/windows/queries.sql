-- What waits for the end of its window. The clock is read once a statement: else a window could end between two rows.

-- name: last_due
SELECT given.name, (SELECT clock_timestamp()) AS moment, (
    SELECT max(due_at) FROM waiting WHERE recipient = given.name AND generation = given.generation
) AS last_due
FROM unnest($1::text[], $2::int[]) AS given (name, generation)

-- name: any_due
SELECT EXISTS (SELECT FROM waiting WHERE rank IS NOT NULL) OR EXISTS (
    SELECT FROM waiting WHERE due_at <= clock_timestamp()
)

-- name: due
SELECT w.recipient, w.generation, w.id, w.addressee_number, w.occasion ->> 'kind' = 'retold' AS retold
FROM waiting w JOIN recipient r ON r.name = w.recipient AND r.generation = w.generation
WHERE w.due_at <= (SELECT clock_timestamp()) AND r.snapshot_after IS NULL AND NOT EXISTS (
    SELECT FROM waiting ranked
    WHERE ranked.recipient = w.recipient AND ranked.generation = w.generation AND ranked.rank IS NOT NULL
)
ORDER BY w.recipient, w.generation, w.id

-- name: rank
UPDATE waiting SET rank = given.rank FROM unnest($1::bigint[], $2::bigint[]) AS given (id, rank)
WHERE waiting.id = given.id

-- name: retold
-- Who is to be told anew is, also when a later change within the window alters nothing.
UPDATE waiting SET occasion = '{"kind": "retold"}' WHERE id = ANY($1::bigint[])

-- name: forget_rows
DELETE FROM waiting WHERE id = ANY($1::bigint[])

-- name: ranked
SELECT DISTINCT recipient, generation FROM waiting WHERE rank IS NOT NULL

-- name: next_ranked
SELECT id, addressee_number, history_number, state, record::text AS record, occasion::text AS occasion
FROM waiting WHERE recipient = $1 AND generation = $2 AND rank IS NOT NULL
ORDER BY rank LIMIT $3

-- name: flush
WITH flushed AS (
    UPDATE waiting SET due_at = now() WHERE rank IS NULL AND due_at > now() RETURNING 1
)
SELECT count(*) FROM flushed

-- name: forget_waiting
DELETE FROM waiting WHERE recipient = $1 AND generation = $2

-- name: longest_waiting
SELECT recipient, generation, count(*) AS count,
    extract(epoch FROM clock_timestamp() - min(decided_at))::float8 AS seconds
FROM waiting GROUP BY recipient, generation
