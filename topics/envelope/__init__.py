"""The envelope: every record is sealed to exactly one party, so that nothing readable lies on the broker."""
