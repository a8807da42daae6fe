-- From which position on a recipient is told: of a notice that is told once, nothing before it is owed.
ALTER TABLE recipient ADD COLUMN began_at bigint NOT NULL DEFAULT 1;
