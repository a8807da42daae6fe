-- Accounts of people, one each. Only the administrator makes or changes them: a hole in the pages makes nobody an account.
CREATE TABLE account (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9-]{1,30}$'),
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'reviewer', 'auditor')),
    password text NOT NULL CHECK (password LIKE '$argon2id$%'),
    made_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);

-- Who is logged in. The token itself is with the browser alone; here is its digest.
CREATE TABLE session (
    token bytea PRIMARY KEY CHECK (length(token) = 32),
    account text NOT NULL REFERENCES account,
    csrf text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now()
);

-- Log-ins that failed, until they no longer count; what was typed as a name may be anything, so its digest is kept.
CREATE TABLE failed_login (name bytea NOT NULL, address text NOT NULL, failed_at timestamptz NOT NULL DEFAULT now());
CREATE INDEX failed_login_of_name ON failed_login (name, failed_at);
CREATE INDEX failed_login_of_address ON failed_login (address, failed_at);

-- Who looked at whom: a row for each look-up, committed before anything is shown. Subjects are sealed for this row.
CREATE TABLE access_log (
    lookup_id uuid PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    question text NOT NULL CHECK (question IN ('who', 'proof', 'preview')),
    operator text NOT NULL REFERENCES account,
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200 AND purpose !~ '[0-9０-９]'),
    case_number text NOT NULL CHECK (case_number ~ '^[0-9A-Za-z][0-9A-Za-z-]{0,59}$' AND case_number !~ '[0-9]{11}'),
    number_touched boolean NOT NULL,
    subjects bytea[] NOT NULL
);

-- What the comparison of broker and grants found last; it needs the administrator's rights, which the pages have not.
CREATE TABLE drift_check (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    checked_at timestamptz NOT NULL DEFAULT now(),
    departures jsonb NOT NULL
);

GRANT SELECT ON account, drift_check TO desk;
GRANT SELECT, INSERT, UPDATE (seen_at), DELETE ON session TO desk;
GRANT SELECT, INSERT, DELETE ON failed_login TO desk;
GRANT INSERT, SELECT (lookup_id) ON access_log TO desk; -- whoever may write a key may read it
