GRANT SELECT, INSERT, DELETE ON given_up TO prefecture;
