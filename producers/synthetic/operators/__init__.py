"""Synthetic operators: a year of ordinary look-ups at the counter, with misuse planted in it, the same for one seed."""
