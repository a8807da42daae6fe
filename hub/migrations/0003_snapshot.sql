-- How far a recipient of a later generation has been told the present state of everybody: the last addressee number, ''
-- at the beginning, NULL when there is nothing (more) to tell.
ALTER TABLE recipient ADD COLUMN snapshot_after text;
