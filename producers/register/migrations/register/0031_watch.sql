-- The watch (role ops) counts what waits to be sent, and sees of nobody.
GRANT SELECT (position) ON outbox TO ops;
GRANT SELECT ON position_counter TO ops;
