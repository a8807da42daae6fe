-- 副本: until when a version is published (公開終了日), and what was registered and deleted, without its contents.
ALTER TABLE secondary_copy ADD COLUMN published_to timestamptz CHECK (published_to >= published_from);

CREATE TABLE registration (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    municipality text NOT NULL, link_number text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('registration', 'deletion')),
    version bigint NOT NULL,
    published_from timestamptz NOT NULL DEFAULT now(), published_to timestamptz
);
CREATE INDEX registration_of ON registration (municipality, link_number) WHERE published_to IS NULL;

-- 情報提供等記録: every inquiry and what came of it, kept for seven years; no code of a person is in it. Who asked a
-- second time by the same words, or could not be understood, is entered as refused and gets no answer.
CREATE TABLE provision (
    topic text, partition int, "offset" bigint,
    municipality text NOT NULL, institution text NOT NULL,
    inquiry_id text, purpose text, items int[],
    outcome text NOT NULL CHECK (outcome IN ('answered', 'not-answered', 'not-permitted', 'refused')),
    code text NOT NULL,
    link_number text, version bigint,
    decided_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition, "offset"),
    CHECK (outcome = 'refused' OR inquiry_id IS NOT NULL)
);
CREATE UNIQUE INDEX provision_once ON provision (municipality, institution, inquiry_id) WHERE outcome <> 'refused';
CREATE INDEX provision_of ON provision (municipality, link_number, decided_at);

-- Answers until the broker has confirmed them, numbered 1..n without gap for each institution.
CREATE TABLE answer_counter (
    municipality text, institution text, last bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (municipality, institution)
);
CREATE TABLE answer_outbox (
    municipality text, institution text, number bigint, message bytea NOT NULL,
    PRIMARY KEY (municipality, institution, number)
);

GRANT SELECT, INSERT, UPDATE (published_to) ON registration TO intermediate;
GRANT SELECT, INSERT ON provision TO intermediate;
GRANT SELECT, INSERT, UPDATE ON answer_counter TO intermediate;
GRANT SELECT, INSERT, DELETE ON answer_outbox TO intermediate;
GRANT SELECT (topic, partition, "offset", municipality, institution, inquiry_id, purpose, items, outcome, code,
    decided_at) ON provision TO auditor;
