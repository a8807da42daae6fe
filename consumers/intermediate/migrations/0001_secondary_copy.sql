-- 副本: the secondary copy, by link number; no addressee number, resident code or My Number is ever told.
CREATE TABLE secondary_copy (
    municipality text, link_number text,
    subject text NOT NULL,
    version bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased')),
    items jsonb NOT NULL,
    birth_date text GENERATED ALWAYS AS (items ->> 'birth_date') STORED,
    address_since text GENERATED ALWAYS AS (items ->> 'address_since') STORED,
    published_from timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, link_number),
    UNIQUE (municipality, subject)
);

CREATE VIEW verify_copy AS
SELECT municipality, subject, version AS sequence, state, items, link_number FROM secondary_copy;

GRANT SELECT, INSERT, UPDATE, DELETE ON secondary_copy TO intermediate;
GRANT SELECT ON verify_copy TO auditor;
GRANT SELECT, INSERT, UPDATE ON progress, number_gate, subject_gate, inbound_counter, tally TO intermediate;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing TO intermediate;
GRANT SELECT, INSERT, DELETE ON held, parked, outbox TO intermediate;
GRANT SELECT ON standing TO intermediate;
