GRANT SELECT, INSERT, DELETE ON given_up TO intermediate;
