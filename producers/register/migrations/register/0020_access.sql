-- Search keys of every resident, derived from names and readings; for comparison alone.
CREATE TABLE search_key (
    addressee_number text PRIMARY KEY,
    birth_date text, name_key text, kana_key text, alias_key text, alias_kana_key text
);
CREATE INDEX search_key_by_birth ON search_key (birth_date);
GRANT SELECT, INSERT, UPDATE ON search_key TO register;

-- Who looked at whom: a row for each look-up, kept in the transaction that reads the answer, until it is sent on.
-- Subjects are addressee numbers, sealed for this row.
CREATE TABLE access_log (
    lookup_id uuid PRIMARY KEY,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    question text NOT NULL CHECK (question IN ('number', 'search', 'document')),
    operator text NOT NULL CHECK (operator ~ '^[a-z][a-z0-9-]{1,30}$'),
    purpose text NOT NULL CHECK (length(purpose) BETWEEN 1 AND 200 AND purpose !~ '[0-9０-９]{11}'),
    case_number text NOT NULL CHECK (case_number ~ '^[0-9A-Za-z][0-9A-Za-z-]{0,59}$' AND case_number !~ '[0-9]{11}'),
    number_touched boolean NOT NULL,
    found int NOT NULL,
    too_many boolean NOT NULL DEFAULT false,
    subjects bytea[] CHECK (cardinality(subjects) = CASE WHEN too_many THEN 0 ELSE found END)
);
GRANT SELECT ON access_log TO auditor;

-- What was read and not told about whom cannot be committed.
CREATE FUNCTION access_is_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF (SELECT subjects IS NULL FROM public.access_log WHERE lookup_id = NEW.lookup_id) THEN
        RAISE EXCEPTION 'a look-up must tell whom it found' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER access_is_told AFTER INSERT ON access_log
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access_is_told();

CREATE FUNCTION tell_subjects(p_lookup uuid, p_subjects bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE public.access_log SET subjects = p_subjects WHERE lookup_id = p_lookup AND subjects IS NULL
$$;

-- Reference to resident, at the counter: the second half of a search by number, for the counter's role alone.
DROP FUNCTION resident_of;
CREATE FUNCTION find_holder(p_lookup uuid, p_operator text, p_purpose text, p_case text, p_references text[])
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    holders text[];
BEGIN
    SELECT coalesce(array_agg(addressee_number), '{}') INTO holders FROM public.resident
    WHERE record ->> 'my_number' = ANY (p_references) OR record ->> 'resident_code' = ANY (p_references);
    INSERT INTO public.access_log (lookup_id, question, operator, purpose, case_number, number_touched, found)
    VALUES (p_lookup, 'number', p_operator, p_purpose, p_case, true, cardinality(holders));
    RETURN QUERY SELECT unnest(holders);
END
$$;

-- Residents by birth date and the beginning of a name or reading; one row without a person when there are too many.
CREATE FUNCTION search_residents(
    p_lookup uuid, p_operator text, p_purpose text, p_case text,
    p_name_key text, p_kana_key text, p_birth_date text, p_limit int
) RETURNS TABLE (addressee_number text, name text, kana text, birth_date text, address text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    matches text[];
BEGIN
    SELECT coalesce(array_agg(k.addressee_number), '{}') INTO matches FROM public.search_key k
    WHERE k.birth_date = p_birth_date AND (
        starts_with(k.name_key, p_name_key) OR starts_with(k.kana_key, p_kana_key)
        OR starts_with(k.alias_key, p_name_key) OR starts_with(k.alias_kana_key, p_kana_key));
    INSERT INTO public.access_log (
        lookup_id, question, operator, purpose, case_number, number_touched, found, too_many)
    VALUES (p_lookup, 'search', p_operator, p_purpose, p_case, false, cardinality(matches),
        cardinality(matches) > p_limit);
    IF cardinality(matches) > p_limit THEN
        RETURN QUERY SELECT NULL::text, NULL::text, NULL::text, NULL::text, NULL::text, NULL::text;
    ELSE
        RETURN QUERY SELECT r.addressee_number, r.record -> 'name' ->> 'text', r.record -> 'name' ->> 'kana',
            r.record ->> 'birth_date', r.record -> 'address' ->> 'text', r.state
        FROM public.resident r WHERE r.addressee_number = ANY (matches) ORDER BY 1;
    END IF;
END
$$;

REVOKE ALL ON FUNCTION access_is_told, tell_subjects, find_holder, search_residents FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_subjects, find_holder, search_residents TO counter;
