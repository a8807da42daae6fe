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

-- name: held_of
SELECT subject, sequence, sealed_value FROM held WHERE municipality = $1 AND subject = ANY($2::text[])

-- name: set_subject_gates
INSERT INTO subject_gate (municipality, subject, sequence)
SELECT $1, * FROM unnest($2::text[], $3::bigint[])
ON CONFLICT (municipality, subject) DO UPDATE SET sequence = excluded.sequence

-- name: hold
INSERT INTO held (municipality, subject, sequence, generation, number, sealed_value)
SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::int[], $5::bigint[], $6::bytea[])

-- name: release
DELETE FROM held USING unnest($2::text[], $3::bigint[]) AS released (subject, sequence)
WHERE held.municipality = $1 AND held.subject = released.subject AND held.sequence = released.sequence

-- name: park
INSERT INTO parked (municipality, topic, partition, "offset", sealed_key, sealed_value, sealed_headers, code)
SELECT $1, $2, $3, * FROM unnest($4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[])

-- name: parked
SELECT topic, partition, "offset", sealed_key, sealed_value, sealed_headers, code, parked_at
FROM parked WHERE municipality = $1 ORDER BY topic, partition, "offset"

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
INSERT INTO outbox (municipality, number, message) SELECT $1, * FROM unnest($2::bigint[], $3::bytea[])

-- name: unsent
SELECT number, message FROM outbox WHERE municipality = $1 ORDER BY number LIMIT $2

-- name: confirmed
DELETE FROM outbox WHERE municipality = $1 AND number <= $2

-- name: standing
SELECT applied, duplicates, held, parked, missing FROM standing

-- name: last_messages
SELECT municipality, last FROM inbound_counter

-- name: wait_for_batches
SELECT next_offset FROM progress ORDER BY topic, partition FOR UPDATE

-- name: first_untaken
SELECT municipality, generation, least(next_number, (
    SELECT min(m.number) FROM missing m WHERE m.municipality = g.municipality AND m.generation = g.generation
)) AS number
FROM number_gate g

-- name: earlier_generation
SELECT EXISTS (SELECT FROM number_gate WHERE municipality = $1 AND generation < $2)

-- name: forget_generations
WITH gates AS (DELETE FROM subject_gate WHERE municipality = $1),
numbers AS (DELETE FROM number_gate WHERE municipality = $1),
absent AS (DELETE FROM missing WHERE municipality = $1),
waiting AS (DELETE FROM held WHERE municipality = $1),
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
