-- name: take_over
UPDATE head SET epoch = epoch + 1 RETURNING epoch

-- name: register_recipients
-- Who begins after the first change, by a later grant or by a first one, is told the present state of everybody.
WITH given AS (SELECT * FROM unnest($1::text[], $2::int[]) AS given (name, generation)),
registered AS (
    INSERT INTO recipient (name, generation, snapshot_after, began_at)
    SELECT name, generation, CASE WHEN generation > 1 OR next_position > 1 THEN '' END, next_position FROM given, head
    ON CONFLICT DO NOTHING
)
INSERT INTO grant_standing (recipient, generation) SELECT name, generation FROM given ON CONFLICT DO NOTHING

-- name: offsets
SELECT topic, next_offset FROM progress

-- name: lock_head
SELECT epoch, next_position FROM head FOR UPDATE

-- name: advance_position
UPDATE head SET next_position = $1

-- name: advance_offset
INSERT INTO progress (topic, next_offset) VALUES ($1, $2)
ON CONFLICT (topic) DO UPDATE SET next_offset = excluded.next_offset

-- name: park
INSERT INTO parked (topic, "offset", sealed_key, sealed_value, code) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING

-- name: last_numbers
SELECT r.name, r.generation, r.last_number
FROM recipient r JOIN grant_standing s ON s.recipient = r.name AND s.generation = r.generation
WHERE s.revoked_at IS NULL

-- name: followed
SELECT recipient, generation, addressee_number, subject, link_number, sequence, state, digest, block, refused,
    updates::text AS updates
FROM recipient_resident WHERE addressee_number = ANY($1::text[])

-- name: interested
SELECT recipient, addressee_number FROM interest WHERE addressee_number = ANY($1::text[])

-- name: earlier_sequences
SELECT d.recipient, d.generation, d.addressee_number, d.history_number, max(d.sequence) AS sequence
FROM delivery d JOIN unnest($1::text[], $2::int[]) AS asked (addressee_number, history_number)
  USING (addressee_number, history_number)
GROUP BY 1, 2, 3, 4

-- name: numbers
SELECT reference, kind, sealed FROM number_version WHERE reference = ANY($1::text[])

-- name: codes
SELECT addressee_number, record ->> 'resident_code' AS resident_code,
    record ->> 'former_resident_code' AS former_resident_code, record ->> 'resident_code_since' AS resident_code_since
FROM resident WHERE addressee_number = ANY($1::text[]) AND record IS NOT NULL

-- name: save_residents
INSERT INTO resident (addressee_number, history_number, state, record)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::jsonb[])
ON CONFLICT (addressee_number) DO UPDATE
SET history_number = excluded.history_number, state = excluded.state, record = excluded.record

-- name: save_followed
INSERT INTO recipient_resident
    (recipient, generation, addressee_number, subject, link_number, sequence, state, digest, block, updates)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::bytea[],
    $9::bytea[], $10::jsonb[])
ON CONFLICT (recipient, generation, addressee_number) DO UPDATE
SET sequence = excluded.sequence, state = excluded.state, digest = excluded.digest, block = excluded.block,
    updates = excluded.updates

-- name: save_last_numbers
UPDATE recipient SET last_number = given.last_number
FROM unnest($1::text[], $2::int[], $3::bigint[]) AS given (name, generation, last_number)
WHERE recipient.name = given.name AND recipient.generation = given.generation

-- name: due
SELECT last_number > dispatched_number AS unsent,
    EXISTS (SELECT FROM retransmission WHERE recipient = name AND generation = r.generation) AS asked
FROM recipient r WHERE name = $1 AND generation = $2

-- name: unsent
SELECT number, key, headers, value FROM delivery
WHERE recipient = $1 AND generation = $2
  AND number > (SELECT dispatched_number FROM recipient WHERE name = $1 AND generation = $2)
ORDER BY number LIMIT $3

-- name: mark_sending
UPDATE recipient SET sending_number = greatest(sending_number, $3)
WHERE name = $1 AND generation = $2 AND (SELECT epoch FROM head) = $4
RETURNING sending_number

-- name: mark_sent
UPDATE recipient SET dispatched_number = $3
WHERE name = $1 AND generation = $2 AND dispatched_number < $3 AND (SELECT epoch FROM head) = $4

-- name: asked_again
SELECT r.id, d.number, d.key, d.headers, d.value
FROM retransmission r JOIN delivery d USING (recipient, generation, number)
WHERE r.recipient = $1 AND r.generation = $2 ORDER BY r.id LIMIT $3

-- name: forget_asked
DELETE FROM retransmission WHERE id = ANY($1::bigint[])

-- name: expected_message
INSERT INTO inbox_progress (party) VALUES ($1)
ON CONFLICT (party) DO UPDATE SET party = excluded.party RETURNING next_number

-- name: advance_message
UPDATE inbox_progress SET next_number = $2 WHERE party = $1

-- name: acknowledge
WITH recalled AS (
    UPDATE recall SET outcome = $5, settled_at = now()
    WHERE recipient = $1 AND generation = $2 AND number BETWEEN $3 AND $4 AND outcome IS DISTINCT FROM 'applied'
)
UPDATE recipient SET acknowledged_number = greatest(acknowledged_number, $4), acknowledged_at = now(),
    applied = applied + CASE WHEN $5 = 'applied' THEN $4 - $3 + 1 ELSE 0 END,
    held = held + CASE WHEN $5 = 'held' THEN $4 - $3 + 1 ELSE 0 END,
    parked = parked + CASE WHEN $5 = 'parked' THEN $4 - $3 + 1 ELSE 0 END
