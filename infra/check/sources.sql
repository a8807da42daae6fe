-- What the auditor reads: sources of truth, the hub's pseudonyms, the recipients' copies.

-- name: history
SELECT addressee_number, history_number, position, state, convert_to(record::text, 'UTF8') AS record
FROM history ORDER BY position

-- name: numbers
SELECT reference, sealed FROM number_version

-- name: subjects
SELECT subject, addressee_number FROM recipient_resident WHERE recipient = $1 AND generation = $2

-- name: copy
SELECT subject, sequence, state, convert_to(items::text, 'UTF8') AS items FROM verify_copy WHERE municipality = $1

-- name: guarded
SELECT subject, sequence, state, convert_to(items::text, 'UTF8') AS items,
       sealed_resident_code, sealed_my_number, sealed_former_resident_code
FROM verify_copy WHERE municipality = $1

-- name: interests
SELECT addressee_number FROM interest WHERE municipality = $1
