"""The hub's schema, forward only."""
