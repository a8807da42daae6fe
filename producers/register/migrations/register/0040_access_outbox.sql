-- The city's list of staff: whose an account is among the residents, if anybody's, and from when to when it is on duty.
-- With it a look-up is told with facts in place of names; without it ties and duty are not judged.
CREATE TABLE staff (
    account text PRIMARY KEY CHECK (account ~ '^[a-z][a-z0-9-]{1,30}$'),
    addressee_number text CHECK (addressee_number ~ '^[0-9]{10}$'),
    since date NOT NULL,
    until date CHECK (until >= since)
);
CREATE INDEX staff_by_resident ON staff (addressee_number);
CREATE TABLE staff_leave (account text REFERENCES staff ON DELETE CASCADE, day date, PRIMARY KEY (account, day));
GRANT SELECT, INSERT, DELETE ON staff, staff_leave TO register;

-- What the analysis is yet to be told: a row goes once the broker has confirmed it. Residents are keyed pseudonyms.
CREATE TABLE access_outbox (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry bytea NOT NULL
);
GRANT SELECT, INSERT, DELETE ON access_outbox TO relay;
GRANT SELECT ON SEQUENCE access_outbox_number_seq TO register;

-- Up to which position registered filings were put into that outbox.
CREATE TABLE access_cursor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), position bigint NOT NULL DEFAULT 0
);
INSERT INTO access_cursor SELECT true, last FROM position_counter;
GRANT SELECT, UPDATE ON access_cursor TO relay;

CREATE FUNCTION standing_of(p_account text, p_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM public.staff) THEN 'unlisted'
        WHEN NOT EXISTS (SELECT FROM public.staff WHERE account = p_account) THEN 'unknown'
        WHEN EXISTS (SELECT FROM public.staff_leave WHERE account = p_account AND day = p_day) THEN 'on-leave'
        WHEN EXISTS (SELECT FROM public.staff WHERE account = p_account
            AND p_day >= since AND p_day <= coalesce(until, p_day)) THEN 'on-duty'
        ELSE 'off-duty' END
$$;

CREATE FUNCTION tie_of(p_account text, p_resident text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT CASE
        WHEN own.addressee_number = r.addressee_number THEN 'self'
        WHEN own.household_number = r.household_number THEN 'household'
        WHEN own.record -> 'address' ->> 'text' = r.record -> 'address' ->> 'text' THEN 'address' END
    FROM public.staff s JOIN public.resident own USING (addressee_number), public.resident r
    WHERE s.account = p_account AND r.addressee_number = p_resident
$$;

-- Whom a look-up was about: kept sealed with its row, and put into the outbox with what the analysis may know of them.
DROP FUNCTION tell_subjects;
CREATE FUNCTION tell_subjects(p_lookup uuid, p_residents text[], p_subjects bytea[], p_pseudonyms text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    log public.access_log;
    told jsonb;
BEGIN
    UPDATE public.access_log SET subjects = p_subjects WHERE lookup_id = p_lookup AND subjects IS NULL RETURNING * INTO log;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'pseudonym', pseudonym,
        'tie', public.tie_of(log.operator, resident),
        'staff', EXISTS (SELECT FROM public.staff s WHERE s.addressee_number = resident),
        'protected', EXISTS (SELECT FROM public.protection_now p WHERE p.addressee_number = resident AND p.status <> 'ended')
    ))), '[]') INTO told FROM unnest(p_residents, p_pseudonyms) AS shown (resident, pseudonym);
    INSERT INTO public.access_outbox (entry) VALUES (convert_to(jsonb_build_object(
        'type', 'look-up', 'event_id', log.lookup_id, 'at', log.asked_at, 'operator', log.operator,
        'question', log.question, 'purpose', log.purpose, 'case_number', log.case_number,
        'number_touched', log.number_touched, 'found', log.found, 'too_many', log.too_many,
        'standing', public.standing_of(log.operator, (log.asked_at AT TIME ZONE 'Asia/Tokyo')::date),
        'subjects', told)::text, 'UTF8'));
END
$$;

-- Registered filings, a change a row, with everybody who lives in the household now; the first load is nobody's look-up.
CREATE FUNCTION handlings_after(p_position bigint, p_limit int) RETURNS TABLE (
    "position" bigint, filing_id uuid, group_index int, registered_at timestamptz, operator text, residents text[]
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT h.position, h.filing_id, h.group_index, h.registered_at,
        CASE WHEN f.kind <> 'migration' THEN f.operator END,
        ARRAY(SELECT member.addressee_number FROM public.resident r JOIN public.resident member USING (household_number)
              WHERE r.addressee_number = h.addressee_number ORDER BY 1)
    FROM public.history h JOIN public.filing f USING (filing_id)
    WHERE h.position > p_position ORDER BY h.position LIMIT p_limit
$$;

REVOKE ALL ON FUNCTION standing_of, tie_of, tell_subjects, handlings_after FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tell_subjects TO counter, certificate;
GRANT EXECUTE ON FUNCTION handlings_after TO relay;
