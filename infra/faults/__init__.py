"""Faults brought about on purpose: a network that fails, a clock that is wrong, a disk that is full."""
