-- What parties said that concerns the register, on its way there: numbered 1..n under the locked head, sealed to the
-- register (the hub itself cannot open it again), kept until the broker has confirmed it.
ALTER TABLE head ADD COLUMN register_number bigint NOT NULL DEFAULT 0;
CREATE TABLE for_the_register (number bigint PRIMARY KEY, envelope bytea STORAGE EXTERNAL NOT NULL);
GRANT SELECT, INSERT, DELETE ON for_the_register TO hub;
GRANT SELECT (number) ON for_the_register TO auditor;

-- Own sequences that a recipient refused and has applied nothing after: what it is sent next stands for them too.
ALTER TABLE recipient_resident ADD COLUMN refused bigint[] NOT NULL DEFAULT '{}';
CREATE INDEX recipient_resident_refused ON recipient_resident (recipient, generation) WHERE refused <> '{}';

-- Residents whose present state the register asks to be told to a recipient once more (再提供).
CREATE TABLE redelivery (
    recipient text, addressee_number text, asked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (recipient, addressee_number)
);
GRANT SELECT, INSERT, DELETE ON redelivery TO hub;
