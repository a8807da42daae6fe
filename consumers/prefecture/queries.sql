-- name: put
INSERT INTO identity (municipality, subject, sequence, state, items,
                      sealed_resident_code, sealed_my_number, sealed_former_resident_code)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::bytea[], $7::bytea[], $8::bytea[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    sequence = excluded.sequence, state = excluded.state, items = excluded.items,
    sealed_resident_code = excluded.sealed_resident_code, sealed_my_number = excluded.sealed_my_number,
    sealed_former_resident_code = excluded.sealed_former_resident_code, updated_at = now()

-- name: drop
DELETE FROM identity WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: forget
WITH codes AS (DELETE FROM closed_code WHERE municipality = $1), marks AS (
    UPDATE record_mark SET taken_off_by = 'later-grant', taken_off_at = now()
    WHERE municipality = $1 AND taken_off_at IS NULL
)
DELETE FROM identity WHERE municipality = $1

-- name: registered
SELECT subject, sequence, sealed_resident_code AS code, (items ->> 'update_sequence')::bigint AS regular,
    (items ->> 'abnormal_update_sequence')::bigint AS abnormal
FROM identity WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: closed
SELECT subject, code_index, regular, abnormal FROM closed_code
WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: close
INSERT INTO closed_code (municipality, subject, code_index, regular, abnormal)
SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::bigint[], $5::bigint[])
ON CONFLICT (municipality, subject, code_index) DO UPDATE SET regular = excluded.regular, abnormal = excluded.abnormal

-- name: marks
SELECT subject, mark FROM record_mark
WHERE municipality = $1 AND subject = ANY($2::text[]) AND taken_off_at IS NULL

-- name: mark
INSERT INTO record_mark (municipality, subject, mark, made_by, reason)
SELECT municipality, subject, $3, $4, $5 FROM identity WHERE municipality = $1 AND subject = $2
ON CONFLICT (municipality, subject) WHERE taken_off_at IS NULL DO NOTHING
RETURNING subject

-- name: take_off
UPDATE record_mark SET taken_off_by = $3, taken_off_at = now()
WHERE municipality = $1 AND subject = $2 AND taken_off_at IS NULL
RETURNING subject

-- name: standing_marks
SELECT subject, mark, made_by, reason, made_at FROM record_mark
WHERE municipality = $1 AND taken_off_at IS NULL ORDER BY made_at, subject

-- name: instruct
UPDATE identity SET sequence = given.sequence, items = items - ARRAY(SELECT jsonb_array_elements_text(recalled)),
    sealed_resident_code = CASE WHEN recalled ? 'resident_code' THEN NULL ELSE sealed_resident_code END,
    sealed_my_number = CASE WHEN recalled ? 'my_number' THEN NULL ELSE sealed_my_number END,
    sealed_former_resident_code = CASE WHEN recalled ? 'former_resident_code' THEN NULL
                                  ELSE sealed_former_resident_code END
FROM unnest($2::text[], $3::bigint[], $4::jsonb[]) AS given (subject, sequence, recalled)
WHERE municipality = $1 AND identity.subject = given.subject
