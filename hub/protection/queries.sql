-- name: protections
SELECT addressee_number, status, level, begins_on, ends_on FROM protection WHERE addressee_number = ANY($1::text[])

-- name: save_protections
INSERT INTO protection (addressee_number, status, level, begins_on, ends_on)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[])
ON CONFLICT (addressee_number) DO UPDATE
SET status = excluded.status, level = excluded.level, begins_on = excluded.begins_on, ends_on = excluded.ends_on

-- name: disclosed
SELECT e.addressee_number, e.entry FROM ledger_entry e
WHERE e.addressee_number = ANY($1::text[]) AND e.entry::jsonb ->> 'kind' = 'disclose' AND NOT EXISTS (
    SELECT FROM void v WHERE v.recipient = e.entry::jsonb ->> 'recipient'
      AND v.generation = (e.entry::jsonb ->> 'generation')::int
      AND (e.entry::jsonb ->> 'number')::bigint BETWEEN v.first AND v.last
)
ORDER BY e.index

-- name: save_recalls
INSERT INTO recall (recipient, generation, addressee_number, position, number, reach, due_at)
SELECT recipient, generation, addressee_number, position, number, reach, now() + hours * interval '1 hour'
FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::int[])
    AS given (recipient, generation, addressee_number, position, number, reach, hours)

-- name: recalls
SELECT recipient, generation, addressee_number, reach, made_at, due_at, outcome, settled_at,
    coalesce(settled_at, now()) > due_at AS is_late
FROM recall ORDER BY made_at, recipient, addressee_number
