-- The ledger (提供記録): one entry for every fact of disclosure, in the order of its index, which is given under the locked
-- head. `entry` is the exact text that is hashed. Whom it is about stands beside it, with the salt of its commitment: without
-- these two columns an entry tells nobody whom it concerns, and every proof still holds.
ALTER TABLE head ADD COLUMN ledger_size bigint NOT NULL DEFAULT 0,
    ADD COLUMN ledger_time timestamptz NOT NULL DEFAULT 'epoch';
CREATE TABLE ledger_entry (
    index bigint PRIMARY KEY,
    entry text NOT NULL,
    addressee_number text, salt bytea,
    CHECK ((addressee_number IS NULL) = (salt IS NULL))
);
CREATE INDEX ledger_entry_of_subject ON ledger_entry (addressee_number, index) WHERE addressee_number IS NOT NULL;

-- Grants and keys as they were last entered: each is in the ledger before anything is disclosed under it.
CREATE TABLE ledger_standing (kind text, name text, digest bytea NOT NULL, PRIMARY KEY (kind, name));

-- The tree's hashes (C2SP tlog-tiles) and its signed checkpoints; made after the entries are committed.
CREATE TABLE ledger_tile (level int, index bigint, hashes bytea NOT NULL, PRIMARY KEY (level, index));
CREATE TABLE ledger_checkpoint (size bigint PRIMARY KEY, note text NOT NULL, witnessed boolean NOT NULL);

-- How far a dispatcher may have sent: raised before the first byte leaves, so that only what never left is ever void.
ALTER TABLE recipient ADD COLUMN sending_number bigint NOT NULL DEFAULT 0;
UPDATE recipient SET sending_number = dispatched_number;

GRANT SELECT, INSERT ON ledger_entry TO hub;
GRANT SELECT, INSERT, UPDATE ON ledger_standing TO hub;
GRANT SELECT (index, entry) ON ledger_entry TO ledger;
GRANT SELECT ON head TO ledger;
GRANT SELECT, INSERT, UPDATE ON ledger_tile, ledger_checkpoint TO ledger;
GRANT SELECT ON ledger_entry, ledger_tile, ledger_checkpoint TO auditor;

-- A question is itself an entry. The auditor may enter that kind and no other, at the index that is due.
CREATE FUNCTION begin_question(OUT size bigint, OUT entered_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
AS $$ SELECT ledger_size, ledger_time FROM head FOR UPDATE $$;

CREATE FUNCTION enter_question(entry text, subject text, salt bytea, entered_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
AS $$
DECLARE due bigint;
BEGIN
    UPDATE head SET ledger_size = ledger_size + 1, ledger_time = greatest(ledger_time, $4)
    RETURNING ledger_size - 1 INTO due;
    IF ($1::jsonb ->> 'kind') NOT IN ('view', 'export') OR ($1::jsonb ->> 'index')::bigint <> due THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'not a question, or not at its index';
    END IF;
    INSERT INTO ledger_entry VALUES (due, $1, $2, $3);
END $$;
REVOKE ALL ON FUNCTION begin_question(), enter_question(text, text, bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_question(), enter_question(text, text, bytea, timestamptz) TO auditor;
