-- name: enter
INSERT INTO confirmation_query (inquiry_id, operator, purpose, case_number, asked_by) VALUES ($1, $2, $3, $4, $5)

-- name: answered
UPDATE confirmation_query SET outcome = $2, answered_at = clock_timestamp() WHERE inquiry_id = $1 AND outcome IS NULL

-- name: log
SELECT asked_at, inquiry_id, operator, purpose, case_number, asked_by, outcome FROM confirmation_query
ORDER BY asked_at DESC LIMIT $1
