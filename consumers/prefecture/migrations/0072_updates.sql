-- Where the update sequences (更新順番号・異常時更新順番号) of a resident code stood when it became another one.
CREATE TABLE closed_code (
    municipality text, subject text, code_index bytea,
    regular bigint NOT NULL, abnormal bigint NOT NULL,
    PRIMARY KEY (municipality, subject, code_index)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON closed_code TO prefecture;

-- Records that take no update: frozen (更新禁止), or another process has them (排他); by whom and why.
-- A mark that was taken off stays on record.
CREATE TABLE record_mark (
    municipality text NOT NULL, subject text NOT NULL,
    mark text NOT NULL CHECK (mark IN ('update-forbidden', 'exclusive')),
    made_by text NOT NULL, reason text NOT NULL, made_at timestamptz NOT NULL DEFAULT now(),
    taken_off_by text, taken_off_at timestamptz,
    CHECK ((taken_off_by IS NULL) = (taken_off_at IS NULL))
);
CREATE UNIQUE INDEX record_mark_stands ON record_mark (municipality, subject) WHERE taken_off_at IS NULL;
GRANT SELECT, INSERT ON record_mark TO prefecture;
GRANT UPDATE (taken_off_by, taken_off_at) ON record_mark TO prefecture;
