GRANT SELECT, INSERT, DELETE ON given_up TO intermediate;
GRANT UPDATE (parked_at) ON parked TO intermediate;
