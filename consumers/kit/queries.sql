-- name: open_lane
WITH progress_row AS (
    INSERT INTO progress (topic, partition, next_offset) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
), number_row AS (
    INSERT INTO number_gate (municipality, generation) VALUES ($4, $5) ON CONFLICT DO NOTHING
), counter_row AS (
    INSERT INTO inbound_counter (municipality) VALUES ($4) ON CONFLICT DO NOTHING
)
INSERT INTO tally (municipality) VALUES ($4) ON CONFLICT DO NOTHING

-- name: stored_offset
SELECT next_offset FROM progress WHERE topic = $1 AND partition = $2

-- name: lock_offset
SELECT next_offset FROM progress WHERE topic = $1 AND partition = $2 FOR UPDATE

-- name: next_number
SELECT next_number FROM number_gate WHERE municipality = $1 AND generation = $2

-- name: receive
WITH given AS (SELECT * FROM unnest($3::bigint[], $4::bytea[]) AS given (number, digest)),
fresh AS (
    INSERT INTO received (municipality, generation, number, digest)
    SELECT $1, $2, number, digest FROM given ON CONFLICT DO NOTHING
)
SELECT number, received.digest FROM received JOIN given USING (number)
WHERE municipality = $1 AND generation = $2

-- name: received
SELECT number, digest FROM received WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])

-- name: subject_gates
SELECT subject, sequence FROM subject_gate WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: set_aside_with
-- What waits or is parked and is bound up with these subjects and numbers: by resident, by filing, and so on.
WITH RECURSIVE aside AS NOT MATERIALIZED (
    SELECT subject, sequence, number, first_number, group_count, supersedes, false AS parked
    FROM held WHERE municipality = $1 AND generation = $2
    UNION ALL
    SELECT subject, sequence, number, first_number, group_count, '{}', true
    FROM parked WHERE municipality = $1 AND generation = $2 AND number IS NOT NULL
), reached AS (
    SELECT * FROM aside WHERE subject = ANY($3::text[]) OR number = ANY($4::bigint[])
    UNION
    SELECT aside.* FROM aside JOIN reached ON aside.subject = reached.subject
        OR aside.number BETWEEN reached.first_number AND reached.first_number + reached.group_count - 1
)
SELECT * FROM reached

-- name: all_set_aside
SELECT subject, sequence, number, first_number, group_count, supersedes, false AS parked
FROM held WHERE municipality = $1 AND generation = $2
UNION ALL
SELECT subject, sequence, number, first_number, group_count, '{}', true
FROM parked WHERE municipality = $1 AND generation = $2 AND number IS NOT NULL

-- name: not_applied
SELECT number, false AS given_up FROM missing
WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])
UNION ALL
SELECT number, true FROM given_up WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])

-- name: set_subject_gates
INSERT INTO subject_gate (municipality, subject, sequence)
SELECT $1, * FROM unnest($2::text[], $3::bigint[])
ON CONFLICT (municipality, subject) DO UPDATE SET sequence = excluded.sequence

-- name: hold
INSERT INTO held (municipality, generation, topic, partition, "offset", sealed_key, sealed_value, sealed_headers,
    number, subject, sequence, first_number, group_count, supersedes)
SELECT $1, $2, $3, $4, "offset", key, value, headers, number, subject, sequence, first, count, supersedes::bigint[]
FROM unnest($5::bigint[], $6::bytea[], $7::bytea[], $8::bytea[],
    $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::int[], $14::text[])
    AS given ("offset", key, value, headers, number, subject, sequence, first, count, supersedes)

-- name: held_records
SELECT number, topic, partition, "offset", sealed_key, sealed_value, sealed_headers
FROM held WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])

-- name: release
DELETE FROM held WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])

-- name: park
INSERT INTO parked (municipality, topic, partition, "offset", sealed_key, sealed_value, sealed_headers,
    generation, number, subject, sequence, first_number, group_count, code)
SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[],
    $8::int[], $9::bigint[], $10::text[], $11::bigint[], $12::bigint[], $13::int[], $14::text[])

-- name: spoil
WITH moved AS (
    DELETE FROM held USING unnest($3::bigint[], $4::text[]) AS spoiled (number, code)
    WHERE held.municipality = $1 AND held.generation = $2 AND held.number = spoiled.number
    RETURNING held.*, spoiled.code
)
INSERT INTO parked (municipality, topic, partition, "offset", sealed_key, sealed_value, sealed_headers,
    generation, number, subject, sequence, first_number, group_count, code)
SELECT municipality, topic, partition, "offset", sealed_key, sealed_value, sealed_headers,
    generation, number, subject, sequence, first_number, group_count, code
FROM moved

-- name: unpark
DELETE FROM parked WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])

