"""Drills on the real thing: a fault under load, its healing, and the proof that nothing was lost, doubled or leaked."""
