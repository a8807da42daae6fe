-- The newest move-in notice (転入通知) of each person who left: by the day of the notice, then by the sender's number.
CREATE TABLE move_in_notice (
    addressee_number text PRIMARY KEY REFERENCES resident,
    party text NOT NULL, party_number bigint NOT NULL,
    moved_in_on date NOT NULL, noticed_on date NOT NULL,
    received_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON move_in_notice TO register;

-- Move-out certificates (転出証明書情報) of who is about to come, sealed, until the move-in is filed from them (特例転入).
CREATE TABLE move_out_certificate (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    party text NOT NULL, party_number bigint NOT NULL, counterparty text NOT NULL,
    persons int NOT NULL, planned_on date NOT NULL,
    sealed bytea,
    received_at timestamptz NOT NULL,
    filed_by uuid, filed_at timestamptz,
    UNIQUE (party, party_number),
    CHECK ((sealed IS NULL) = (filed_by IS NOT NULL) AND (filed_by IS NULL) = (filed_at IS NULL))
);
GRANT SELECT, INSERT, UPDATE (sealed, filed_by, filed_at) ON move_out_certificate TO register;
