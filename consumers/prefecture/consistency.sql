-- name: isolate
-- A large city's copy is read in one transaction, which changes nothing and may take its time.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
SET LOCAL transaction_timeout = 0

-- name: reached
SELECT next_number - 1 FROM number_gate WHERE municipality = $1 AND generation = $2

-- name: missing
SELECT number FROM missing WHERE municipality = $1 AND generation = $2

-- name: standing
-- Rows and gates of the subjects after $2 and up to $3 (to the end when NULL), whichever of the two there is.
SELECT coalesce(i.subject, g.subject) AS subject, g.sequence AS gate, i.sequence, i.state,
    convert_to(i.items::text, 'UTF8') AS items,
    i.sealed_resident_code, i.sealed_my_number, i.sealed_former_resident_code,
    EXISTS (SELECT FROM held h WHERE h.municipality = $1 AND h.subject = coalesce(i.subject, g.subject))
    OR EXISTS (SELECT FROM parked p WHERE p.municipality = $1 AND p.subject = coalesce(i.subject, g.subject))
        AS kept_back
FROM (
    SELECT * FROM identity
    WHERE municipality = $1 AND subject COLLATE "C" > $2 AND ($3::text IS NULL OR subject COLLATE "C" <= $3)
) i
FULL JOIN (
    SELECT subject, sequence FROM subject_gate
    WHERE municipality = $1 AND subject COLLATE "C" > $2 AND ($3::text IS NULL OR subject COLLATE "C" <= $3)
) g ON g.subject = i.subject

-- name: drop
-- Only where nothing has arrived since it was compared.
DELETE FROM identity i
USING unnest($2::text[], $3::bigint[]) AS given (subject, gate)
WHERE i.municipality = $1 AND i.subject = given.subject
  AND given.gate IS NOT DISTINCT FROM (
      SELECT g.sequence FROM subject_gate g WHERE g.municipality = $1 AND g.subject = given.subject
  )
