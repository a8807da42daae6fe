-- What waits is kept as it came, as what is parked always was: it is judged anew when its turn comes, and both tables'
-- seals are the same, so that a row may move from one to the other. Beside the bytes stands the record's place in the
-- order: whose it is, which of hers, its delivery number, the numbers of its filing's deliveries, and which of hers it
-- stands for. What was held
-- before has no bytes; it is missing, and will be asked for.
INSERT INTO missing (municipality, generation, number, asked_at)
SELECT municipality, generation, number, 'epoch' FROM held ON CONFLICT DO NOTHING;
DELETE FROM held;
ALTER TABLE held DROP CONSTRAINT held_pkey;
ALTER TABLE held ALTER subject SET NOT NULL, ALTER sequence SET NOT NULL, ALTER municipality SET NOT NULL,
    ADD topic text, ADD partition int, ADD "offset" bigint,
    ADD first_number bigint NOT NULL, ADD group_count int NOT NULL, ADD supersedes bigint[] NOT NULL DEFAULT '{}',
    ADD sealed_key bytea, ADD sealed_headers bytea NOT NULL, ALTER sealed_value DROP NOT NULL;
ALTER TABLE held ADD PRIMARY KEY (topic, partition, "offset");
CREATE UNIQUE INDEX held_place ON held (municipality, subject, sequence);
CREATE UNIQUE INDEX held_number ON held (municipality, generation, number);

-- Without a place: a record of which nobody can say whose delivery it is.
ALTER TABLE parked ADD generation int, ADD number bigint, ADD subject text, ADD sequence bigint,
    ADD first_number bigint, ADD group_count int,
    ADD CHECK ((number IS NULL) = (generation IS NULL) AND (number IS NULL) = (subject IS NULL)
        AND (number IS NULL) = (sequence IS NULL) AND (number IS NULL) = (first_number IS NULL)
        AND (number IS NULL) = (group_count IS NULL));
CREATE UNIQUE INDEX parked_number ON parked (municipality, generation, number) WHERE number IS NOT NULL;
CREATE INDEX parked_place ON parked (municipality, subject, sequence) WHERE number IS NOT NULL;

-- Deliveries that will never be applied, since somebody gave them up: their resident's present state was asked for.
CREATE TABLE given_up (
    municipality text, generation int, number bigint, given_up_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, generation, number)
);

CREATE OR REPLACE VIEW standing WITH (security_invoker = true) AS
SELECT t.municipality, t.applied, t.duplicates,
       (SELECT count(*) FROM held h WHERE h.municipality = t.municipality) AS held,
       (SELECT count(*) FROM parked p WHERE p.municipality = t.municipality) AS parked,
       (SELECT count(*) FROM missing m WHERE m.municipality = t.municipality) AS missing,
       (SELECT count(*) FROM parked p WHERE p.municipality = t.municipality AND p.number IS NULL) AS strays,
       (SELECT count(*) FROM given_up g WHERE g.municipality = t.municipality) AS given_up
FROM tally t;

GRANT SELECT (municipality, generation, number, subject, sequence, first_number, group_count) ON held TO auditor;
GRANT SELECT (municipality, generation, number, subject, sequence, first_number, group_count, code, "offset")
    ON parked TO auditor;
GRANT SELECT (municipality) ON given_up TO auditor;
