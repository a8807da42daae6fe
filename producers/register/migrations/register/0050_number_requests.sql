-- For whom a My Number is asked (個人番号とすべき番号の生成の求め): one row a resident, in the transaction that made her need
-- one. asked: the reply is awaited; answered: she has a number; withdrawn: she is no resident any more, or has no
-- resident code; stuck: somebody has to see to it, `code` says why.
CREATE TABLE number_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    addressee_number text NOT NULL UNIQUE REFERENCES resident,
    state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'answered', 'withdrawn', 'stuck')),
    attempts int NOT NULL DEFAULT 1,
    requested_at timestamptz NOT NULL DEFAULT now(),
    asked_at timestamptz NOT NULL DEFAULT now(),
    code text,
    retried_by text,
    CHECK ((code IS NOT NULL) = (state = 'stuck'))
);
CREATE INDEX number_request_asked ON number_request (asked_at) WHERE state = 'asked';
CREATE INDEX number_request_stuck ON number_request (id) WHERE state = 'stuck';
GRANT SELECT, INSERT ON number_request TO register;
GRANT UPDATE (state, attempts, requested_at, asked_at, code, retried_by) ON number_request TO register;

-- What one recipient was to be told anew (再送), each at a position of its own in the one order of all that leaves. It is
-- written while the positions' counter is locked: so it refers to no row that somebody holds who waits for the counter.
CREATE TABLE retelling (
    position bigint PRIMARY KEY,
    addressee_number text NOT NULL,
    recipient text NOT NULL,
    reason text NOT NULL,
    asked_by text NOT NULL,
    second text CHECK (second <> asked_by),
    asked_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON retelling TO register;
GRANT SELECT (position, recipient, reason, asked_by, second, asked_at) ON retelling TO auditor;
