-- Residents as they stand now; items 2 and 3 of a record are references into the numbers database.
CREATE TABLE resident (
    addressee_number text PRIMARY KEY,
    household_number text NOT NULL,
    history_number int NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased', 'absent')),
    record jsonb,
    CHECK ((record IS NULL) = (state = 'absent'))
) WITH (fillfactor = 80);
CREATE INDEX resident_of_household ON resident (household_number);

-- A household's row is what its writers lock; its head may be unset (世帯主未設定).
CREATE TABLE household (household_number text PRIMARY KEY, head text);

-- The full row after every change, append-only. Position is strictly +1 over the whole register.
CREATE TABLE history (
    addressee_number text, history_number int,
    position bigint NOT NULL UNIQUE,
    filing_id uuid NOT NULL, group_index int NOT NULL, group_count int NOT NULL,
    kind text NOT NULL, reason text NOT NULL, state text NOT NULL, refers_to int,
    record jsonb,
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (addressee_number, history_number),
    CHECK (group_index BETWEEN 1 AND group_count)
);
CREATE INDEX history_of_filing ON history (filing_id);

-- Filings (届出). Only a provisional one (仮登録) keeps its body, without numbers, until it is confirmed.
CREATE TABLE filing (
    filing_id uuid PRIMARY KEY,
    kind text NOT NULL,
    status text NOT NULL CHECK (status IN ('provisional', 'registered')),
    operator text NOT NULL,
    filed_on text NOT NULL,
    body jsonb,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((body IS NOT NULL) = (status = 'provisional'))
);

-- Which number versions the register refers to; what is in the numbers database and not here is an orphan.
CREATE TABLE number_reference (reference text PRIMARY KEY);

CREATE SEQUENCE addressee_serial MINVALUE 100000000 MAXVALUE 999999999;
CREATE SEQUENCE household_serial MINVALUE 100000000 MAXVALUE 999999999;

-- Locked until commit by every registering transaction, as its last lock: positions follow commit order.
CREATE TABLE position_counter (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), last bigint NOT NULL DEFAULT 0
);
INSERT INTO position_counter DEFAULT VALUES;

-- What is yet to be sent: a row goes once the broker has confirmed it.
CREATE TABLE outbox (position bigint PRIMARY KEY, addressee_number text NOT NULL, event bytea NOT NULL);
CREATE TABLE relay_cursor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), position bigint NOT NULL DEFAULT 0
);
INSERT INTO relay_cursor DEFAULT VALUES;

GRANT SELECT, INSERT, UPDATE ON resident, household, filing TO register;
GRANT SELECT, INSERT ON history, number_reference TO register;
GRANT USAGE ON SEQUENCE addressee_serial, household_serial TO register;
GRANT SELECT, UPDATE ON position_counter TO register;
GRANT INSERT ON outbox TO register;
GRANT SELECT, DELETE ON outbox TO relay;
GRANT SELECT, UPDATE ON relay_cursor TO relay;
GRANT SELECT ON history TO auditor;
