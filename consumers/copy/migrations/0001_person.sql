-- What a recipient without duties of its own was told, whatever its grant permits: numbers are sealed in columns of
-- their own and are not among the items.
CREATE TABLE person (
    municipality text, subject text,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased')),
    link_number text,
    sealed_resident_code bytea, sealed_my_number bytea, sealed_former_resident_code bytea,
    items jsonb NOT NULL CHECK (NOT items ?| ARRAY['resident_code', 'my_number', 'former_resident_code']),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject),
    UNIQUE (municipality, link_number)
);

-- Whom it handles, where its population is a list of its own.
CREATE TABLE interest (
    municipality text, addressee_number text, placed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, addressee_number)
);

CREATE VIEW verify_copy WITH (security_invoker = true) AS
SELECT municipality, subject, sequence, state, items, link_number,
       sealed_resident_code, sealed_my_number, sealed_former_resident_code
FROM person;

GRANT SELECT ON verify_copy, interest TO auditor;
GRANT SELECT (municipality, subject, sequence, state, items, link_number,
              sealed_resident_code, sealed_my_number, sealed_former_resident_code) ON person TO auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON person TO :"role";
GRANT SELECT, INSERT, DELETE ON interest TO :"role";

-- What the kit keeps in every recipient's database.
GRANT SELECT, INSERT, UPDATE ON progress, inbound_counter, tally TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON missing, number_gate, subject_gate TO :"role";
GRANT SELECT, INSERT, DELETE ON held, parked, outbox, received TO :"role";
GRANT SELECT ON standing TO :"role";
