-- The watch (role ops) sees counts and times of recipients: no resident, no key, no bytes.
ALTER TABLE recipient ADD COLUMN acknowledged_at timestamptz;
ALTER TABLE waiting ADD COLUMN reason text GENERATED ALWAYS AS (occasion ->> 'reason') STORED;

GRANT SELECT (next_position, ledger_size, ledger_time) ON head TO ops;
GRANT SELECT (name, generation, last_number, sending_number, dispatched_number, acknowledged_number, acknowledged_at,
    applied, held, parked) ON recipient TO ops;
GRANT SELECT (recipient, generation, revoked_at) ON grant_standing TO ops;
GRANT SELECT (recipient, generation, number, kind, routed_at) ON delivery TO ops;
GRANT SELECT (recipient, generation, reason, decided_at, due_at) ON waiting TO ops;
GRANT SELECT (topic, "offset", code, parked_at) ON parked TO ops;
GRANT SELECT ON ledger_checkpoint TO ops;
