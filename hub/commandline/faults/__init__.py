"""``kairan simulate faults``: the real hub and recipients on a log and a store in memory."""
