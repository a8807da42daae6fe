-- Reviews of grants as reviewers asked for them; rows stay. A process without browsers carries them out. Nobody decides
-- on a request of their own: here, and again where the declaration is written.
CREATE TABLE grant_decision (
    decision_id uuid PRIMARY KEY,
    recipient text NOT NULL,
    request text NOT NULL CHECK (request ~ '^[0-9a-f]{64}$'), -- the fingerprint of what was seen
    requester text NOT NULL,
    reviewer text NOT NULL REFERENCES account,
    decision text NOT NULL CHECK (decision IN ('approved', 'refused')),
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_at timestamptz,
    failure text NOT NULL DEFAULT '' CHECK (failure ~ '^[A-Z0-9-]{0,40}$'),
    CHECK (reviewer <> requester)
);
CREATE UNIQUE INDEX grant_decision_waiting ON grant_decision (request) WHERE done_at IS NULL;

GRANT SELECT ON grant_decision TO desk;
GRANT INSERT (decision_id, recipient, request, requester, reviewer, decision) ON grant_decision TO desk;
