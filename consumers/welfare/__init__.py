"""The welfare department (福祉総務課)."""
