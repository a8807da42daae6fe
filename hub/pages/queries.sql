-- What the pages and their accounts ask of the database `desk`.

-- name: add_account
INSERT INTO account (name, role, password) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name

-- name: set_password
UPDATE account SET password = $2, disabled_at = NULL WHERE name = $1 RETURNING name

-- name: list_accounts
SELECT name, role, made_at, disabled_at FROM account ORDER BY name

-- name: disable_account
UPDATE account SET disabled_at = coalesce(disabled_at, now()) WHERE name = $1 RETURNING name

-- name: end_sessions
DELETE FROM session WHERE account = $1

-- name: password
SELECT password FROM account WHERE name = $1 AND disabled_at IS NULL

-- name: open_session
INSERT INTO session (token, account, csrf) VALUES ($1, $2, $3)

-- name: touch_session
UPDATE session SET seen_at = now() WHERE token = $1

-- name: session
SELECT s.account, a.role, s.csrf,
    extract(epoch FROM now() - s.seen_at)::float8 AS idle_seconds,
    extract(epoch FROM now() - s.opened_at)::float8 AS age_seconds
FROM session s JOIN account a ON a.name = s.account AND a.disabled_at IS NULL
WHERE s.token = $1

-- name: close_session
DELETE FROM session WHERE token = $1

-- name: forget_old
WITH sessions AS (DELETE FROM session WHERE opened_at < now() - make_interval(secs => $1))
DELETE FROM failed_login WHERE failed_at < now() - make_interval(secs => $2)

-- name: fail_login
INSERT INTO failed_login (name, address) VALUES ($1, $2)

-- name: failures
SELECT count(*) FILTER (WHERE name = $1) AS of_name, count(*) FILTER (WHERE address = $2) AS of_address,
    extract(epoch FROM now() - max(failed_at))::float8 AS seconds
FROM failed_login WHERE (name = $1 OR address = $2) AND failed_at > now() - make_interval(secs => $3)

-- name: forget_failures
DELETE FROM failed_login WHERE name = $1

-- name: record_access
INSERT INTO access_log (lookup_id, question, operator, purpose, case_number, number_touched, subjects)
VALUES ($1, $2, $3, $4, $5, $6, $7)

-- name: keep_drift
INSERT INTO drift_check (departures) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET departures = excluded.departures, checked_at = now()

-- name: drift
SELECT checked_at, departures::text AS departures FROM drift_check

-- name: keep_parked
INSERT INTO parked_seen (recipient, municipality, records, seen_at) VALUES ($1, $2, $3, now())
ON CONFLICT (recipient, municipality) DO UPDATE SET records = excluded.records, seen_at = now(), failure = ''

-- name: miss_parked
INSERT INTO parked_seen (recipient, municipality, records, failure) VALUES ($1, $2, '[]', $3)
ON CONFLICT (recipient, municipality) DO UPDATE SET failure = excluded.failure

-- name: parked
SELECT recipient, municipality, records::text AS records, seen_at, failure FROM parked_seen ORDER BY 1, 2

-- name: ask_retry
-- Only for what is listed; returns nothing when it is not, or no longer.
INSERT INTO parked_retry (retry_id, recipient, municipality, "offset", operator)
SELECT $1, recipient, municipality, $4, $5 FROM parked_seen
WHERE recipient = $2 AND municipality = $3 AND CASE WHEN $4::bigint IS NULL THEN jsonb_array_length(records) > 0
    ELSE records @> jsonb_build_array(jsonb_build_object('offset', $4::bigint)) END
RETURNING retry_id

-- name: asked_retries
-- What operators have asked for; the role is looked at again, so that a hole in the pages gives nobody the right.
SELECT retry_id, recipient, municipality, "offset" FROM parked_retry
JOIN account ON account.name = operator AND account.role = 'operator' AND account.disabled_at IS NULL
WHERE done_at IS NULL ORDER BY asked_at

-- name: done_retry
UPDATE parked_retry SET done_at = now(), result = $2, failure = $3 WHERE retry_id = $1

-- name: retries
SELECT recipient, municipality, "offset", operator, asked_at, done_at, result::text AS result, failure
FROM parked_retry ORDER BY asked_at DESC LIMIT 20

-- name: ask_decision
-- Returns nothing when somebody has decided on this request already, and it is being carried out.
INSERT INTO grant_decision (decision_id, recipient, request, requester, reviewer, decision)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING decision_id

-- name: asked_decisions
-- The role is looked at again, so that a hole in the pages gives nobody the right.
SELECT decision_id, recipient, request, reviewer, decision FROM grant_decision
JOIN account ON account.name = reviewer AND account.role = 'reviewer' AND account.disabled_at IS NULL
WHERE done_at IS NULL ORDER BY asked_at

-- name: done_decision
UPDATE grant_decision SET done_at = now(), failure = $2 WHERE decision_id = $1

-- name: decisions
SELECT recipient, requester, reviewer, decision, asked_at, done_at, failure
FROM grant_decision ORDER BY asked_at DESC LIMIT 20
