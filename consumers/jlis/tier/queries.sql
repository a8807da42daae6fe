-- name: open_progress
INSERT INTO progress (topic, partition, next_offset) VALUES ($1, $2, $3)
ON CONFLICT (topic, partition) DO UPDATE SET next_offset = greatest(progress.next_offset, excluded.next_offset)
RETURNING next_offset

-- name: lock_offset
SELECT next_offset FROM progress WHERE topic = $1 AND partition = $2 FOR UPDATE

-- name: advance
UPDATE progress SET next_offset = $3 WHERE topic = $1 AND partition = $2

-- name: next_number
INSERT INTO registered_gate (municipality) VALUES ($1)
ON CONFLICT (municipality) DO UPDATE SET municipality = excluded.municipality RETURNING next_number

-- name: reach
UPDATE registered_gate SET next_number = $2 WHERE municipality = $1

-- name: gap
INSERT INTO registered_gap (municipality, first, last) SELECT $1, * FROM unnest($2::bigint[], $3::bigint[])

-- name: refuse
INSERT INTO registered_refused (topic, partition, "offset", code) SELECT $1, $2, * FROM unnest($3::bigint[], $4::text[])

-- name: forget
DELETE FROM registered WHERE municipality = $1

-- name: drop
DELETE FROM registered WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: put
INSERT INTO registered (municipality, subject, number, sequence, state, items, code_index,
    sealed_resident_code, sealed_my_number, sealed_former_resident_code)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::jsonb[], $7::bytea[],
    $8::bytea[], $9::bytea[], $10::bytea[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    number = excluded.number, sequence = excluded.sequence, state = excluded.state, items = excluded.items,
    code_index = excluded.code_index, sealed_resident_code = excluded.sealed_resident_code,
    sealed_my_number = excluded.sealed_my_number,
    sealed_former_resident_code = excluded.sealed_former_resident_code, updated_at = now()

-- name: taken
SELECT municipality, next_number - 1 AS last FROM registered_gate
