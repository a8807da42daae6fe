-- The digest of every envelope taken in, by delivery number: what comes a second time must be the same bytes, and an
-- acknowledgement says exactly what it acknowledges.
CREATE TABLE received (
    municipality text, generation int, number bigint, digest bytea NOT NULL,
    PRIMARY KEY (municipality, generation, number)
);
GRANT SELECT ON received TO auditor;
