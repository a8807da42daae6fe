-- name: place
INSERT INTO interest (municipality, addressee_number)
SELECT $1, * FROM unnest($2::text[]) ON CONFLICT DO NOTHING RETURNING addressee_number

-- name: remove
DELETE FROM interest WHERE municipality = $1 AND addressee_number = ANY($2::text[]) RETURNING addressee_number
