-- The register hands versions in through a function and can no longer search by value: it is told only which filings
-- were known with a different number.
CREATE FUNCTION store_numbers(
    p_references text[], p_kinds text[], p_filings uuid[], p_members int[], p_sealed bytea[], p_indexes bytea[]
) RETURNS SETOF uuid LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH given AS (
        SELECT * FROM unnest(p_references, p_kinds, p_filings, p_members, p_sealed, p_indexes)
            AS given (reference, kind, filing_id, member, sealed, blind_index)
    ), stored AS (
        INSERT INTO public.number_version (reference, kind, filing_id, member, sealed, blind_index)
        SELECT * FROM given
        ON CONFLICT (reference) DO UPDATE SET recorded_at = now()
        RETURNING reference, filing_id, blind_index
    )
    SELECT stored.filing_id FROM stored JOIN given USING (reference)
    WHERE stored.blind_index <> given.blind_index
$$;

-- Number to reference, at the counter: every question leaves a row, whatever the answer.
CREATE TABLE number_lookup (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    operator text NOT NULL CHECK (operator ~ '^[a-z][a-z0-9-]{1,30}$'),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200),
    case_number text NOT NULL CHECK (length(case_number) BETWEEN 1 AND 60),
    found int NOT NULL
);
CREATE FUNCTION find_references(p_index bytea, p_operator text, p_purpose text, p_case text)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    matches text[];
BEGIN
    SELECT coalesce(array_agg(reference), '{}') INTO matches FROM public.number_version WHERE blind_index = p_index;
    INSERT INTO public.number_lookup (operator, purpose, case_number, found)
    VALUES (p_operator, p_purpose, p_case, cardinality(matches));
    RETURN QUERY SELECT unnest(matches);
END
$$;

REVOKE ALL ON FUNCTION store_numbers, find_references FROM PUBLIC;
REVOKE ALL ON number_version FROM register;
GRANT SELECT (reference, kind, filing_id, member) ON number_version TO register;
GRANT EXECUTE ON FUNCTION store_numbers TO register;
GRANT EXECUTE ON FUNCTION find_references TO counter;
GRANT SELECT (kind) ON number_version TO hub_join;
GRANT SELECT ON number_lookup TO auditor;
