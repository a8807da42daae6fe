-- name: put
INSERT INTO secondary_copy (municipality, subject, version, state, items, link_number)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::text[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    version = excluded.version, state = excluded.state, items = excluded.items,
    link_number = excluded.link_number, published_from = now()

-- name: drop
DELETE FROM secondary_copy WHERE municipality = $1 AND subject = ANY($2::text[]) RETURNING link_number

-- name: forget
DELETE FROM secondary_copy WHERE municipality = $1 RETURNING link_number
