-- Files taken in, and how far: written in the transaction of the rows themselves. `file` is a keyed digest of its bytes.
CREATE TABLE intake_file (
    file bytea PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('full', 'difference')),
    line bigint NOT NULL DEFAULT 0, byte_offset bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0, warned bigint NOT NULL DEFAULT 0,
    created bigint NOT NULL DEFAULT 0, changed bigint NOT NULL DEFAULT 0, ceased bigint NOT NULL DEFAULT 0,
    annulled bigint NOT NULL DEFAULT 0, unchanged bigint NOT NULL DEFAULT 0, former bigint NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL DEFAULT now(), finished_at timestamptz
);

-- Which row of the former system (履歴番号, 枝番) a person's present state is from, and in which file it came last.
CREATE TABLE intake_person (
    addressee_number text PRIMARY KEY,
    history_number int NOT NULL, history_branch int NOT NULL,
    file bytea NOT NULL, line bigint NOT NULL
);

-- What went before in the former system: kept, without numbers, and never sent; `history` holds what left this register.
CREATE TABLE former_record (
    addressee_number text, history_number int, history_branch int,
    reason text NOT NULL, record jsonb NOT NULL, file bytea NOT NULL,
    PRIMARY KEY (addressee_number, history_number, history_branch)
);

-- What was found, by line; never a value.
CREATE TABLE intake_finding (
    file bytea NOT NULL, line bigint NOT NULL, code text NOT NULL, field text NOT NULL, refused boolean NOT NULL,
    PRIMARY KEY (file, line, code, field)
);

GRANT SELECT, INSERT, UPDATE ON intake_file, intake_person, former_record TO register;
GRANT SELECT, INSERT ON intake_finding TO register;

-- Numbers that came with people are not given out again: the serials go on after the highest.
CREATE FUNCTION reserve_serials(p_addressee bigint, p_household bigint)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT setval('public.addressee_serial', p_addressee) FROM public.addressee_serial WHERE last_value <= p_addressee;
    SELECT setval('public.household_serial', p_household) FROM public.household_serial WHERE last_value <= p_household;
$$;
REVOKE ALL ON FUNCTION reserve_serials FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reserve_serials TO register;
