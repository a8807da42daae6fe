-- name: ask
-- Who needs a number anew, after one that was taken back, is asked for anew.
INSERT INTO number_request AS known (addressee_number) SELECT unnest($1::text[])
ON CONFLICT (addressee_number) DO UPDATE
SET state = 'asked', attempts = 1, requested_at = now(), asked_at = now(), code = NULL, retried_by = NULL
WHERE known.state IN ('answered', 'withdrawn')

-- name: over
UPDATE number_request r SET state = given.state, code = NULL
FROM unnest($1::text[], $2::text[]) AS given (addressee_number, state)
WHERE r.addressee_number = given.addressee_number AND r.state IN ('asked', 'stuck')

-- name: stuck
UPDATE number_request r SET state = 'stuck', code = given.code
FROM unnest($1::text[], $2::text[]) AS given (addressee_number, code)
WHERE r.addressee_number = given.addressee_number AND r.state = 'asked'

-- name: due
SELECT addressee_number, attempts FROM number_request
WHERE state = 'asked' AND asked_at <= $1
ORDER BY asked_at, id LIMIT $2 FOR UPDATE SKIP LOCKED

-- name: overdue_since
SELECT now() - $1::interval

-- name: asked_again
UPDATE number_request SET attempts = attempts + 1, asked_at = now() WHERE addressee_number = ANY($1::text[])

-- name: listed
SELECT id, state, code, attempts, requested_at, asked_at, retried_by FROM number_request
WHERE state IN ('asked', 'stuck') ORDER BY id

-- name: stuck_one
SELECT addressee_number, state FROM number_request WHERE id = $1 FOR UPDATE

-- name: retried
UPDATE number_request SET state = 'asked', attempts = 1, asked_at = now(), code = NULL, retried_by = $2 WHERE id = $1
