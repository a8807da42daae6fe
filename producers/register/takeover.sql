-- Taking over residents of another system; each query takes a whole batch.

-- name: present_references
SELECT addressee_number, record ->> 'my_number' AS my_number, record ->> 'resident_code' AS resident_code
FROM resident WHERE addressee_number = ANY($1::text[]) AND record IS NOT NULL

-- name: same_numbers
SELECT same_numbers($1::text[], $2::bytea[]) AS reference

-- name: households_of
SELECT DISTINCT household_number FROM resident WHERE addressee_number = ANY($1::text[])

-- name: make_households
INSERT INTO household (household_number) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING

-- name: lock_households
SELECT FROM household WHERE household_number = ANY($1::text[]) ORDER BY household_number FOR UPDATE

-- name: lock_residents
SELECT addressee_number, household_number, history_number, state, record::text AS record
FROM resident WHERE addressee_number = ANY($1::text[]) ORDER BY addressee_number FOR UPDATE

-- name: leave_heads
UPDATE household SET head = NULL WHERE household_number = ANY($1::text[]) AND head = ANY($2::text[])

-- name: set_heads
UPDATE household SET head = given.head
FROM unnest($1::text[], $2::text[]) AS given (household_number, head)
WHERE household.household_number = given.household_number

-- name: reserve_serials
SELECT reserve_serials($1, $2)

-- name: protection_unknown
INSERT INTO protection_unknown (addressee_number) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING
