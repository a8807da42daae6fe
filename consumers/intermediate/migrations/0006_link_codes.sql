-- 符号: each institution knows a person by a code of its own, for a time. The linkage role alone reads codes; an auditor
-- counts whose there are.
CREATE TABLE link_epoch (
    municipality text, institution text, epoch int CHECK (epoch > 0),
    valid_from timestamptz NOT NULL DEFAULT now(), valid_to timestamptz,
    PRIMARY KEY (municipality, institution, epoch)
);
CREATE UNIQUE INDEX link_epoch_open ON link_epoch (municipality, institution) WHERE valid_to IS NULL;

CREATE TABLE link_code (
    municipality text, institution text, epoch int, code text,
    link_number text NOT NULL,
    valid_from timestamptz DEFAULT now(), valid_to timestamptz CHECK (valid_to >= valid_from),
    PRIMARY KEY (municipality, institution, code, valid_from),
    FOREIGN KEY (municipality, institution, epoch) REFERENCES link_epoch
);
CREATE UNIQUE INDEX link_code_open ON link_code (municipality, institution, code) WHERE valid_to IS NULL;
CREATE UNIQUE INDEX link_code_of ON link_code (municipality, institution, link_number) WHERE valid_to IS NULL;
CREATE INDEX link_code_of_person ON link_code (municipality, link_number);

CREATE VIEW link_code_count WITH (security_invoker = true) AS
SELECT e.municipality, e.institution, e.epoch,
    count(k.link_number) FILTER (WHERE k.valid_from <= now() AND (k.valid_to IS NULL OR k.valid_to > now())) AS valid,
    count(k.link_number) FILTER (WHERE k.valid_to IS NULL AND c.link_number IS NULL) AS orphaned,
    CASE WHEN e.valid_to IS NULL THEN
        (SELECT count(*) FROM secondary_copy s WHERE s.municipality = e.municipality)
        - count(c.link_number) FILTER (WHERE k.valid_to IS NULL)
    ELSE 0 END AS missing
FROM link_epoch e
LEFT JOIN link_code k USING (municipality, institution, epoch)
LEFT JOIN secondary_copy c ON c.municipality = k.municipality AND c.link_number = k.link_number
GROUP BY e.municipality, e.institution, e.epoch, e.valid_to;

GRANT SELECT, INSERT, UPDATE (valid_to) ON link_epoch, link_code TO intermediate;
GRANT SELECT ON link_code_count, link_epoch TO auditor;
GRANT SELECT (municipality, institution, epoch, link_number, valid_from, valid_to) ON link_code TO auditor;
