"""The access log's analysis (アクセスログの分析): windows over look-ups, rules on them, a list for review."""
