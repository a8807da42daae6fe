-- The trace context of a change, random and of it alone, for who follows it with a collector; none while no traces are taken.
ALTER TABLE outbox ADD COLUMN traceparent text;
