-- Where each person's protection (支援措置) stands, as the register told; whoever has no row is unknown, and treated as
-- protected. No day changes a row: the register does, when somebody files a step.
CREATE TABLE protection (
    addressee_number text PRIMARY KEY,
    status text NOT NULL CHECK (status IN ('none', 'provisional', 'full', 'ended')),
    level text, begins_on date, ends_on date
) WITH (fillfactor = 80);

-- A keyed digest of what a recipient was last told of the person's protection; NULL for nothing.
ALTER TABLE recipient_resident ADD COLUMN block bytea;

-- Who held the address when a protection began, by which delivery each was told, and what became of it.
CREATE TABLE recall (
    recipient text, generation int, addressee_number text, position bigint,
    number bigint,
    reach text NOT NULL CHECK (reach IN ('told', 'not-told', 'no-grant')),
    made_at timestamptz NOT NULL DEFAULT now(), due_at timestamptz,
    outcome text CHECK (outcome IN ('applied', 'held', 'parked')), settled_at timestamptz,
    PRIMARY KEY (recipient, generation, addressee_number, position),
    CHECK ((number IS NULL) = (reach <> 'told') AND (number IS NULL) = (due_at IS NULL)),
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
);
CREATE INDEX recall_of_delivery ON recall (recipient, generation, number) WHERE number IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON protection TO hub;
GRANT SELECT, INSERT, UPDATE (outcome, settled_at) ON recall TO hub;
GRANT SELECT ON protection, recall TO auditor;
