-- Link codes (符号), each institution's own.

-- name: lock_codes
SELECT pg_advisory_xact_lock(hashtext('link_code'), hashtext($1))

-- name: open_epochs
SELECT institution, epoch FROM link_epoch WHERE municipality = $1 AND valid_to IS NULL

-- name: last_epoch
SELECT coalesce(max(epoch), 0) FROM link_epoch WHERE municipality = $1 AND institution = $2

-- name: open_epoch
INSERT INTO link_epoch (municipality, institution, epoch) VALUES ($1, $2, $3)

-- name: close_epoch
UPDATE link_epoch SET valid_to = now() + $3::interval
WHERE municipality = $1 AND institution = $2 AND valid_to IS NULL

-- name: close_codes
UPDATE link_code SET valid_to = now() + $3::interval
WHERE municipality = $1 AND institution = $2 AND valid_to IS NULL

-- name: coded
SELECT institution, link_number FROM link_code
WHERE municipality = $1 AND institution = ANY($2::text[]) AND link_number = ANY($3::text[]) AND valid_to IS NULL

-- name: everybody
SELECT link_number FROM secondary_copy WHERE municipality = $1

-- name: end_codes
UPDATE link_code SET valid_to = now()
WHERE municipality = $1 AND link_number = ANY($2::text[]) AND (valid_to IS NULL OR valid_to > now())

-- name: holder
SELECT link_number FROM link_code
WHERE municipality = $1 AND institution = $2 AND code = $3 AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)

-- name: code_of
SELECT code FROM link_code
WHERE municipality = $1 AND institution = $2 AND link_number = $3
  AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)
ORDER BY epoch DESC LIMIT 1

-- name: counts
SELECT municipality, institution, epoch, valid, orphaned, missing FROM link_code_count ORDER BY 1, 2, 3
