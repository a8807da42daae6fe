"""Kairan's producers."""
