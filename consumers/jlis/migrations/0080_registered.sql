-- 本人確認情報 as the prefecture passes it on: its own pseudonym, numbers sealed in columns, a keyed digest to find a
-- resident code by. Numbers run 1..n for each municipality; what never came stands as a gap.
CREATE TABLE registered (
    municipality text, subject text,
    number bigint NOT NULL, sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'ceased')),
    sealed_resident_code bytea, sealed_my_number bytea, sealed_former_resident_code bytea,
    code_index bytea,
    items jsonb NOT NULL CHECK (NOT items ?| ARRAY['resident_code', 'my_number', 'former_resident_code']),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, subject)
);
CREATE INDEX registered_code ON registered (code_index);
CREATE INDEX registered_items ON registered ((items ->> 'birth_date'), (items ->> 'name'));

CREATE TABLE registered_gate (municipality text PRIMARY KEY, next_number bigint NOT NULL DEFAULT 1);
CREATE TABLE registered_gap (
    municipality text, first bigint, last bigint NOT NULL CHECK (last >= first), found_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (municipality, first)
);
CREATE TABLE registered_refused (
    topic text, partition int, "offset" bigint, code text NOT NULL, refused_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset")
);
GRANT SELECT, INSERT, UPDATE, DELETE ON registered TO jlis;
GRANT SELECT, INSERT, UPDATE ON registered_gate TO jlis;
GRANT SELECT, INSERT ON registered_gap, registered_refused TO jlis;
