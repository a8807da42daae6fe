-- A foreign producer may have put anything into a record's key: it is sealed as the value is.
ALTER TABLE parked RENAME COLUMN key TO sealed_key;
