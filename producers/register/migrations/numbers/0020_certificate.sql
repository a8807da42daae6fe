-- Numbers for a document that was asked for with them: every reading leaves a row before it is answered.
DO $$ BEGIN EXECUTE format('GRANT CONNECT ON DATABASE %I TO certificate', current_database()); END $$;

CREATE TABLE number_reading (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    issue_id uuid NOT NULL,
    operator text NOT NULL CHECK (operator ~ '^[a-z][a-z0-9-]{1,30}$'),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200),
    case_number text NOT NULL CHECK (case_number ~ '^[0-9A-Za-z][0-9A-Za-z-]{0,59}$'),
    asked int NOT NULL CHECK (asked BETWEEN 1 AND 40),
    found int NOT NULL
);
CREATE FUNCTION read_for_document(
    p_issue uuid, p_operator text, p_purpose text, p_case text, p_references text[]
) RETURNS TABLE (reference text, kind text, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.number_reading (issue_id, operator, purpose, case_number, asked, found)
    SELECT p_issue, p_operator, p_purpose, p_case, cardinality(p_references), count(*)
    FROM public.number_version v WHERE v.reference = ANY (p_references);
    RETURN QUERY SELECT v.reference, v.kind, v.sealed
        FROM public.number_version v WHERE v.reference = ANY (p_references);
END
$$;
REVOKE ALL ON FUNCTION read_for_document FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_for_document TO certificate;
GRANT SELECT ON number_reading TO auditor;
