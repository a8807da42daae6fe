GRANT SELECT, INSERT, DELETE ON given_up TO prefecture;
GRANT UPDATE (parked_at) ON parked TO prefecture;
