-- What the watch asks of a hub's database as the role ops.

-- name: recipients
SELECT r.name, r.generation, r.last_number, r.dispatched_number, r.acknowledged_number, r.acknowledged_at,
    r.applied, r.held, r.parked
FROM recipient r JOIN grant_standing s ON s.recipient = r.name AND s.generation = r.generation
WHERE s.revoked_at IS NULL ORDER BY r.name

-- name: unacknowledged
SELECT r.name AS recipient, 'decided' AS stage, d.kind AS what, count(*) AS changes,
    extract(epoch FROM clock_timestamp() - min(d.routed_at))::float8 AS oldest_seconds
FROM recipient r
JOIN grant_standing s ON s.recipient = r.name AND s.generation = r.generation AND s.revoked_at IS NULL
CROSS JOIN LATERAL (
    SELECT kind, routed_at FROM delivery
    WHERE recipient = r.name AND generation = r.generation AND number > r.acknowledged_number
    ORDER BY number LIMIT $1
) d
GROUP BY r.name, d.kind
UNION ALL
SELECT w.recipient, 'waiting', coalesce(w.reason, ''), count(*),
    extract(epoch FROM clock_timestamp() - min(w.decided_at))::float8
FROM waiting w
JOIN grant_standing s ON s.recipient = w.recipient AND s.generation = w.generation AND s.revoked_at IS NULL
GROUP BY w.recipient, w.reason
ORDER BY 1, 2, 3

-- name: ledger
SELECT head.ledger_size AS size, head.next_position, (SELECT max(size) FROM ledger_checkpoint) AS signed,
    (SELECT max(size) FROM ledger_checkpoint WHERE witnessed) AS witnessed, (SELECT count(*) FROM parked) AS parked
FROM head
