-- Who is told update sequences (更新順番号): the last regular and abnormal one of each resident code, by a keyed digest of it.
ALTER TABLE recipient_resident ADD COLUMN updates jsonb;
