-- 送付先情報: resident codes and My Number are sealed in columns of their own and are not among the items.
CREATE TABLE delivery_address (
    municipality text, subject text,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased')),
    sealed_resident_code bytea, sealed_my_number bytea,
    items jsonb NOT NULL CHECK (NOT items ?| ARRAY['resident_code', 'my_number']),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject)
);

CREATE VIEW verify_copy WITH (security_invoker = true) AS
SELECT municipality, subject, sequence, state, items, sealed_resident_code, sealed_my_number,
       NULL::bytea AS sealed_former_resident_code
FROM delivery_address;

GRANT SELECT ON verify_copy TO auditor;
GRANT SELECT (municipality, subject, sequence, state, items, sealed_resident_code, sealed_my_number)
    ON delivery_address TO auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_address TO jlis;

-- What the kit keeps in every recipient's database.
GRANT SELECT, INSERT, UPDATE ON progress, inbound_counter, tally TO jlis;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing, number_gate, subject_gate TO jlis;
GRANT SELECT, INSERT, DELETE ON held, parked, outbox, received TO jlis;
GRANT SELECT ON standing TO jlis;
