-- name: clear
DELETE FROM staff

-- name: save
INSERT INTO staff (account, addressee_number, since, until) VALUES ($1, $2, $3, $4)

-- name: save_leave
INSERT INTO staff_leave (account, day) VALUES ($1, $2)
