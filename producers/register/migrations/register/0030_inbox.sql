-- What the hub brings of the parties' messages: the first offset that is not settled, and the number that comes next.
-- Compared and set in every batch's transaction.
CREATE TABLE inbox_progress (
    topic text PRIMARY KEY, next_offset bigint NOT NULL, next_number bigint NOT NULL DEFAULT 1
);
GRANT SELECT, INSERT, UPDATE ON inbox_progress TO register;

-- Records that cannot be read, with their coordinates; key and value are sealed.
CREATE TABLE inbox_parked (
    topic text, "offset" bigint, sealed_key bytea NOT NULL, sealed_value bytea NOT NULL, code text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, "offset")
);
GRANT SELECT, INSERT ON inbox_parked TO register;
GRANT SELECT (topic, "offset", code) ON inbox_parked TO auditor;

-- The work list (処理待ち一覧): what a party said and somebody has to see to. `party_number` and `place` say in which
-- message of the party, and where in it.
CREATE TABLE work_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party text NOT NULL, party_number bigint NOT NULL, place int NOT NULL,
    kind text NOT NULL, code text NOT NULL,
    addressee_number text, history_number int,
    received_at timestamptz NOT NULL,
    resent_by text, resent_at timestamptz,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled')),
    settled_by text, settled_at timestamptz,
    UNIQUE (party, party_number, place),
    CHECK ((resent_by IS NULL) = (resent_at IS NULL)),
    CHECK ((settled_by IS NOT NULL AND settled_at IS NOT NULL) = (state = 'settled'))
);
CREATE INDEX work_entry_open ON work_entry (party, addressee_number) WHERE state = 'open';
GRANT SELECT, INSERT ON work_entry TO register;
GRANT UPDATE (resent_by, resent_at, state, settled_by, settled_at) ON work_entry TO register;
