"""Schemas of what travels inside the envelopes (JSON Schema 2020-12): derived, released, kept."""