WHERE name = $1 AND generation = $2

-- name: ask_again
INSERT INTO retransmission (recipient, generation, number)
SELECT $1, $2, number FROM delivery JOIN recipient ON name = recipient AND recipient.generation = delivery.generation
WHERE name = $1 AND recipient.generation = $2 AND number BETWEEN $3 AND $4 AND number <= sending_number
ORDER BY number
ON CONFLICT DO NOTHING

-- name: place_interests
INSERT INTO interest (recipient, addressee_number) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING

-- name: remove_interests
DELETE FROM interest WHERE recipient = $1 AND addressee_number = ANY($2::text[])

-- name: residents
SELECT addressee_number, history_number, state, record::text AS record
FROM resident WHERE addressee_number = ANY($1::text[])

-- name: standing
SELECT name, last_number, dispatched_number, acknowledged_number, applied, held, parked,
    (SELECT count(*) FROM waiting WHERE recipient = r.name AND generation = r.generation) AS waiting,
    (SELECT count(*) FROM redelivery WHERE recipient = r.name) AS redeliveries
FROM recipient r ORDER BY name, generation

-- name: unread
SELECT r.name AS recipient, r.generation, r.dispatched_number - r.acknowledged_number AS deliveries, oldest.since
FROM recipient r
JOIN grant_standing s ON s.recipient = r.name AND s.generation = r.generation AND s.revoked_at IS NULL
CROSS JOIN LATERAL (
    SELECT routed_at AS since FROM delivery d
    WHERE d.recipient = r.name AND d.generation = r.generation AND d.number > r.acknowledged_number
    ORDER BY d.number LIMIT 1
) oldest
WHERE r.dispatched_number > r.acknowledged_number
ORDER BY r.name, r.generation

-- name: position
SELECT next_position, register_number FROM head

-- name: messages
SELECT party, next_number FROM inbox_progress

-- name: share_grant
SELECT pg_advisory_xact_lock_shared(hashtext($1), $2)

-- name: grant_epoch
SELECT epoch FROM grant_standing WHERE recipient = $1 AND generation = $2 AND revoked_at IS NULL

-- name: take_grant
SELECT pg_advisory_xact_lock(hashtext($1), $2)

-- name: revoke
UPDATE grant_standing SET revoked_at = coalesce(revoked_at, now()), epoch = epoch + 1
WHERE recipient = $1 AND generation = $2

-- name: void_unsent
INSERT INTO void (recipient, generation, first, last)
SELECT name, generation, sending_number + 1, last_number FROM recipient
WHERE name = $1 AND generation = $2 AND last_number > sending_number
ON CONFLICT DO NOTHING
RETURNING first, last

-- name: voided
SELECT coalesce(sum(last - first + 1), 0)::bigint FROM void WHERE recipient = $1 AND generation = $2

-- name: forget_all_asked
DELETE FROM retransmission WHERE recipient = $1 AND generation = $2

-- name: snapshot_after
SELECT snapshot_after FROM recipient WHERE name = $1 AND generation = $2

-- name: residents_after
SELECT addressee_number, history_number, state, record::text AS record
FROM resident WHERE addressee_number > $1 ORDER BY addressee_number LIMIT $2

-- name: snapshot_reached
UPDATE recipient SET snapshot_after = $3 WHERE name = $1 AND generation = $2

-- name: open_runs
SELECT r.name, s.generation, s.first, s.run, s.signature, s.sealed_key
FROM recipient r CROSS JOIN LATERAL (
    SELECT * FROM seal_run WHERE recipient = r.name AND generation = r.generation ORDER BY first DESC LIMIT 1
) s
WHERE s.sealed_key IS NOT NULL AND r.name = ANY($1::text[])

-- name: close_runs
UPDATE seal_run SET sealed_key = NULL
FROM unnest($1::text[], $2::int[]) AS closed (recipient, generation)
WHERE seal_run.recipient = closed.recipient AND seal_run.generation = closed.generation AND sealed_key IS NOT NULL

-- name: save_runs
INSERT INTO seal_run (recipient, generation, first, sender_key, recipient_key, run, signature, sealed_key)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::bytea[])

-- name: ledger_head
SELECT ledger_size AS size, ledger_time AS time FROM head

-- name: advance_ledger
UPDATE head SET ledger_size = $1, ledger_time = $2

-- name: entered
SELECT kind, name, digest FROM ledger_standing

-- name: save_entered
INSERT INTO ledger_standing (kind, name, digest) SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[])
ON CONFLICT (kind, name) DO UPDATE SET digest = excluded.digest

-- name: digests_of_spans
SELECT span.ordinal - 1 AS place, encode(sha256(string_agg(d.digest, ''::bytea ORDER BY d.number)), 'hex') AS digest
FROM unnest($2::int[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS span (generation, first, last, ordinal)
JOIN delivery d ON d.recipient = $1 AND d.generation = span.generation AND d.number BETWEEN span.first AND span.last
GROUP BY span.ordinal
