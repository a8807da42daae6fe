-- Documents: who issues them reads active residents through a function that logs it, and nothing else.
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO certificate', current_database()); END $$;

CREATE FUNCTION read_for_document(
    p_lookup uuid, p_operator text, p_purpose text, p_case text, p_resident text, p_household boolean, p_number boolean
) RETURNS TABLE (addressee_number text, record text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    shown text[];
BEGIN
    SELECT coalesce(array_agg(r.addressee_number), '{}') INTO shown FROM public.resident r
    JOIN public.resident asked ON asked.addressee_number = p_resident AND asked.state = 'active'
    WHERE r.state = 'active' AND (r.addressee_number = p_resident
        OR (p_household AND r.household_number = asked.household_number));
    INSERT INTO public.access_log (lookup_id, question, operator, purpose, case_number, number_touched, found)
    VALUES (p_lookup, 'document', p_operator, p_purpose, p_case, p_number, cardinality(shown));
    RETURN QUERY SELECT r.addressee_number, r.record::text FROM public.resident r
        WHERE r.addressee_number = ANY (shown)
        ORDER BY r.record ->> 'relationship' IS DISTINCT FROM '世帯主', r.record ->> 'birth_date', 1;
END
$$;
REVOKE ALL ON FUNCTION read_for_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_for_document, tell_subjects TO certificate;

-- Issue history (証明書発行履歴, item 35): a row for each document, committed before its bytes are given to anybody.
CREATE TABLE document_issue (
    issue_id uuid PRIMARY KEY,
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    addressee_number text NOT NULL,
    residents text[] NOT NULL CHECK (addressee_number = ANY (residents)),
    items int[] NOT NULL,
    operator text NOT NULL,
    purpose text NOT NULL,
    case_number text NOT NULL,
    substituted int NOT NULL,
    digest bytea NOT NULL CHECK (length(digest) = 32)
);
CREATE INDEX document_issue_of_resident ON document_issue USING gin (residents);
GRANT INSERT, SELECT (issue_id) ON document_issue TO certificate;
GRANT SELECT ON document_issue TO auditor;
