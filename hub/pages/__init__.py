"""The operations pages (運用画面): what moves, what waits, why, and since when; for people with an account."""
