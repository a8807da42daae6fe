-- The case view: whoever was not told of counts as protected, and is shown so.
CREATE VIEW case_view WITH (security_invoker = true) AS
SELECT p.*, coalesce(t.blocked, true) AS blocked, coalesce(t.status, 'unknown') AS protection, t.level AS protection_level,
    t.begins_on AS protection_begins_on, t.ends_on AS protection_ends_on
FROM person p LEFT JOIN protection t USING (municipality, subject);
GRANT SELECT ON case_view TO welfare;
