-- Protection (支援措置): every step of every person is a row, the newest holds. Block, level and period, and nothing else:
-- who asks for protection from whom stands in the case files, never here. No date ends a protection.
CREATE TABLE protection (
    addressee_number text NOT NULL REFERENCES resident,
    number int NOT NULL,
    filing_id uuid NOT NULL,
    step text NOT NULL CHECK (step IN ('provisional', 'full', 'extension', 'transfer', 'end')),
    status text NOT NULL CHECK (status IN ('provisional', 'full', 'ended')),
    level text NOT NULL CHECK (level IN ('address', 'record')),
    begins_on date NOT NULL,
    ends_on date,
    filed_on date NOT NULL,
    operator text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (addressee_number, number),
    UNIQUE (filing_id, addressee_number),
    CHECK ((ends_on IS NOT NULL) = (status <> 'provisional'))
);
CREATE VIEW protection_now WITH (security_invoker = true) AS
    SELECT DISTINCT ON (addressee_number) addressee_number, number, status, level, begins_on, ends_on
    FROM protection ORDER BY addressee_number, number DESC;
GRANT SELECT, INSERT ON protection TO register;
GRANT SELECT (addressee_number, number, status, level, begins_on, ends_on) ON protection TO counter;
GRANT SELECT ON protection_now TO register, counter;
