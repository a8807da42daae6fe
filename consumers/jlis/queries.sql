-- name: put
INSERT INTO delivery_address (municipality, subject, sequence, state, items, sealed_resident_code, sealed_my_number)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::bytea[], $7::bytea[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    sequence = excluded.sequence, state = excluded.state, items = excluded.items,
    sealed_resident_code = excluded.sealed_resident_code, sealed_my_number = excluded.sealed_my_number,
    updated_at = now()

-- name: drop
DELETE FROM delivery_address WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: forget
DELETE FROM delivery_address WHERE municipality = $1

-- name: instruct
UPDATE delivery_address d
SET sequence = given.sequence, items = items - ARRAY(SELECT jsonb_array_elements_text(recalled)),
    sealed_resident_code = CASE WHEN recalled ? 'resident_code' THEN NULL ELSE sealed_resident_code END,
    sealed_my_number = CASE WHEN recalled ? 'my_number' THEN NULL ELSE sealed_my_number END
FROM unnest($2::text[], $3::bigint[], $4::jsonb[]) AS given (subject, sequence, recalled)
WHERE municipality = $1 AND d.subject = given.subject
