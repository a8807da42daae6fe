"""Two institutions must not be able to join their codes of a person without the secrets."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.intermediate.link_codes import link_code
from topics.guarded import LinkCode, Purpose

PERSONS = 20_000
BITS = 128
RANDOM = Random(20260511)  # noqa: S311
LINK_NUMBERS = [RANDOM.randbytes(16).hex() for _ in range(PERSONS)]
SECRETS = {"pension-office": RANDOM.randbytes(32), "tax-office": RANDOM.randbytes(32)}
"""Fixed, so that a statistic that passes passes always."""


def _plain(code: LinkCode) -> str:
    return code.reveal(Purpose.HOLD)


def _bits(code: str) -> int:
    """The 128 bits of a code's 26 base32 characters (the last two bits are padding)."""
    value = 0
    for character in code:
        value = value << 5 | "abcdefghijklmnopqrstuvwxyz234567".index(character)
    return value >> 2


CODES = {key: [_plain(link_code(secret, key, n)) for n in LINK_NUMBERS] for key, secret in SECRETS.items()}
BITS_OF = {key: [_bits(code) for code in codes] for key, codes in CODES.items()}
A, B = BITS_OF["pension-office"], BITS_OF["tax-office"]
NUMBERS = [int(number, 16) for number in LINK_NUMBERS]


def test_codes_are_unique_and_no_value_is_common_to_two_institutions() -> None:
    everything = [code for codes in CODES.values() for code in codes]
    assert len(set(everything)) == 2 * PERSONS


def test_two_codes_of_one_person_differ_in_half_their_bits_as_strangers_do() -> None:
    own = sum((a ^ b).bit_count() for a, b in zip(A, B, strict=True)) / PERSONS
    strangers = sum((a ^ b).bit_count() for a, b in zip(A, B[1:] + B[:1], strict=True)) / PERSONS
    assert abs(own - BITS / 2) < 0.15 and abs(strangers - BITS / 2) < 0.15


@pytest.mark.parametrize(("one", "other"), [(A, B), (A, NUMBERS), (B, NUMBERS)], ids=["A-B", "A-number", "B-number"])
def test_the_order_of_codes_tells_nothing(one: Sequence[int], other: Sequence[int]) -> None:
    assert abs(_spearman(one, other)) < 4 / PERSONS**0.5


def test_the_rank_correlation_sees_an_order_that_is_there() -> None:
    assert _spearman(A, [value >> 64 for value in A]) > 0.99
    assert _spearman(A, [-value for value in A]) < -0.99


def test_each_bit_is_set_in_half_the_codes() -> None:
    for codes in (A, B):
        deviations = [sum(code >> bit & 1 for code in codes) - PERSONS / 2 for bit in range(BITS)]
        chi_square = sum(deviation**2 / (PERSONS / 4) for deviation in deviations)
        assert chi_square < BITS + 4 * (2 * BITS) ** 0.5


def test_the_nearest_code_is_the_persons_own_no_more_often_than_by_chance() -> None:
    """By value and by Hamming distance; chance is one hit in the sample."""
    sample = 500
    ordered = sorted(range(PERSONS), key=B.__getitem__)
    values = [B[index] for index in ordered]
    near = [ordered[min(bisect_left(values, A[n]), PERSONS - 1)] for n in range(PERSONS)]
    assert sum(found == n for n, found in enumerate(near)) <= 8
    assert sum(_nearest(A[n], B[:sample]) == n for n in range(sample)) <= 8


def _nearest(code: int, others: Sequence[int]) -> int:
    """The place of the code among `others` that differs in the fewest bits."""
    return min(range(len(others)), key=lambda place: (code ^ others[place]).bit_count())


LINKERS: dict[str, Callable[[int, int], bool]] = {
    "hamming distance": lambda a, b: (a ^ b).bit_count() < BITS / 2,
    "numeric distance": lambda a, b: abs(a - b) < 1 << (BITS - 2),
    "equal halves": lambda a, b: (a >> 64 ^ b & (1 << 64) - 1).bit_count() < 32,
    "common letters": lambda a, b: sum((Counter(f"{a:032x}") & Counter(f"{b:032x}")).values()) > 16,
    "own code under the other's secret": lambda a, b: _with_known_secret(a) ^ b < 1 << (BITS - 1),
}


def _with_known_secret(a: int) -> int:
    """What a colluder who has A's secret can do with A's code towards B: anything but invert it."""
    return _bits(_plain(link_code(SECRETS["pension-office"], "tax-office", f"{a:032x}")))


@pytest.mark.parametrize("linker", LINKERS)
def test_real_or_random_is_a_guess(linker: str) -> None:
    """Given A's code and either the same person's or a stranger's at B, a linker is right half of the time."""
    guess, random, rounds = LINKERS[linker], Random(7), 10_000  # noqa: S311
    right = 0
    for _ in range(rounds):
        person, is_real = random.randrange(PERSONS), random.random() < 0.5
        other = person if is_real else (person + random.randrange(1, PERSONS)) % PERSONS
        right += guess(A[person], B[other]) is is_real
    assert abs(right / rounds - 0.5) < 0.02


def test_a_linker_with_the_secret_and_the_link_number_would_win() -> None:
    """Else the game could not be won at all: whoever has B's secret and the numbers makes B's codes."""
    made = [_plain(link_code(SECRETS["tax-office"], "tax-office", number)) for number in LINK_NUMBERS[:50]]
    assert made == CODES["tax-office"][:50]


def test_one_secret_does_not_make_the_others_codes() -> None:
    forged = {_plain(link_code(SECRETS["pension-office"], "tax-office", number)) for number in LINK_NUMBERS}
    assert not forged & set(CODES["tax-office"])


@given(st.binary(min_size=32, max_size=32), st.text("0123456789abcdef", min_size=32, max_size=32))
def test_the_same_person_has_the_same_code_and_another_institution_another(secret: bytes, number: str) -> None:
    """It depends on secret, institution and link number alone: a changed My Number or name leaves it."""
    code = link_code(secret, "tax-office", number)
    assert code == link_code(bytes(secret), "tax-office", str(number))
    assert code != link_code(secret, "pension-office", number)
    assert len(_plain(code)) == 26


def _spearman(one: Sequence[int], other: Sequence[int]) -> float:
    """The rank correlation of two equally long sequences without ties."""
    count = len(one)
    squares = sum((a - b) ** 2 for a, b in zip(_ranks(one), _ranks(other), strict=True))
    return 1 - 6 * squares / (count * (count**2 - 1))


def _ranks(values: Sequence[int]) -> list[int]:
    ranks = [0] * len(values)
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        ranks[index] = rank
    return ranks
