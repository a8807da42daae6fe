-- The exact bytes of every delivery are its envelope: sealed to its recipient, the hub itself cannot open it again.
ALTER TABLE delivery DROP COLUMN sealed_value;
ALTER TABLE delivery ADD COLUMN value bytea STORAGE EXTERNAL NOT NULL, ADD COLUMN digest bytea NOT NULL;
GRANT SELECT (digest) ON delivery TO auditor;

-- The runs of each recipient's envelopes; the content key, sealed, is there while a run can still take records.
CREATE TABLE seal_run (
    recipient text, generation int, first bigint,
    sender_key text NOT NULL, recipient_key text NOT NULL,
    run bytea NOT NULL, signature bytea NOT NULL, sealed_key bytea,
    PRIMARY KEY (recipient, generation, first)
);
GRANT SELECT, INSERT, UPDATE ON seal_run TO hub;
GRANT SELECT (recipient, generation, first, sender_key, recipient_key) ON seal_run TO auditor;
