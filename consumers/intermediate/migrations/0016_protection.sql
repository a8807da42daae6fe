-- Whom the role must not answer for automatically (自動応答不可): see `may_answer`.
GRANT SELECT, INSERT, UPDATE, DELETE ON protection TO intermediate;
