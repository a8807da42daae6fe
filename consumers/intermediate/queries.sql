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

-- name: instruct
UPDATE secondary_copy SET version = given.sequence, items = items - ARRAY(SELECT jsonb_array_elements_text(recalled))
FROM unnest($2::text[], $3::bigint[], $4::jsonb[]) AS given (subject, sequence, recalled)
WHERE municipality = $1 AND secondary_copy.subject = given.subject

-- name: may_answer
SELECT EXISTS (
    SELECT FROM secondary_copy c JOIN protection p USING (municipality, subject)
    WHERE municipality = $1 AND c.link_number = $2 AND NOT p.blocked
)
