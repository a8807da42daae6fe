-- name: count
INSERT INTO change_counter AS counter (municipality, last) VALUES ($1, $2)
ON CONFLICT (municipality) DO UPDATE SET last = counter.last + excluded.last
RETURNING last

-- name: put
INSERT INTO person (municipality, subject, addressee_number, sequence, state, items, change)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::text[], $6::jsonb[], $7::bigint[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    addressee_number = excluded.addressee_number, sequence = excluded.sequence, state = excluded.state,
    items = excluded.items, change = excluded.change

-- name: instruct
UPDATE person SET sequence = given.sequence, items = items - ARRAY(SELECT jsonb_array_elements_text(recalled)),
    change = given.change
FROM unnest($2::text[], $3::bigint[], $4::jsonb[], $5::bigint[]) AS given (subject, sequence, recalled, change)
WHERE municipality = $1 AND person.subject = given.subject

-- name: take_out
UPDATE person SET state = 'absent', items = '{}', change = gone.change
FROM unnest($2::text[], $3::bigint[]) AS gone (subject, change)
WHERE person.municipality = $1 AND person.subject = gone.subject

-- name: forget
WITH forgotten AS (DELETE FROM person WHERE municipality = $1)
UPDATE change_counter SET last = last + 1, complete_from = last + 1 WHERE municipality = $1

-- name: reach
SELECT last, complete_from FROM change_counter WHERE municipality = $1

-- name: full
SELECT addressee_number, p.sequence, state, items, change, coalesce(t.blocked, true) AS blocked
FROM person p LEFT JOIN protection t USING (municipality, subject)
WHERE municipality = $1 AND state <> 'absent' ORDER BY change

-- name: difference
SELECT addressee_number, p.sequence, state, items, change, coalesce(t.blocked, state <> 'absent') AS blocked
FROM person p LEFT JOIN protection t USING (municipality, subject)
WHERE municipality = $1 AND change > $2 ORDER BY change
