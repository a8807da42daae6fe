-- The six dates of a change, and of a pair (帰化・国籍喪失・改製・再製) the removal that its entry stands for.
ALTER TABLE history ADD COLUMN dates jsonb, ADD COLUMN paired_reason text;

-- Announced move-outs (転出予定) whose day is yet to come: what the register's clock goes by. Kept with every change.
CREATE TABLE due_removal (addressee_number text PRIMARY KEY, due_on date NOT NULL);
CREATE INDEX due_removal_by_day ON due_removal (due_on);
GRANT SELECT, INSERT, UPDATE, DELETE ON due_removal TO register;
