-- name: open_progress
INSERT INTO inbox_progress (topic, next_offset) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: progress
SELECT next_offset, next_number FROM inbox_progress WHERE topic = $1

-- name: advance
UPDATE inbox_progress SET next_offset = $3, next_number = $4 WHERE topic = $1 AND next_offset = $2 RETURNING next_offset

-- name: park
INSERT INTO inbox_parked (topic, "offset", sealed_key, sealed_value, code)
SELECT $1, * FROM unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::text[])

-- name: settle_over
UPDATE work_entry SET state = 'settled', settled_by = over.party, settled_at = over.settled_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS over (party, addressee_number, settled_at)
WHERE work_entry.state = 'open' AND work_entry.kind = $4
  AND work_entry.party = over.party AND work_entry.addressee_number = over.addressee_number

-- name: enter
INSERT INTO work_entry
    (party, party_number, place, kind, code, addressee_number, history_number, received_at, state, settled_by, settled_at)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::int[],
                     $8::timestamptz[], $9::text[], $10::text[], $11::timestamptz[])
ON CONFLICT (party, party_number, place) DO NOTHING

-- name: find_for_letters
SELECT place, reference FROM find_for_letters($1::text[], $2::bytea[])

-- name: holders
SELECT r.record ->> 'resident_code' AS reference, r.addressee_number, r.household_number, r.state,
    r.record -> 'planned_move_out' -> 'to' ->> 'municipality' AS planned_to,
    r.record -> 'moved_out_to' ->> 'municipality' AS moved_out_to,
    n.noticed_on, n.party, n.party_number
FROM resident r LEFT JOIN move_in_notice n USING (addressee_number)
WHERE r.record ->> 'resident_code' = ANY($1::text[])

-- name: save_notices
INSERT INTO move_in_notice (addressee_number, party, party_number, moved_in_on, noticed_on, received_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::date[], $5::date[], $6::timestamptz[])
ON CONFLICT (addressee_number) DO UPDATE
SET party = excluded.party, party_number = excluded.party_number, moved_in_on = excluded.moved_in_on,
    noticed_on = excluded.noticed_on, received_at = excluded.received_at

-- name: keep_certificates
INSERT INTO move_out_certificate (party, party_number, counterparty, persons, planned_on, sealed, received_at)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::date[], $6::bytea[], $7::timestamptz[])
ON CONFLICT (party, party_number) DO NOTHING

-- name: certificates
SELECT id, counterparty, persons, planned_on, received_at, filed_at FROM move_out_certificate
WHERE filed_at IS NULL OR $1 ORDER BY id

-- name: certificate
SELECT party, party_number, sealed FROM move_out_certificate WHERE id = $1

-- name: certificate_filed
UPDATE move_out_certificate SET sealed = NULL, filed_by = $2, filed_at = now() WHERE id = $1 AND filed_by IS NULL
RETURNING id

-- name: leavers
SELECT h.filing_id::text AS filing, h.group_index AS member, coalesce(r.record -> 'moved_out_to' ->> 'municipality',
    r.record -> 'planned_move_out' -> 'to' ->> 'municipality') AS municipality,
    (r.record -> 'removal' ->> 'removed_on')::date AS removed_on, n.noticed_on, n.received_at
FROM resident r
JOIN LATERAL (
    SELECT filing_id, group_index FROM history h
    WHERE h.addressee_number = r.addressee_number AND h.kind = 'ceased' ORDER BY history_number DESC LIMIT 1
) h ON true
LEFT JOIN move_in_notice n USING (addressee_number)
WHERE r.state = 'ceased' AND r.record -> 'removal' ->> 'reason' = ANY($1::text[])
  AND coalesce(r.record -> 'moved_out_to' ->> 'municipality',
      r.record -> 'planned_move_out' -> 'to' ->> 'municipality') IS NOT NULL
  AND (NOT $2 OR (n.noticed_on IS NULL AND (r.record -> 'removal' ->> 'removed_on')::date <= $3::date))
ORDER BY removed_on, filing, member

-- name: entries
SELECT id, party, kind, code, history_number, received_at, resent_by, resent_at, state, settled_by, settled_at
FROM work_entry WHERE state = 'open' OR $1 ORDER BY id

-- name: entry
SELECT id, party, kind, code, history_number, received_at, resent_by, resent_at, state, settled_by, settled_at
FROM work_entry WHERE id = $1

-- name: settle
UPDATE work_entry SET state = 'settled', settled_by = $2, settled_at = now() WHERE id = $1 AND state = 'open'

-- name: subject
SELECT party, kind, addressee_number, state FROM work_entry WHERE id = $1

-- name: resent
UPDATE work_entry SET resent_by = $2, resent_at = now() WHERE id = $1 AND state = 'open'
