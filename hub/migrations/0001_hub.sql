-- The head row: every transaction of a worker locks it and compares the epoch, so that a stale worker is fenced.
CREATE TABLE head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch bigint NOT NULL DEFAULT 0,
    next_position bigint NOT NULL DEFAULT 1
);
INSERT INTO head DEFAULT VALUES;

-- Progress of each topic's partition of this municipality, and of each party's own numbering.
CREATE TABLE progress (topic text PRIMARY KEY, next_offset bigint NOT NULL);
CREATE TABLE inbox_progress (party text PRIMARY KEY, next_number bigint NOT NULL DEFAULT 1);

-- The present image of each resident, without numbers: the source of snapshots.
CREATE TABLE resident (
    addressee_number text PRIMARY KEY,
    history_number int NOT NULL,
    state text NOT NULL,
    record jsonb
) WITH (fillfactor = 80);

CREATE TABLE recipient (
    name text, generation int,
    last_number bigint NOT NULL DEFAULT 0,
    dispatched_number bigint NOT NULL DEFAULT 0,
    acknowledged_number bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0, held bigint NOT NULL DEFAULT 0, parked bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (name, generation)
);

-- What each recipient was last sent of each resident: a keyed digest of the triggers, never the content.
CREATE TABLE recipient_resident (
    recipient text, addressee_number text,
    subject text NOT NULL, link_number text,
    sequence bigint NOT NULL, state text NOT NULL, digest bytea,
    PRIMARY KEY (recipient, addressee_number)
) WITH (fillfactor = 80);

-- The exact key, headers and bytes of every delivery; the value is sealed at rest.
CREATE TABLE delivery (
    recipient text, generation int, number bigint,
    addressee_number text NOT NULL, sequence bigint NOT NULL, history_number int, kind text NOT NULL,
    key bytea NOT NULL, headers bytea NOT NULL, sealed_value bytea NOT NULL, routed_at timestamptz NOT NULL,
    PRIMARY KEY (recipient, generation, number)
);
CREATE INDEX delivery_of_change ON delivery (addressee_number, history_number);

CREATE TABLE retransmission (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recipient text, generation int, number bigint NOT NULL
);
CREATE TABLE interest (recipient text, addressee_number text, PRIMARY KEY (recipient, addressee_number));

-- Records that cannot be read, with their coordinates; the value is sealed.
CREATE TABLE parked (
    topic text, "offset" bigint, key bytea, sealed_value bytea NOT NULL, code text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, "offset")
);

GRANT SELECT, INSERT, UPDATE ON head, progress, inbox_progress, resident, recipient, recipient_resident TO hub;
GRANT SELECT, INSERT ON delivery, parked TO hub;
GRANT SELECT, INSERT, DELETE ON retransmission, interest TO hub;
GRANT SELECT ON head, recipient TO auditor;
GRANT SELECT (recipient, addressee_number, subject, link_number, sequence) ON recipient_resident TO auditor;
GRANT SELECT (topic, "offset", code) ON parked TO auditor;
