"""Every threshold of the rules, with its unit; measured on a synthetic year (docs/why/access.md)."""

from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True, slots=True)
class Limits:
    """What the rules allow before they say something."""

    case_days: int = 1
    """A look-up is explained by a filing or document of one of the residents shown, at most so many days apart."""
    unexplained_a_day: int = 2
    """R1: unexplained look-ups of one operator on one day; a single one is left to R2 and to samples."""
    repeated: int = 3
    """R2: unexplained look-ups of one resident by one operator, within `repeated_days`."""
    repeated_days: int = 270
    """R2: 宮崎's case was 17 look-ups in nine months."""
    crowd_probability: float = 1e-4
    """R3: how unlikely so many operators on one resident must be, given the filings about that resident."""
    crowd_rate: float = 0.2
    """R3: operators expected on a resident in a week without any filing."""
    crowd_rate_a_case: float = 0.8
    """R3: operators expected for each filing or document on top."""
    crowd_days: int = 7
    broad_found: int = 5
    """R7: a search that shows so many residents, or finds too many to show, is broad."""
    broad_a_day: int = 5
    """R7: broad searches of one operator on one day."""
    opens: time = time(7, 30)
    closes: time = time(20, 0)
    """R8: from an hour before the counter opens until the latest overtime that is usual, in Japan's time."""
    volume_probability: float = 0.001
    """R9, R12: how unlikely a day's count must be under the negative binomial model."""
    history_days: int = 60
    """R9, R12: worked days from which an operator's usual count is taken."""
    least_history_days: int = 20
    least_others: int = 5
    """R9: other operators at work that day, from whom the day's effect is taken."""
    growth_days: int = 56
    """R10: how long a growth is added up; the usual count is taken from the days before."""
    growth_allowance: float = 0.1
    """R10: a week's growth, as a natural logarithm, that is not counted."""
    growth_limit: float = 0.8
    """R10: what the rest may add up to (CUSUM)."""
    failed_searches: int = 8
    """R12: searches without a result on one day, at least."""
    failed_probability: float = 1e-5
    """R12: how unlikely so many failures must be at the rate of all operators."""


LIMITS = Limits()
