-- What recipients had parked when they were last looked at, told without what is in it. Looking and retrying need the
-- recipients' keys, which the pages have not: a process without browsers leaves this, and does what is asked for below.
CREATE TABLE parked_seen (
    recipient text NOT NULL,
    municipality text NOT NULL,
    records jsonb NOT NULL,
    seen_at timestamptz, -- empty when it never was
    failure text NOT NULL DEFAULT '' CHECK (failure ~ '^[A-Z0-9-]{0,40}$'), -- why it could not be looked at since
    PRIMARY KEY (recipient, municipality)
);

-- Retries as operators asked for them, and what came of each; rows stay. Without an offset everything is tried.
CREATE TABLE parked_retry (
    retry_id uuid PRIMARY KEY,
    recipient text NOT NULL,
    municipality text NOT NULL,
    "offset" bigint CHECK ("offset" >= 0),
    operator text NOT NULL REFERENCES account,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz,
    result jsonb,
    failure text NOT NULL DEFAULT '' CHECK (failure ~ '^[A-Z0-9-]{0,40}$')
);
CREATE INDEX parked_retry_waiting ON parked_retry (asked_at) WHERE done_at IS NULL;

GRANT SELECT ON parked_seen, parked_retry TO desk;
GRANT INSERT (retry_id, recipient, municipality, "offset", operator) ON parked_retry TO desk;
