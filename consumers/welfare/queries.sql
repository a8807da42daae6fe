-- name: put
INSERT INTO person (municipality, subject, sequence, state, items)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    sequence = excluded.sequence, state = excluded.state, items = excluded.items, updated_at = now()

-- name: drop
DELETE FROM person WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: forget
DELETE FROM person WHERE municipality = $1

-- name: instruct
UPDATE person SET sequence = given.sequence, items = items - ARRAY(SELECT jsonb_array_elements_text(recalled))
FROM unnest($2::text[], $3::bigint[], $4::jsonb[]) AS given (subject, sequence, recalled)
WHERE municipality = $1 AND person.subject = given.subject
