"""Kairan's hub."""
