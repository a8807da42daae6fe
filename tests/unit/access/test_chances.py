"""Tails of distributions, against sums in fractions and against what is in the tables."""

from fractions import Fraction
from math import comb, inf

import pytest

from hub.watch.access.chances import binomial_tail, negative_binomial_tail, poisson_tail


@pytest.mark.parametrize(
    ("count", "trials", "rate"), [(0, 5, 0.3), (3, 5, 0.3), (5, 5, 0.3), (30, 40, 0.06), (6, 5, 0.5)]
)
def test_binomial(count: int, trials: int, rate: float) -> None:
    share = Fraction(rate)
    exact = sum(comb(trials, n) * share**n * (1 - share) ** (trials - n) for n in range(count, trials + 1))
    assert binomial_tail(count, trials, rate) == pytest.approx(float(exact), rel=1e-9)


@pytest.mark.parametrize(
    ("count", "mean", "tail"), [(0, 2.0, 1.0), (1, 2.0, 0.8646647), (5, 1.0, 0.00365985), (3, 0.0, 0.0)]
)
def test_poisson(count: int, mean: float, tail: float) -> None:
    assert poisson_tail(count, mean) == pytest.approx(tail, rel=1e-6)


def test_negative_binomial_of_whole_size_counts_failures() -> None:
    """Of size 3 and mean 6 a success has the chance 1/3; three of them wait for `count` failures as binomials say."""
    for count in (0, 1, 6, 20, 60):
        exact = sum(comb(count + 2, n) * Fraction(1, 3) ** n * Fraction(2, 3) ** (count + 2 - n) for n in range(3))
        assert negative_binomial_tail(count, 6.0, 3.0) == pytest.approx(float(exact) if count else 1.0, rel=1e-6)


def test_negative_binomial_without_dispersion_is_poisson() -> None:
    assert negative_binomial_tail(40, 20.0, inf) == poisson_tail(40, 20.0)
    assert negative_binomial_tail(40, 20.0, 1e9) == pytest.approx(poisson_tail(40, 20.0), rel=1e-3)
    assert negative_binomial_tail(40, 20.0, 12.0) > 20 * poisson_tail(40, 20.0)
