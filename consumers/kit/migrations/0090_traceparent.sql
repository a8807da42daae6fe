-- The trace context of the batch by which a message was written; none while no traces are taken.
ALTER TABLE outbox ADD COLUMN traceparent text;
