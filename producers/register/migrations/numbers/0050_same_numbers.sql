-- Which versions hold the same My Number: asked of versions that the register handed in, never of a value.
CREATE FUNCTION same_my_numbers(p_references text[]) RETURNS TABLE (mine text, other text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT mine.reference, other.reference
    FROM public.number_version mine
    JOIN public.number_version other ON other.blind_index = mine.blind_index AND other.reference <> mine.reference
    WHERE mine.reference = ANY (p_references) AND mine.kind = 'my-number' AND other.kind = 'my-number'
$$;
REVOKE ALL ON FUNCTION same_my_numbers FROM PUBLIC;
GRANT EXECUTE ON FUNCTION same_my_numbers TO register;
