"""Backups of a database server: base backups and its write-ahead log, encrypted, and what they are restored from."""
