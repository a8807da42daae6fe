-- What was registered waits, sealed and numbered 1..n for each municipality, until the national role's topic has it.
CREATE TABLE forward_counter (municipality text PRIMARY KEY, last bigint NOT NULL DEFAULT 0);
CREATE TABLE forward_outbox (
    municipality text, number bigint, sealed_message bytea NOT NULL,
    PRIMARY KEY (municipality, number)
);
GRANT SELECT, INSERT, UPDATE ON forward_counter TO prefecture;
GRANT SELECT, INSERT, DELETE ON forward_outbox TO prefecture;
