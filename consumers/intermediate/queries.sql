-- name: put
INSERT INTO secondary_copy (municipality, subject, version, state, items, link_number, published_to)
SELECT $1, *, CASE WHEN state = 'ceased' THEN now() + $7::interval END
FROM unnest($2::text[], $3::bigint[], $4::text[], $5::jsonb[], $6::text[])
    AS given (subject, version, state, items, link_number)
ON CONFLICT (municipality, subject) DO UPDATE SET
    version = excluded.version, state = excluded.state, items = excluded.items,
    link_number = excluded.link_number, published_from = now(), published_to = excluded.published_to

-- name: end_registrations
UPDATE registration SET published_to = now()
WHERE municipality = $1 AND link_number = ANY($2::text[]) AND kind = 'registration'
  AND (published_to IS NULL OR published_to > now())

-- name: register
INSERT INTO registration (municipality, link_number, kind, version, published_from, published_to)
SELECT municipality, link_number, 'registration', version, published_from, published_to
FROM secondary_copy WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: delete_registrations
INSERT INTO registration (municipality, kind, link_number, version, published_to)
SELECT $1, 'deletion', *, now() FROM unnest($2::text[], $3::bigint[])

-- name: drop
DELETE FROM secondary_copy WHERE municipality = $1 AND subject = ANY($2::text[]) RETURNING link_number, version

-- name: forget
DELETE FROM secondary_copy WHERE municipality = $1 RETURNING link_number, version

-- name: instruct
UPDATE secondary_copy SET version = given.sequence, published_from = now(),
    items = items - ARRAY(SELECT jsonb_array_elements_text(recalled))
FROM unnest($2::text[], $3::bigint[], $4::jsonb[]) AS given (subject, sequence, recalled)
WHERE municipality = $1 AND secondary_copy.subject = given.subject
RETURNING link_number

-- name: may_answer
SELECT EXISTS (
    SELECT FROM secondary_copy c JOIN protection p USING (municipality, subject)
    WHERE municipality = $1 AND c.link_number = $2 AND NOT p.blocked
)
