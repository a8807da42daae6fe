-- Every step of a protection leaves the register at a position of its own, in the one order of all changes. A step from
-- before that has none, and was told to nobody.
ALTER TABLE protection ADD COLUMN position bigint UNIQUE;
GRANT SELECT (addressee_number, position, status, level, begins_on, ends_on) ON protection TO auditor;

-- Of whom nobody has said whether they are protected: who came from another system, until a step is filed or somebody
-- says that there is none. `until_position` is where that was told; `operator` who said that there is none.
CREATE TABLE protection_unknown (
    addressee_number text PRIMARY KEY REFERENCES resident,
    until_position bigint,
    filing_id uuid, operator text, filed_on date,
    CHECK ((filing_id IS NULL) = (operator IS NULL) AND (filing_id IS NULL) = (filed_on IS NULL)),
    CHECK (filing_id IS NULL OR until_position IS NOT NULL)
);
CREATE INDEX protection_still_unknown ON protection_unknown (addressee_number) WHERE until_position IS NULL;
INSERT INTO protection_unknown (addressee_number) SELECT addressee_number FROM resident;
GRANT SELECT, INSERT, UPDATE ON protection_unknown TO register;
GRANT SELECT ON protection_unknown TO auditor;

-- Who looks at protections leaves a row in the access log, as with every look-up; NULL asks for all that stand.
ALTER TABLE access_log DROP CONSTRAINT access_log_question_check;
ALTER TABLE access_log ADD CONSTRAINT access_log_question_check
    CHECK (question IN ('number', 'search', 'document', 'protection'));
CREATE FUNCTION look_at_protections(p_lookup uuid, p_operator text, p_purpose text, p_case text, p_residents text[])
RETURNS SETOF protection_now LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    found text[];
BEGIN
    SELECT coalesce(array_agg(p.addressee_number), '{}') INTO found FROM public.protection_now p
    WHERE CASE WHEN p_residents IS NULL THEN p.status <> 'ended' ELSE p.addressee_number = ANY (p_residents) END;
    INSERT INTO public.access_log (lookup_id, question, operator, purpose, case_number, number_touched, found)
    VALUES (p_lookup, 'protection', p_operator, p_purpose, p_case, false, cardinality(found));
    RETURN QUERY SELECT * FROM public.protection_now p WHERE p.addressee_number = ANY (found) ORDER BY 1;
END
$$;
REVOKE ALL ON FUNCTION look_at_protections FROM PUBLIC;
GRANT EXECUTE ON FUNCTION look_at_protections TO counter;
