"""Sends: copies delivery rows to their topics, in order, and never decides."""
