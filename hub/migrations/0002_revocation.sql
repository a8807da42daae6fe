-- Whether a recipient's generation may still be served. Dispatch shares a lock on it while it sends, and a revocation
-- takes that lock alone (an advisory one, since those are fair): once it has committed, nothing more is sent.
CREATE TABLE grant_standing (
    recipient text, generation int,
    epoch bigint NOT NULL DEFAULT 1, revoked_at timestamptz,
    PRIMARY KEY (recipient, generation)
);
INSERT INTO grant_standing (recipient, generation) SELECT name, generation FROM recipient;

-- Deliveries that were decided and will never be sent, by number.
CREATE TABLE void (
    recipient text, generation int, first bigint, last bigint NOT NULL,
    voided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (recipient, generation, first), CHECK (first <= last)
);

-- What a recipient was last sent belongs to one generation: a later grant begins with nothing known.
ALTER TABLE recipient_resident ADD COLUMN generation int NOT NULL DEFAULT 1;
ALTER TABLE recipient_resident ALTER COLUMN generation DROP DEFAULT;
ALTER TABLE recipient_resident DROP CONSTRAINT recipient_resident_pkey;
ALTER TABLE recipient_resident ADD PRIMARY KEY (recipient, generation, addressee_number);

GRANT SELECT, INSERT, UPDATE ON grant_standing TO hub;
GRANT SELECT, INSERT ON void TO hub;
GRANT SELECT ON grant_standing, void, interest TO auditor;
GRANT SELECT (recipient, generation, number, addressee_number, sequence, history_number, kind, routed_at)
    ON delivery TO auditor;
GRANT SELECT (generation) ON recipient_resident TO auditor;
GRANT SELECT (addressee_number) ON resident TO auditor;
