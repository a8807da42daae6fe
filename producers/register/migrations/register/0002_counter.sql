-- Reference to resident, at the counter: the second half of a search by number, for the counter's role alone.
CREATE INDEX resident_of_my_number ON resident ((record ->> 'my_number'));
CREATE INDEX resident_of_code ON resident ((record ->> 'resident_code'));
CREATE FUNCTION resident_of(p_references text[])
RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT addressee_number FROM public.resident
    WHERE record ->> 'my_number' = ANY (p_references) OR record ->> 'resident_code' = ANY (p_references)
$$;
REVOKE ALL ON FUNCTION resident_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resident_of TO counter;
