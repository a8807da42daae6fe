"""Throttled log-in: after a few failures everybody waits, longer each time. Pure."""

COUNTED_SECONDS = 900.0
"""Failures older than this count no more."""
FREE_FAILURES = 5
FREE_FAILURES_OF_ADDRESS = 30
FIRST_WAIT_SECONDS = 15.0


def wait_seconds(of_name: int, of_address: int, since_last: float | None) -> float:
    """How long the next attempt must wait, from the failures that count and the time since the last; 0 for at once."""
    beyond = max(of_name - FREE_FAILURES, of_address - FREE_FAILURES_OF_ADDRESS)
    if beyond < 0 or since_last is None:
        return 0.0
    wait = min(COUNTED_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(beyond, 10))
    return max(0.0, wait - since_last)
