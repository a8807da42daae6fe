-- Every query for confirmation and what came of it; there is no right to alter or delete one. What could not be read, or
-- came a second time, is entered as refused and gets no answer.
CREATE TABLE confirmation (
    topic text, partition int, "offset" bigint,
    municipality text NOT NULL, inquiry_id text, operator text, purpose text, asked_by text,
    outcome text NOT NULL CHECK (outcome IN ('confirmed', 'none', 'several', 'refused')),
    code text NOT NULL DEFAULT '', subject text,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset"),
    CHECK (outcome = 'refused' OR (inquiry_id IS NOT NULL AND operator IS NOT NULL AND purpose IS NOT NULL)),
    CHECK ((outcome = 'confirmed') = (subject IS NOT NULL))
);
CREATE UNIQUE INDEX confirmation_once ON confirmation (municipality, inquiry_id) WHERE outcome <> 'refused';

CREATE TABLE confirmation_counter (municipality text PRIMARY KEY, last bigint NOT NULL DEFAULT 0);
CREATE TABLE confirmation_outbox (
    municipality text, number bigint, message bytea NOT NULL,
    PRIMARY KEY (municipality, number)
);
GRANT SELECT, INSERT ON confirmation TO jlis;
GRANT SELECT, INSERT, UPDATE ON confirmation_counter TO jlis;
GRANT SELECT, INSERT, DELETE ON confirmation_outbox TO jlis;
