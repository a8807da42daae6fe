-- What visits of the abuse cases leave in the pages' database, and how it is aged, read and taken back.

-- name: forget_sessions
DELETE FROM session WHERE account = ANY ($1::text[])

-- name: forget_failures
DELETE FROM failed_login WHERE name = ANY ($1::bytea[])

-- name: forget_accounts
DELETE FROM account WHERE name = ANY ($1::text[])

-- name: age_sessions
UPDATE session SET seen_at = seen_at - make_interval(secs => $2), opened_at = opened_at - make_interval(secs => $3)
WHERE account = $1

-- name: addresses
SELECT DISTINCT address FROM failed_login WHERE name = $1
