-- Which of these versions hold these very numbers: so that a number handed in again keeps its reference. It tells the
-- register no more than `store_numbers` does: whether a number that it has in hand is another than before.
CREATE FUNCTION same_numbers(p_references text[], p_indexes bytea[])
RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT reference FROM unnest(p_references, p_indexes) AS given (reference, blind_index)
    JOIN public.number_version v USING (reference) WHERE v.blind_index = given.blind_index
$$;
REVOKE ALL ON FUNCTION same_numbers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION same_numbers TO register;
