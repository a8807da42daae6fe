-- Look-ups of residents; the first four arguments are the look-up's id, operator, purpose and case.

-- name: find_holder
SELECT find_holder($1, $2, $3, $4, $5::text[]) AS addressee_number

-- name: search
SELECT * FROM search_residents($1, $2, $3, $4, $5, $6, $7, $8)

-- name: read_for_document
SELECT * FROM read_for_document($1, $2, $3, $4, $5, $6, $7)

-- name: tell_subjects
SELECT tell_subjects($1, $2::text[], $3::bytea[], $4::text[])

-- name: protections
SELECT * FROM look_at_protections($1, $2, $3, $4, $5::text[])
