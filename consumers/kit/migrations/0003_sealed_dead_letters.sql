-- A foreign producer may have put anything into key and headers: they are sealed as the value is.
ALTER TABLE parked RENAME COLUMN key TO sealed_key;
ALTER TABLE parked RENAME COLUMN headers TO sealed_headers;
