-- Resident codes to references, for letters of other municipalities (転入通知): a row for each letter, whatever the answer.
CREATE FUNCTION find_for_letters(p_cases text[], p_indexes bytea[])
RETURNS TABLE (place int, reference text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.number_lookup (operator, purpose, case_number, found)
    SELECT 'register-inbox', 'move-in-notice', given.case_number, count(v.reference)
    FROM unnest(p_cases, p_indexes) AS given (case_number, index)
    LEFT JOIN public.number_version v ON v.blind_index = given.index AND v.kind = 'resident-code'
    GROUP BY given.case_number;
    RETURN QUERY SELECT (given.ordinal - 1)::int, v.reference
        FROM unnest(p_indexes) WITH ORDINALITY AS given (index, ordinal)
        JOIN public.number_version v ON v.blind_index = given.index AND v.kind = 'resident-code';
END
$$;
REVOKE ALL ON FUNCTION find_for_letters FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_for_letters TO counter;
