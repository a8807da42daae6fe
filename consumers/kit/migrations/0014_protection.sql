-- What was last told of each person's protection (支援措置). Who has no row was not told of, and counts as protected.
CREATE TABLE protection (
    municipality text, subject text, sequence bigint NOT NULL,
    blocked boolean NOT NULL, status text, level text, begins_on date, ends_on date,
    PRIMARY KEY (municipality, subject)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON protection TO :"role";
GRANT SELECT ON protection TO auditor;
