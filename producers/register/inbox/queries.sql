-- name: open_progress
INSERT INTO inbox_progress (topic, next_offset) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: progress
SELECT next_offset, next_number FROM inbox_progress WHERE topic = $1

-- name: advance
UPDATE inbox_progress SET next_offset = $3, next_number = $4 WHERE topic = $1 AND next_offset = $2 RETURNING next_offset

-- name: park
INSERT INTO inbox_parked (topic, "offset", sealed_key, sealed_value, code)
SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::text[])

-- name: settle_over
UPDATE work_entry SET state = 'settled', settled_by = over.party, settled_at = over.settled_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS over (party, addressee_number, settled_at)
WHERE work_entry.state = 'open' AND work_entry.kind = $4
  AND work_entry.party = over.party AND work_entry.addressee_number = over.addressee_number

-- name: enter
INSERT INTO work_entry
    (party, party_number, place, kind, code, addressee_number, history_number, received_at, state, settled_by, settled_at)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[],
                     $8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[])
ON CONFLICT (party, party_number, place) DO NOTHING

-- name: entries
SELECT id, party, kind, code, history_number, received_at, resent_by, resent_at, state, settled_by, settled_at
FROM work_entry WHERE state = 'open' OR $1 ORDER BY id

-- name: entry
SELECT id, party, kind, code, history_number, received_at, resent_by, resent_at, state, settled_by, settled_at
FROM work_entry WHERE id = $1

-- name: settle
UPDATE work_entry SET state = 'settled', settled_by = $2, settled_at = now() WHERE id = $1 AND state = 'open'

-- name: subject
SELECT party, kind, addressee_number, state FROM work_entry WHERE id = $1

-- name: resent
UPDATE work_entry SET resent_by = $2, resent_at = now() WHERE id = $1 AND state = 'open'
