"""Watches: how far every recipient is."""
