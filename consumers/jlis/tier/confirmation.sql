-- name: asked_before
SELECT EXISTS (
    SELECT FROM confirmation WHERE municipality = $1 AND inquiry_id = $2 AND outcome <> 'refused'
)

-- name: by_code
SELECT subject, items::text AS items FROM registered WHERE code_index = $1 LIMIT 2

-- name: by_items
SELECT subject, items::text AS items FROM registered
WHERE items ->> 'birth_date' = $1 AND items ->> 'name' = $2 AND items ->> 'address' = $3 AND items ->> 'sex' = $4
LIMIT 2

-- name: allot
INSERT INTO confirmation_counter AS counter (municipality, last) VALUES ($1, 1)
ON CONFLICT (municipality) DO UPDATE SET last = counter.last + 1
RETURNING last

-- name: enqueue
INSERT INTO confirmation_outbox (municipality, number, message) VALUES ($1, $2, $3)

-- name: unsent
SELECT number, message FROM confirmation_outbox WHERE municipality = $1 ORDER BY number LIMIT $2

-- name: confirmed
DELETE FROM confirmation_outbox WHERE municipality = $1 AND number <= $2

-- name: enter
INSERT INTO confirmation
    (topic, partition, "offset", municipality, inquiry_id, operator, purpose, asked_by, outcome, code, subject)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)

-- name: log
SELECT decided_at, municipality, inquiry_id, operator, purpose, asked_by, outcome, code FROM confirmation
ORDER BY decided_at DESC, topic, partition, "offset" DESC LIMIT $1
