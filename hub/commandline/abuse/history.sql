-- What a superuser does to the ledger, and what it is found out by.

-- name: notes
SELECT note FROM ledger_checkpoint ORDER BY size

-- name: head
SELECT ledger_size AS size, ledger_time AS time FROM head FOR UPDATE

-- name: entries
SELECT entry FROM ledger_entry ORDER BY index

-- name: alter_first
UPDATE ledger_entry SET entry = replace(entry, '"kind":"', '"kind" :"') WHERE index = 0
