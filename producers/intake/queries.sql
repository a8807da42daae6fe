-- The intake's own SQL; each query takes whole batches.

-- name: alone
SELECT pg_advisory_xact_lock(hashtext('kairan intake'))

-- name: begin_file
INSERT INTO intake_file (file, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: file
SELECT kind, line, byte_offset, refused, warned, created, changed, ceased, annulled, unchanged, former,
    finished_at IS NOT NULL AS finished
FROM intake_file WHERE file = $1

-- name: has_full
SELECT EXISTS (SELECT FROM intake_file WHERE kind = 'full' AND finished_at IS NOT NULL)

-- name: advance
UPDATE intake_file SET line = $3, byte_offset = $4, refused = refused + $5, warned = warned + $6,
    created = created + $7, changed = changed + $8, ceased = ceased + $9, annulled = annulled + $10,
    unchanged = unchanged + $11, former = former + $12
WHERE file = $1 AND line = $2 AND finished_at IS NULL

-- name: finish_file
UPDATE intake_file SET finished_at = now() WHERE file = $1 AND finished_at IS NULL

-- name: known_persons
SELECT addressee_number, history_number, history_branch, file, line
FROM intake_person WHERE addressee_number = ANY($1::text[])

-- name: save_persons
INSERT INTO intake_person (addressee_number, history_number, history_branch, file, line)
SELECT addressee_number, history_number, history_branch, $4, line
FROM unnest($1::text[], $2::int[], $3::int[], $5::bigint[]) AS given (addressee_number, history_number, history_branch, line)
ON CONFLICT (addressee_number) DO UPDATE
SET history_number = excluded.history_number, history_branch = excluded.history_branch,
    file = excluded.file, line = excluded.line

-- name: save_former
INSERT INTO former_record (addressee_number, history_number, history_branch, reason, record, file)
SELECT given.*, $6 FROM unnest($1::text[], $2::int[], $3::int[], $4::text[], $5::jsonb[]) AS given
ON CONFLICT (addressee_number, history_number, history_branch) DO UPDATE
SET reason = excluded.reason, record = excluded.record, file = excluded.file
WHERE (former_record.reason, former_record.record) IS DISTINCT FROM (excluded.reason, excluded.record)

-- name: save_findings
INSERT INTO intake_finding (file, line, code, field, refused)
SELECT $1, given.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::boolean[]) AS given
ON CONFLICT DO NOTHING

-- name: findings
SELECT line, code, field, refused FROM intake_finding WHERE file = $1 ORDER BY line, code, field

-- name: findings_by_code
SELECT code, refused, count(*) AS count FROM intake_finding WHERE file = $1 GROUP BY code, refused ORDER BY 2 DESC, 1

-- name: not_in_file
SELECT count(*) FROM resident r WHERE r.state = 'active'
  AND NOT EXISTS (SELECT FROM intake_person p WHERE p.addressee_number = r.addressee_number AND p.file = $1)
