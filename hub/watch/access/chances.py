"""How unlikely a count is: tails of the negative binomial, Poisson and binomial distributions, by `math.lgamma`."""

from collections.abc import Callable
from itertools import takewhile
from math import exp, inf, lgamma, log, log1p

NEGLIGIBLE = 1e-18


def negative_binomial_tail(count: int, mean: float, size: float) -> float:
    """P(X >= count) for a mean and a size (dispersion: the variance is mean + mean²/size; inf is Poisson)."""
    if mean <= 0:
        return 1.0 if count <= 0 else 0.0
    if size == inf:
        return poisson_tail(count, mean)
    whole = size * log(size / (size + mean))
    step = log(mean / (size + mean))
    return _tail(count, mean, lambda n: exp(lgamma(n + size) - lgamma(size) - lgamma(n + 1) + whole + n * step))


def poisson_tail(count: int, mean: float) -> float:
    """P(X >= count) for a mean."""
    if mean <= 0:
        return 1.0 if count <= 0 else 0.0
    return _tail(count, mean, lambda n: exp(n * log(mean) - mean - lgamma(n + 1)))


def binomial_tail(count: int, trials: int, rate: float) -> float:
    """P(X >= count) for so many trials at a rate of success."""
    if not 0 < rate < 1:
        return 1.0 if count <= rate * trials else 0.0
    whole = lgamma(trials + 1)
    odds = (log(rate), log1p(-rate))
    return sum(
        exp(whole - lgamma(n + 1) - lgamma(trials - n + 1) + n * odds[0] + (trials - n) * odds[1])
        for n in range(max(count, 0), trials + 1)
    )


def _tail(count: int, mean: float, chance: Callable[[int], float]) -> float:
    """Summed upwards where it is small, and as the rest of the head where it is not."""
    if count <= mean:
        return 1.0 - sum(map(chance, range(count)))
    return sum(takewhile(lambda each: each > NEGLIGIBLE, map(chance, range(count, count + 100_000))))
