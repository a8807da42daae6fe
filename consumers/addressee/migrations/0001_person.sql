-- One row for each person the office was ever told of, by addressee number, with the office's own change number: what
-- it writes out as a difference is what was changed after a number. Who is gone keeps a row without items, so that a
-- difference tells it.
CREATE TABLE person (
    municipality text, subject text,
    addressee_number text NOT NULL,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased', 'absent')),
    items jsonb NOT NULL CHECK (state <> 'absent' OR items = '{}'),
    change bigint NOT NULL,
    PRIMARY KEY (municipality, subject),
    UNIQUE (municipality, addressee_number),
    UNIQUE (municipality, change)
);

-- The last change number, and the one from which on differences are complete: a copy that began anew forgot who was
-- in it. Its row is locked until commit, so that change numbers become visible in their order.
CREATE TABLE change_counter (
    municipality text PRIMARY KEY, last bigint NOT NULL DEFAULT 0, complete_from bigint NOT NULL DEFAULT 0
);

CREATE VIEW verify_copy WITH (security_invoker = true) AS
SELECT municipality, subject, sequence, state, items FROM person WHERE state <> 'absent';

GRANT SELECT ON verify_copy TO auditor;
GRANT SELECT (municipality, subject, sequence, state, items) ON person TO auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON person TO addressee;
GRANT SELECT, INSERT, UPDATE ON change_counter TO addressee;

-- What the kit keeps in every recipient's database.
GRANT SELECT, INSERT, UPDATE ON progress, inbound_counter, tally TO addressee;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing, number_gate, subject_gate TO addressee;
GRANT SELECT, INSERT, DELETE ON held, parked, outbox, received TO addressee;
GRANT SELECT ON standing TO addressee;
