"""Measurements: the whole path and its stages, on servers started for them."""
