-- name: spans
SELECT span.ordinal - 1 AS place, d.number, d.addressee_number, coalesce(d.history_number, 0) AS history_number,
    d.sequence
FROM unnest($2::int[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS span (generation, first, last, ordinal)
JOIN recipient r ON r.name = $1 AND r.generation = span.generation
JOIN delivery d ON d.recipient = $1 AND d.generation = span.generation
    AND d.number BETWEEN span.first AND least(span.last, r.sending_number)
ORDER BY span.ordinal, d.number

-- name: remember_refused
UPDATE recipient_resident r
SET refused = ARRAY(SELECT DISTINCT s FROM unnest(r.refused || given.sequences) AS s ORDER BY s)
FROM (
    SELECT generation, addressee_number, array_agg(sequence) AS sequences
    FROM unnest($2::int[], $3::text[], $4::bigint[]) AS refusal (generation, addressee_number, sequence)
    GROUP BY generation, addressee_number
) AS given
WHERE r.recipient = $1 AND r.generation = given.generation AND r.addressee_number = given.addressee_number

-- name: forget_refused
WITH over AS (
    SELECT r.generation, r.addressee_number, min(span.ordinal) - 1 AS place
    FROM recipient_resident r
    JOIN delivery d ON d.recipient = r.recipient AND d.generation = r.generation
        AND d.addressee_number = r.addressee_number AND d.sequence >= ALL (r.refused)
        AND d.kind NOT IN ('block', 'recall')
    JOIN unnest($2::int[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS span (generation, first, last, ordinal)
        ON span.generation = d.generation AND d.number BETWEEN span.first AND span.last
    WHERE r.recipient = $1 AND r.refused <> '{}'
    GROUP BY r.generation, r.addressee_number
)
UPDATE recipient_resident r SET refused = '{}' FROM over
WHERE r.recipient = $1 AND r.generation = over.generation AND r.addressee_number = over.addressee_number
RETURNING over.place, r.addressee_number

-- name: take_numbers
UPDATE head SET register_number = register_number + $1 RETURNING register_number

-- name: keep
INSERT INTO for_the_register (number, envelope) SELECT * FROM unnest($1::bigint[], $2::bytea[])

-- name: unsent
SELECT number, envelope FROM for_the_register ORDER BY number LIMIT $1

-- name: confirmed
DELETE FROM for_the_register WHERE number <= $1

-- name: ask_redelivery
INSERT INTO redelivery (recipient, addressee_number) VALUES ($1, $2) ON CONFLICT DO NOTHING

-- name: ask_redeliveries
INSERT INTO redelivery (recipient, addressee_number) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING

-- name: asked_redeliveries
SELECT addressee_number FROM redelivery WHERE recipient = $1 ORDER BY asked_at, addressee_number LIMIT $2

-- name: any_redelivery
SELECT DISTINCT recipient FROM redelivery

-- name: tell_anew
UPDATE recipient_resident SET digest = NULL
WHERE recipient = $1 AND generation = $2 AND addressee_number = ANY($3::text[]) AND refused <> '{}'
RETURNING addressee_number

-- name: forget_redeliveries
DELETE FROM redelivery WHERE recipient = $1 AND addressee_number = ANY($2::text[])
