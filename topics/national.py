"""The tiers of Juki-net: what the prefecture registered it passes on to the national role (機構).

住民基本台帳法第30条の7.
"""

from collections.abc import Sequence

from topics.grant import Grant

PREFECTURE = "prefecture"
NATIONAL = "jlis"


def has_tiers(grants: Sequence[Grant]) -> bool:
    """Whether both tiers have a grant: only then is anything passed on."""
    return {PREFECTURE, NATIONAL} <= {grant.recipient for grant in grants}
