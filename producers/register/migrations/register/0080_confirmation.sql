-- Queries to the national role: entered before they are sent, with what came of them; nobody asked about is named. An
-- entry is never deleted, and once it has an outcome never altered.
CREATE TABLE confirmation_query (
    inquiry_id text PRIMARY KEY CHECK (inquiry_id ~ '^[0-9a-f]{32}$'),
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    operator text NOT NULL CHECK (operator ~ '^[a-z][a-z0-9-]{1,30}$'),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200 AND purpose !~ '[0-9０-９]'),
    case_number text NOT NULL CHECK (case_number ~ '^[0-9A-Za-z][0-9A-Za-z-]{0,59}$' AND case_number !~ '[0-9]{11}'),
    asked_by text NOT NULL CHECK (asked_by IN ('code', 'items')),
    outcome text CHECK (outcome IN ('confirmed', 'none', 'several')),
    answered_at timestamptz,
    CHECK ((outcome IS NULL) = (answered_at IS NULL))
);
GRANT SELECT, INSERT, UPDATE (outcome, answered_at) ON confirmation_query TO register;
GRANT SELECT ON confirmation_query TO auditor;
