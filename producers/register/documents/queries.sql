-- Documents: what is written down of each, and numbers for those that were asked for with them.

-- name: read_numbers
SELECT reference, kind, sealed FROM read_for_document($1, $2, $3, $4, $5::text[])

-- name: save_issue
INSERT INTO document_issue (
    issue_id, kind, addressee_number, residents, items, operator, purpose, case_number, substituted, digest)
VALUES ($1, $2, $3, $4::text[], $5::int[], $6, $7, $8, $9, $10)

-- name: issues_of
SELECT issue_id, issued_at, kind, items, operator, purpose, case_number, substituted, digest
FROM document_issue WHERE residents @> ARRAY[$1::text] ORDER BY issued_at, issue_id
