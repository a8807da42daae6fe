-- name: answering
SELECT moved_in_on, noticed_on, address FROM answering WHERE municipality = $1

-- name: answer
INSERT INTO answering (municipality, moved_in_on, noticed_on, address) VALUES ($1, $2, $3, $4)
ON CONFLICT (municipality) DO UPDATE
SET moved_in_on = excluded.moved_in_on, noticed_on = excluded.noticed_on, address = excluded.address

-- name: stop_answering
DELETE FROM answering WHERE municipality = $1
