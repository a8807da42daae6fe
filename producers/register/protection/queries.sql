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
INSERT INTO protection (addressee_number, number, filing_id, step, status, level, begins_on, ends_on, filed_on, operator,
    position)
SELECT * FROM unnest($1::text[], $2::int[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::date[], $8::date[],
    $9::date[], $10::text[], $11::bigint[])

-- name: known_from
UPDATE protection_unknown SET until_position = given.position
FROM unnest($1::text[], $2::bigint[]) AS given (addressee_number, position)
WHERE protection_unknown.addressee_number = given.addressee_number AND until_position IS NULL

-- name: still_unknown
SELECT addressee_number FROM protection_unknown u WHERE until_position IS NULL
  AND NOT EXISTS (SELECT FROM protection p WHERE p.addressee_number = u.addressee_number)
ORDER BY addressee_number LIMIT $1 FOR UPDATE OF u

-- name: declared_none
UPDATE protection_unknown SET until_position = given.position, filing_id = $3, operator = $4, filed_on = $5
FROM unnest($1::text[], $2::bigint[]) AS given (addressee_number, position)
WHERE protection_unknown.addressee_number = given.addressee_number

-- name: count_unknown
SELECT count(*) FROM protection_unknown WHERE until_position IS NULL

-- name: never_protected
SELECT given.addressee_number FROM unnest($1::text[]) AS given (addressee_number)
WHERE NOT EXISTS (SELECT FROM protection p WHERE p.addressee_number = given.addressee_number)
  AND NOT EXISTS (
    SELECT FROM protection_unknown u WHERE u.addressee_number = given.addressee_number AND u.until_position IS NULL
  )
