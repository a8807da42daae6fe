-- name: put
INSERT INTO request (municipality, subject, sequence, state, sealed_resident_code)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::bytea[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    sequence = excluded.sequence, state = excluded.state, sealed_resident_code = excluded.sealed_resident_code,
    updated_at = now()

-- name: drop
DELETE FROM request WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: forget
DELETE FROM request WHERE municipality = $1

-- name: instruct
-- Nothing that is told here is ever recalled.
UPDATE request SET sequence = given.sequence
FROM unnest($2::text[], $3::bigint[], $4::jsonb[]) AS given (subject, sequence, recalled)
WHERE municipality = $1 AND request.subject = given.subject
