-- What the signer of checkpoints reads and writes, and what a proof is made of.

-- name: size
SELECT ledger_size FROM head

-- name: latest
SELECT size, note, witnessed FROM ledger_checkpoint ORDER BY size DESC LIMIT 1

-- name: latest_witnessed
SELECT size, note FROM ledger_checkpoint WHERE witnessed ORDER BY size DESC LIMIT 1

-- name: entries_from
SELECT entry FROM ledger_entry WHERE index >= $1 ORDER BY index LIMIT $2

-- name: tiles
SELECT level, index, hashes FROM ledger_tile
JOIN unnest($1::int[], $2::bigint[]) AS wanted (level, index) USING (level, index)

-- name: save_tiles
INSERT INTO ledger_tile (level, index, hashes) SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])
ON CONFLICT (level, index) DO UPDATE SET hashes = excluded.hashes

-- name: save_checkpoint
INSERT INTO ledger_checkpoint (size, note, witnessed) VALUES ($1, $2, false)

-- name: witnessed
UPDATE ledger_checkpoint SET note = $2, witnessed = true WHERE size = $1

-- name: begin_question
SELECT size, entered_at FROM begin_question()

-- name: enter_question
SELECT enter_question($1, $2, $3, $4)

-- name: about
SELECT index, entry, addressee_number, salt FROM ledger_entry
WHERE addressee_number = $1 ORDER BY index

-- name: entries
SELECT index, entry, addressee_number, salt FROM ledger_entry WHERE index = ANY($1::bigint[]) ORDER BY index

-- name: void_numbers
SELECT recipient, generation, generate_series(first, last) AS number FROM void
