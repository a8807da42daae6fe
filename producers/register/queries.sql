-- The register's SQL; each query takes whole batches.

-- name: store_numbers
SELECT store_numbers($1::text[], $2::text[], $3::uuid[], $4::int[], $5::bytea[], $6::bytea[]) AS filing_id

-- name: find_references
SELECT find_references($1, $2, $3, $4) AS reference

-- name: references
SELECT reference, filing_id, member, kind FROM number_version WHERE filing_id = ANY($1::uuid[])

-- name: old_references
SELECT reference, filing_id FROM number_version WHERE recorded_at < now() - $1::interval

-- name: unreferenced
SELECT old.reference FROM unnest($1::text[], $2::uuid[]) AS old (reference, filing_id)
WHERE NOT EXISTS (SELECT FROM number_reference r WHERE r.reference = old.reference)
  AND NOT EXISTS (SELECT FROM filing f WHERE f.filing_id = old.filing_id AND f.status = 'provisional')

-- name: delete_orphans
DELETE FROM number_version WHERE reference = ANY($1::text[]) AND recorded_at < now() - $2::interval

-- name: known_filings
SELECT filing_id FROM filing WHERE filing_id = ANY($1::uuid[])

-- name: save_filings
INSERT INTO filing (filing_id, kind, status, operator, filed_on, body)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[])

-- name: provisional
SELECT body::text AS body FROM filing WHERE filing_id = ANY($1::uuid[]) AND status = 'provisional' FOR UPDATE

-- name: confirmed
UPDATE filing SET status = 'registered', body = NULL WHERE filing_id = ANY($1::uuid[])

-- name: annulled
SELECT addressee_number, history_number, filing_id, group_index FROM history
WHERE filing_id = ANY($1::uuid[]) ORDER BY filing_id, group_index

-- name: before_images
SELECT addressee_number, history_number, state, record::text AS record
FROM history JOIN unnest($1::text[], $2::int[]) AS asked (addressee_number, history_number)
  USING (addressee_number, history_number)

-- name: households_of
SELECT DISTINCT household_number FROM resident WHERE addressee_number = ANY($1::text[])

-- name: lock_households
SELECT household_number FROM household WHERE household_number = ANY($1::text[]) ORDER BY 1 FOR UPDATE

-- name: lock_residents
SELECT addressee_number, household_number, history_number, state, record::text AS record
FROM resident WHERE household_number = ANY($1::text[]) OR addressee_number = ANY($2::text[])
ORDER BY addressee_number FOR UPDATE

-- name: addressee_serials
SELECT nextval('addressee_serial') AS serial FROM generate_series(1, $1::int)

-- name: household_serials
SELECT nextval('household_serial') AS serial FROM generate_series(1, $1::int)

-- name: save_households
INSERT INTO household (household_number, head) SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (household_number) DO UPDATE SET head = excluded.head

-- name: save_residents
INSERT INTO resident (addressee_number, household_number, history_number, state, record)
SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::jsonb[])
ON CONFLICT (addressee_number) DO UPDATE
SET household_number = excluded.household_number, history_number = excluded.history_number,
    state = excluded.state, record = excluded.record

-- name: save_due
INSERT INTO due_removal (addressee_number, due_on) SELECT * FROM unnest($1::text[], $2::date[])
ON CONFLICT (addressee_number) DO UPDATE SET due_on = excluded.due_on

-- name: forget_due
DELETE FROM due_removal WHERE addressee_number = ANY($1::text[])

-- name: due
SELECT d.due_on, r.household_number, (r.record -> 'planned_move_out' -> 'to' ->> 'municipality') IS NULL AS abroad,
    array_agg(r.addressee_number ORDER BY r.addressee_number) AS residents,
    array_agg(r.history_number ORDER BY r.addressee_number) AS history_numbers
FROM due_removal d JOIN resident r USING (addressee_number)
WHERE d.due_on <= $1
GROUP BY 1, 2, 3
HAVING (d.due_on, r.household_number, (r.record -> 'planned_move_out' -> 'to' ->> 'municipality') IS NULL)
    > ($2::date, $3::text, $4::boolean)
ORDER BY 1, 2, 3 LIMIT $5

-- name: save_search_keys
INSERT INTO search_key (addressee_number, birth_date, name_key, kana_key, alias_key, alias_kana_key)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
ON CONFLICT (addressee_number) DO UPDATE
SET birth_date = excluded.birth_date, name_key = excluded.name_key, kana_key = excluded.kana_key,
    alias_key = excluded.alias_key, alias_kana_key = excluded.alias_kana_key

-- name: without_search_keys
SELECT addressee_number, record::text AS record FROM resident
WHERE NOT EXISTS (SELECT FROM search_key k WHERE k.addressee_number = resident.addressee_number) LIMIT $1

-- name: save_references
INSERT INTO number_reference (reference) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING

-- name: take_positions
UPDATE position_counter SET last = last + $1 RETURNING last

-- name: last_position
SELECT last FROM position_counter

-- name: last_access_number
SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM access_outbox_number_seq

-- name: reasons_after
SELECT reason, count(*) AS changes FROM (
    SELECT reason FROM history WHERE position > $1
    UNION ALL SELECT paired_reason FROM history WHERE position > $1 AND paired_reason IS NOT NULL
) AS told GROUP BY reason ORDER BY reason

-- name: some_residents
SELECT addressee_number FROM resident WHERE state = 'active' ORDER BY addressee_number LIMIT $1

-- name: outbox_standing
SELECT last AS position, (SELECT count(position) FROM outbox) AS outbox FROM position_counter

-- name: save_retellings
INSERT INTO retelling (position, addressee_number, recipient, reason, asked_by, second)
SELECT *, $3, $4, $5, $6 FROM unnest($1::bigint[], $2::text[])

-- name: changed_between
SELECT DISTINCT addressee_number FROM history
WHERE registered_at >= $1 AND registered_at < $2 AND ($3::text[] = '{}' OR addressee_number = ANY($3::text[]))
ORDER BY addressee_number

-- name: same_my_numbers
SELECT mine, other FROM same_my_numbers($1::text[])

-- name: taken_my_numbers
-- Versions whose number another version holds that the register refers to, and not of the same person.
SELECT DISTINCT given.mine FROM unnest($1::text[], $2::text[], $3::text[]) AS given (mine, other, resident)
WHERE EXISTS (SELECT FROM number_reference r WHERE r.reference = given.other)
  AND NOT EXISTS (
    SELECT FROM history h WHERE h.addressee_number = given.resident AND h.record ->> 'my_number' = given.other
  )
