GRANT SELECT, INSERT, DELETE ON given_up TO welfare;
GRANT UPDATE (parked_at) ON parked TO welfare;
