"""The tamper-evident ledger's mathematics: RFC 6962 trees, tiles, signed notes; no input, no output."""
