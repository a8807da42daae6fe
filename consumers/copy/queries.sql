-- name: put
INSERT INTO person (municipality, subject, sequence, state, items, link_number,
                    sealed_resident_code, sealed_my_number, sealed_former_resident_code)
SELECT $1, * FROM unnest(
    $2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::text[], $7::bytea[], $8::bytea[], $9::bytea[]
)
ON CONFLICT (municipality, subject) DO UPDATE SET
    sequence = excluded.sequence, state = excluded.state, items = excluded.items, link_number = excluded.link_number,
    sealed_resident_code = excluded.sealed_resident_code, sealed_my_number = excluded.sealed_my_number,
    sealed_former_resident_code = excluded.sealed_former_resident_code, updated_at = now()

-- name: drop
DELETE FROM person WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: forget
DELETE FROM person WHERE municipality = $1
