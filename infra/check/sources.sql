-- What the auditor reads: sources of truth, the hub's pseudonyms, the recipients' copies.

-- name: history
SELECT addressee_number, history_number, position, state, filing_id, group_index, kind, reason, registered_at,
       refers_to, record ->> 'resident_code' AS code, dates ->> 'changed_on' AS changed_on,
       convert_to(record::text, 'UTF8') AS record
FROM history ORDER BY position

-- name: protection_steps
SELECT addressee_number, position, status, level, begins_on, ends_on FROM protection WHERE position IS NOT NULL

-- name: protection_unknown
SELECT addressee_number, CASE WHEN filing_id IS NOT NULL THEN until_position END AS told_none_at FROM protection_unknown

-- name: retellings
SELECT count(*) AS retellings FROM retelling

-- name: protections_kept
SELECT subject, blocked, status, level, begins_on, ends_on FROM protection WHERE municipality = $1

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

-- name: set_aside
SELECT subject, sequence, number, first_number, group_count, NULL AS code
FROM held WHERE municipality = $1 AND generation = $2
UNION ALL
SELECT subject, sequence, number, first_number, group_count, code
FROM parked WHERE municipality = $1 AND generation = $2

-- name: sent
SELECT d.addressee_number, d.history_number, d.number, d.sequence, d.kind, d.generation,
       d.number <= r.dispatched_number AS dispatched, d.number <= r.acknowledged_number AS acknowledged,
       EXISTS (SELECT FROM void v WHERE (v.recipient, v.generation) = (d.recipient, d.generation)
               AND d.number BETWEEN v.first AND v.last) AS void
FROM delivery d JOIN recipient r ON (r.name, r.generation) = (d.recipient, d.generation)
WHERE d.recipient = $1 AND d.addressee_number = $2 AND d.history_number > 0
ORDER BY d.generation, d.sequence

-- name: listed
SELECT addressee_number FROM interest WHERE recipient = $1

-- name: waits
SELECT EXISTS (
    SELECT FROM waiting WHERE recipient = $1 AND generation = $2 AND addressee_number = $3 AND history_number = $4
) AS waits

-- name: began
SELECT began_at FROM recipient WHERE name = $1 AND generation = $2

-- name: routed
SELECT next_position FROM head

-- name: entries
SELECT index, entry FROM ledger_entry WHERE index >= $1 ORDER BY index LIMIT $2

-- name: checkpoints
SELECT note FROM ledger_checkpoint ORDER BY size

-- name: recipients
SELECT r.name, r.generation, r.last_number, r.dispatched_number, r.sending_number, r.acknowledged_number,
       s.revoked_at IS NOT NULL AS revoked
FROM recipient r JOIN grant_standing s ON (s.recipient, s.generation) = (r.name, r.generation)

-- name: standings
-- One statement: who was told what is read as the hub stood at one moment, with the position up to which it had routed.
SELECT h.next_position, r.last_number, f.addressee_number, f.subject, f.sequence, d.number,
    coalesce(d.number <= r.acknowledged_number, false)
    AND NOT EXISTS (SELECT FROM redelivery a WHERE a.recipient = r.name AND a.addressee_number = f.addressee_number)
    AND NOT EXISTS (
        SELECT FROM waiting w
        WHERE (w.recipient, w.generation, w.addressee_number) = (r.name, r.generation, f.addressee_number)
    ) AS settled
FROM head h CROSS JOIN recipient r
LEFT JOIN (
    recipient_resident f
    JOIN delivery d USING (recipient, generation, addressee_number, sequence)
) ON (f.recipient, f.generation) = (r.name, r.generation)
WHERE r.name = $1 AND r.generation = $2
