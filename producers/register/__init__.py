"""The resident register (住民基本台帳): filings in, history and changes out; My Number and resident code kept apart."""
