"""Kairan's consumers."""
