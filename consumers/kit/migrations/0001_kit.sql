-- Progress of each lane: the first offset that is not yet settled. Compared and set in every batch's transaction.
CREATE TABLE progress (
    topic text, partition int, next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- The highest delivery number + 1 seen so far, and the numbers below it that never arrived.
CREATE TABLE number_gate (
    municipality text, generation int, next_number bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (municipality, generation)
);
CREATE TABLE missing (
    municipality text, generation int, number bigint,
    asks int NOT NULL DEFAULT 1, asked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, generation, number)
);

-- Each resident's last applied sequence; it outlives the resident's row in the copy.
CREATE TABLE subject_gate (
    municipality text, subject text, sequence bigint NOT NULL,
    PRIMARY KEY (municipality, subject)
) WITH (fillfactor = 70);

-- Deliveries that came before one they follow; sealed, since they hold what the recipient's copy would seal.
CREATE TABLE held (
    municipality text, subject text, sequence bigint,
    generation int NOT NULL, number bigint NOT NULL, sealed_value bytea NOT NULL,
    held_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject, sequence)
);

-- Records that can never be applied as they are, with their coordinates; the value is sealed.
CREATE TABLE parked (
    topic text, partition int, "offset" bigint,
    municipality text NOT NULL, key bytea, sealed_value bytea, headers bytea NOT NULL, code text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);

-- What is to be sent to the hub; a row goes once the broker has confirmed it.
CREATE TABLE inbound_counter (municipality text PRIMARY KEY, last bigint NOT NULL DEFAULT 0);
CREATE TABLE outbox (
    municipality text, number bigint, message bytea NOT NULL,
    PRIMARY KEY (municipality, number)
);

CREATE TABLE tally (
    municipality text PRIMARY KEY, applied bigint NOT NULL DEFAULT 0, duplicates bigint NOT NULL DEFAULT 0
);

CREATE VIEW standing AS
SELECT t.municipality, t.applied, t.duplicates,
       (SELECT count(*) FROM held h WHERE h.municipality = t.municipality) AS held,
       (SELECT count(*) FROM parked p WHERE p.municipality = t.municipality) AS parked,
       (SELECT count(*) FROM missing m WHERE m.municipality = t.municipality) AS missing
FROM tally t;

GRANT SELECT ON standing TO auditor;
