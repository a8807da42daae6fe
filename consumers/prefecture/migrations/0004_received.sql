GRANT SELECT, INSERT, DELETE ON received TO prefecture;
