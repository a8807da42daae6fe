"""Inquiries (情報照会) of other institutions, answered from the secondary copies and logged (情報提供)."""
