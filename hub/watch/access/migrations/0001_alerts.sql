-- The review list (確認一覧): one alert for each rule, operator and window, however often it is said. `subject` is the
-- resident's pseudonym in the access log, or empty; `evidence` are look-ups, by the ids of the register's access log.
CREATE TABLE alert (
    alert_id text PRIMARY KEY,
    rule text NOT NULL CHECK (rule ~ '^R[0-9]{1,2}$'),
    operator text NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    subject text NOT NULL,
    evidence uuid[] NOT NULL,
    about_a_resident boolean GENERATED ALWAYS AS (subject <> '') STORED,
    lookups int GENERATED ALWAYS AS (cardinality(evidence)) STORED,
    figures jsonb NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (rule, operator, first_day, last_day, subject)
);
CREATE INDEX alert_by_time ON alert (raised_at);

-- Outcomes, append-only; the newest holds. Nobody reviews what concerns themselves.
CREATE TABLE review (
    alert_id text NOT NULL REFERENCES alert,
    number int NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('justified', 'misuse', 'unclear')),
    reviewer text NOT NULL CHECK (reviewer ~ '^[a-z][a-z0-9-]{1,30}$'),
    note_code text NOT NULL CHECK (note_code ~ '^[a-z][a-z-]{1,30}$'),
    reviewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (alert_id, number)
);

-- Who was shown an alert with its operator: asking the list is a look-up too.
CREATE TABLE alert_view (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id text NOT NULL REFERENCES alert,
    viewer text NOT NULL CHECK (viewer ~ '^[a-z][a-z0-9-]{1,30}$'),
    viewed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Entries that could not be taken in: where they lie and why; what is in them stays on the topic, sealed.
CREATE TABLE failed_entry (
    topic text, partition int, "offset" bigint,
    code text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (topic, partition, "offset")
);

-- Up to which of the register's numbers everything was taken in: told by the entry that says so.
CREATE TABLE taken (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), number bigint NOT NULL DEFAULT 0);
INSERT INTO taken DEFAULT VALUES;
GRANT SELECT, UPDATE ON taken TO analysis;

GRANT SELECT ON alert, failed_entry TO analysis;
GRANT INSERT ON alert, failed_entry TO analysis;
GRANT SELECT ON alert, review, alert_view, failed_entry TO auditor;

-- The list without operators, residents and look-ups: what may be seen before somebody answers for having looked.
GRANT SELECT (alert_id, rule, first_day, last_day, about_a_resident, lookups, figures, raised_at) ON alert TO reviewer;
GRANT SELECT (alert_id, number, outcome, note_code, reviewed_at) ON review TO reviewer;
GRANT SELECT ON failed_entry TO reviewer;

-- One alert in full, to somebody else than its operator; that it was shown is committed with it.
CREATE FUNCTION show_alert(p_alert text, p_viewer text) RETURNS SETOF alert
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM public.refuse_the_operator(p_alert, p_viewer);
    INSERT INTO public.alert_view (alert_id, viewer) SELECT alert_id, p_viewer FROM public.alert WHERE alert_id = p_alert;
    RETURN QUERY SELECT * FROM public.alert WHERE alert_id = p_alert;
END
$$;

CREATE FUNCTION review_alert(p_alert text, p_outcome text, p_reviewer text, p_note_code text) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    given int;
BEGIN
    PERFORM public.refuse_the_operator(p_alert, p_reviewer);
    PERFORM FROM public.alert WHERE alert_id = p_alert FOR UPDATE;
    INSERT INTO public.review (alert_id, number, outcome, reviewer, note_code)
    SELECT alert_id, 1 + (SELECT count(*) FROM public.review WHERE review.alert_id = p_alert), p_outcome, p_reviewer, p_note_code
    FROM public.alert WHERE alert_id = p_alert RETURNING number INTO given;
    RETURN given;
END
$$;

CREATE FUNCTION refuse_the_operator(p_alert text, p_person text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF EXISTS (SELECT FROM public.alert WHERE alert_id = p_alert AND operator = p_person) THEN
        RAISE EXCEPTION 'an alert is not for the operator whom it concerns' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

REVOKE ALL ON FUNCTION show_alert, review_alert, refuse_the_operator FROM PUBLIC;
GRANT EXECUTE ON FUNCTION show_alert, review_alert TO reviewer;
