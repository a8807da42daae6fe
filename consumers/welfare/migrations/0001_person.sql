-- The department's own list of persons it handles, and what it was told about them.
CREATE TABLE interest (
    municipality text, addressee_number text, placed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, addressee_number)
);
CREATE TABLE person (
    municipality text, subject text,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased')),
    items jsonb NOT NULL,
    addressee_number text GENERATED ALWAYS AS (items ->> 'addressee_number') STORED,
    household_number text GENERATED ALWAYS AS (items ->> 'household_number') STORED,
    name text GENERATED ALWAYS AS (items -> 'name' ->> 'text') STORED,
    birth_date text GENERATED ALWAYS AS (items ->> 'birth_date') STORED,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject),
    UNIQUE (municipality, addressee_number)
);

CREATE VIEW verify_copy AS SELECT municipality, subject, sequence, state, items FROM person;

GRANT SELECT, INSERT, DELETE ON interest TO welfare;
GRANT SELECT, INSERT, UPDATE, DELETE ON person TO welfare;
GRANT SELECT ON verify_copy, interest TO auditor;
GRANT SELECT, INSERT, UPDATE ON progress, number_gate, subject_gate, inbound_counter, tally TO welfare;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing TO welfare;
GRANT SELECT, INSERT, DELETE ON held, parked, outbox TO welfare;
GRANT SELECT ON standing TO welfare;