-- name: take_up
DELETE FROM parked WHERE municipality = $1 AND topic = $2 AND partition = $3 AND "offset" = ANY($4::bigint[])

-- name: keep_since
UPDATE parked SET parked_at = given.since FROM unnest($4::bigint[], $5::timestamptz[]) AS given ("offset", since)
WHERE municipality = $1 AND topic = $2 AND partition = $3 AND parked."offset" = given."offset"

-- name: parked_from
SELECT count(*) FROM parked WHERE municipality = $1 AND topic = $2 AND partition = $3 AND "offset" >= $4

-- name: parked
SELECT topic, partition, "offset", sealed_key, sealed_value, sealed_headers, code, parked_at,
    number, subject, sequence, first_number, group_count, '{}'::bigint[] AS supersedes
FROM parked WHERE municipality = $1 AND topic = $2 AND partition = $3 ORDER BY "offset"

-- name: give_up
INSERT INTO given_up (municipality, generation, number) SELECT $1, $2, unnest($3::bigint[])

-- name: miss
INSERT INTO missing (municipality, generation, number)
SELECT $1, $2, * FROM unnest($3::bigint[]) ON CONFLICT DO NOTHING

-- name: find
DELETE FROM missing WHERE municipality = $1 AND generation = $2 AND number = ANY($3::bigint[])

-- name: ask_again
UPDATE missing SET asks = asks + 1, asked_at = now()
WHERE (municipality, generation, number) IN (
    SELECT municipality, generation, number FROM missing
    WHERE municipality = $1 AND generation = $2
      AND asked_at + least($3 * power(2, least(asks, 20) - 1), $4) * interval '1 second' <= now()
    ORDER BY number LIMIT 10000 FOR UPDATE SKIP LOCKED
)
RETURNING number

-- name: advance
WITH numbers AS (
    UPDATE number_gate SET next_number = $5 WHERE municipality = $3 AND generation = $4
), tallies AS (
    UPDATE tally SET applied = applied + $6, duplicates = duplicates + $7 WHERE municipality = $3
)
UPDATE progress SET next_offset = $8 WHERE topic = $1 AND partition = $2

-- name: allot
INSERT INTO inbound_counter AS counter (municipality, last) VALUES ($1, $2)
ON CONFLICT (municipality) DO UPDATE SET last = counter.last + excluded.last
RETURNING last

-- name: enqueue
INSERT INTO outbox (municipality, traceparent, number, message, sealed_message)
SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[], $5::bytea[])

-- name: unsent
SELECT number, message, sealed_message, traceparent FROM outbox WHERE municipality = $1 ORDER BY number LIMIT $2

-- name: confirmed
DELETE FROM outbox WHERE municipality = $1 AND number <= $2

-- name: standing
SELECT applied, duplicates, held, parked, missing, strays, given_up FROM standing

-- name: last_messages
SELECT municipality, last FROM inbound_counter

-- name: wait_for_batches
SELECT next_offset FROM progress ORDER BY topic, partition FOR UPDATE

-- name: first_untaken
SELECT municipality, generation, least(
    next_number,
    (SELECT min(m.number) FROM missing m WHERE m.municipality = g.municipality AND m.generation = g.generation),
    (SELECT min(h.number) FROM held h WHERE h.municipality = g.municipality AND h.generation = g.generation),
    (SELECT min(p.number) FROM parked p WHERE p.municipality = g.municipality AND p.generation = g.generation)
) AS number
FROM number_gate g

-- name: earlier_generation
SELECT EXISTS (SELECT FROM number_gate WHERE municipality = $1 AND generation < $2)

-- name: forget_generations
WITH gates AS (DELETE FROM subject_gate WHERE municipality = $1),
numbers AS (DELETE FROM number_gate WHERE municipality = $1),
absent AS (DELETE FROM missing WHERE municipality = $1),
waiting AS (DELETE FROM held WHERE municipality = $1),
kept AS (DELETE FROM parked WHERE municipality = $1 AND number IS NOT NULL),
resigned AS (DELETE FROM given_up WHERE municipality = $1),
taken AS (DELETE FROM received WHERE municipality = $1),
blocks AS (DELETE FROM protection WHERE municipality = $1)
UPDATE tally SET applied = 0, duplicates = 0 WHERE municipality = $1

-- name: keep_protections
INSERT INTO protection (municipality, subject, sequence, blocked, status, level, begins_on, ends_on)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::boolean[], $5::text[], $6::text[], $7::date[], $8::date[])
ON CONFLICT (municipality, subject) DO UPDATE SET
    sequence = excluded.sequence, blocked = excluded.blocked, status = excluded.status, level = excluded.level,
    begins_on = excluded.begins_on, ends_on = excluded.ends_on

-- name: forget_protections
DELETE FROM protection WHERE municipality = $1 AND subject = ANY($2::text[])
