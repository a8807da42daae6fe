-- A message that holds a My Number waits sealed under the recipient's own key; every other stands as its copy stands.
ALTER TABLE outbox ALTER COLUMN message DROP NOT NULL, ADD COLUMN sealed_message bytea,
    ADD CHECK ((message IS NULL) <> (sealed_message IS NULL));
