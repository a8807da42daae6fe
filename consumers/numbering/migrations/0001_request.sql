-- Who is asked for (個人番号とすべき番号の生成の求め): the resident code is sealed in a column of its own.
CREATE TABLE request (
    municipality text, subject text,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state = 'active'),
    sealed_resident_code bytea NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject)
);

CREATE VIEW verify_copy WITH (security_invoker = true) AS
SELECT municipality, subject, sequence, state, '{}'::jsonb AS items, sealed_resident_code,
       NULL::bytea AS sealed_my_number, NULL::bytea AS sealed_former_resident_code
FROM request;

GRANT SELECT ON verify_copy TO auditor;
GRANT SELECT (municipality, subject, sequence, state, sealed_resident_code) ON request TO auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON request TO numbering;

-- What the kit keeps in every recipient's database.
GRANT SELECT, INSERT, UPDATE ON progress, inbound_counter, tally TO numbering;
GRANT SELECT, INSERT, UPDATE, DELETE ON missing, number_gate, subject_gate TO numbering;
GRANT SELECT, INSERT, DELETE ON held, parked, outbox, received TO numbering;
GRANT SELECT ON standing TO numbering;
