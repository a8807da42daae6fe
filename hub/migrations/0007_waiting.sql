-- Changes of recipients that are not told at once, until their window is over; `rank` is the order drawn for it.
-- The record stands here as in `resident`, without numbers.
CREATE TABLE waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient text NOT NULL, generation int NOT NULL,
    addressee_number text NOT NULL, history_number int NOT NULL, state text NOT NULL, record jsonb,
    occasion jsonb NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(), due_at timestamptz NOT NULL, rank bigint
);
CREATE INDEX waiting_due ON waiting (recipient, generation, due_at);
CREATE INDEX waiting_ranked ON waiting (recipient, generation, rank) WHERE rank IS NOT NULL;

GRANT SELECT, INSERT, DELETE, UPDATE (due_at, rank) ON waiting TO hub;
GRANT SELECT (recipient, generation, addressee_number, history_number, decided_at, due_at) ON waiting TO auditor;
