-- 本人確認情報: resident codes and My Number are sealed in columns of their own and are not among the items.
CREATE TABLE identity (
    municipality text, subject text,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased')),
    sealed_resident_code bytea, sealed_my_number bytea, sealed_former_resident_code bytea,
    items jsonb NOT NULL CHECK (NOT items ?| ARRAY['resident_code', 'my_number', 'former_resident_code']),
    name text GENERATED ALWAYS AS (items ->> 'name') STORED,
    name_kana text GENERATED ALWAYS AS (items ->> 'name_kana') STORED,
    birth_date text GENERATED ALWAYS AS (items ->> 'birth_date') STORED,
    address text GENERATED ALWAYS AS (items ->> 'address') STORED,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject)
);

CREATE VIEW verify_copy AS
SELECT municipality, subject, sequence, state, items,
       sealed_resident_code, sealed_my_number, sealed_former_resident_code
FROM identity;

GRANT SELECT, INSERT, UPDATE, DELETE ON identity TO prefecture;
GRANT SELECT ON verify_copy TO auditor;
GRANT SELECT, INSERT, UPDATE ON progress, number_gate, subject_gate, inbound_counter, tally TO prefecture;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing TO prefecture;
GRANT SELECT, INSERT, DELETE ON held, parked, outbox TO prefecture;
GRANT SELECT ON standing TO prefecture;
