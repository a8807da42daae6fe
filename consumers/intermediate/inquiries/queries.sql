-- name: open_progress
-- What retention has passed was not answered and will not be: the institution asks anew.
INSERT INTO progress (topic, partition, next_offset) VALUES ($1, $2, $3)
ON CONFLICT (topic, partition) DO UPDATE SET next_offset = greatest(progress.next_offset, excluded.next_offset)
RETURNING next_offset

-- name: lock_offset
SELECT next_offset FROM progress WHERE topic = $1 AND partition = $2 FOR UPDATE

-- name: advance
UPDATE progress SET next_offset = $3 WHERE topic = $1 AND partition = $2

-- name: asked_before
SELECT inquiry_id FROM provision
WHERE municipality = $1 AND institution = $2 AND inquiry_id = ANY($3::text[]) AND outcome <> 'refused'

-- name: known
-- Who is behind the institution's codes now, with her copy; `open` only when the hub has told that she is not protected.
SELECT asked.place, k.link_number, c.version, c.items, c.published_from,
    c.published_from <= now() AND (c.published_to IS NULL OR c.published_to > now()) AS published,
    coalesce(NOT p.blocked, false) AS open
FROM unnest($3::text[]) WITH ORDINALITY AS asked (code, place)
JOIN link_code k ON k.municipality = $1 AND k.institution = $2 AND k.code = asked.code
    AND k.valid_from <= now() AND (k.valid_to IS NULL OR k.valid_to > now())
LEFT JOIN secondary_copy c ON c.municipality = k.municipality AND c.link_number = k.link_number
LEFT JOIN protection p ON p.municipality = c.municipality AND p.subject = c.subject

-- name: allot
INSERT INTO answer_counter AS counter (municipality, institution, last) VALUES ($1, $2, $3)
ON CONFLICT (municipality, institution) DO UPDATE SET last = counter.last + excluded.last
RETURNING last

-- name: enqueue
INSERT INTO answer_outbox (municipality, institution, number, message)
SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[])

-- name: unsent
SELECT number, message FROM answer_outbox WHERE municipality = $1 AND institution = $2 ORDER BY number LIMIT $3

-- name: confirmed
DELETE FROM answer_outbox WHERE municipality = $1 AND institution = $2 AND number <= $3

-- name: enter
INSERT INTO provision (municipality, institution, topic, partition, "offset", inquiry_id, purpose, items, outcome, code,
    link_number, version)
SELECT $1, $2, $3, $4, "offset", inquiry_id, purpose, items::int[], outcome, code, link_number, version
FROM unnest($5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[])
    AS given ("offset", inquiry_id, purpose, items, outcome, code, link_number, version)

-- name: log
SELECT decided_at, municipality, institution, inquiry_id, purpose, items, outcome, code FROM provision
ORDER BY decided_at DESC, topic, partition, "offset" DESC LIMIT $1
