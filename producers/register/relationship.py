"""Relationship to the head (続柄), as the register's rules know it: `topics.relationship` holds the grammar."""

from topics.relationship import HEAD, is_relationship

__all__ = ["HEAD", "is_relationship"]
