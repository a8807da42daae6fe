-- name: lock_persons
SELECT addressee_number FROM resident WHERE addressee_number = ANY($1::text[]) ORDER BY 1 FOR UPDATE

-- name: known_steps
SELECT DISTINCT filing_id FROM protection WHERE filing_id = ANY($1::uuid[])

-- name: protections_of
SELECT addressee_number, number, status, level, begins_on, ends_on FROM protection_now
WHERE addressee_number = ANY($1::text[])

-- name: terms_over
SELECT addressee_number, number, status, level, begins_on, ends_on FROM protection_now
WHERE status = 'full' AND ends_on < $1 ORDER BY ends_on, addressee_number

-- name: save_steps
INSERT INTO protection (addressee_number, number, filing_id, step, status, level, begins_on, ends_on, filed_on, operator)
SELECT * FROM unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
    $9::date[], $10::text[])
