-- Versions of My Number (個人番号) and resident code (住民票コード), sealed; who they belong to only the register knows.
CREATE TABLE number_version (
    reference text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('my-number', 'resident-code')),
    filing_id uuid NOT NULL,
    member int NOT NULL,
    sealed bytea NOT NULL,
    blind_index bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (filing_id, member, kind)
);
CREATE INDEX number_version_by_value ON number_version (blind_index);

-- The register writes and never reads a value; the hub's join reads values by reference and nothing else.
GRANT INSERT ON number_version TO register;
GRANT SELECT (reference, kind, filing_id, member, blind_index, recorded_at), UPDATE (recorded_at)
    ON number_version TO register;
GRANT SELECT (reference, filing_id, recorded_at), DELETE ON number_version TO number_sweep;
GRANT SELECT (reference, sealed) ON number_version TO hub_join, auditor;
