"""Check digits against published vectors and an independent implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.jp import in_ as oracle

from topics.check_digits import (
    is_municipality_code,
    is_my_number,
    is_resident_code,
    is_serial,
    municipality_digit,
    my_number_digit,
    resident_code_digit,
    serial_digit,
)

MY_NUMBERS = (
    "123456789018", "983205673214", "581218618556", "531848819420", "659776969100", "899176582955", "903720089190",
    "323597784019",
)  # fmt: skip
MUNICIPALITIES = (
    "142158", "140007", "141003", "141305", "141500", "142166", "142182", "142123", "142051", "142077", "143219",
    "143634", "144011", "144029", "010006", "011002", "130001", "131016", "271004", "401307", "075469", "470007",
)  # fmt: skip


def _digits(length: int) -> st.SearchStrategy[str]:
    return st.text(alphabet="0123456789", min_size=length, max_size=length)


@pytest.mark.parametrize("number", MY_NUMBERS)
def test_valid_my_numbers(number: str) -> None:
    assert is_my_number(number) and oracle.is_valid(number)


@pytest.mark.parametrize("text", ["983205673210", "１２３４５６７８９０１８", "123456789018\n", "12345678901", ""])
def test_what_is_not_a_my_number(text: str) -> None:
    assert not is_my_number(text)


@given(_digits(11))
def test_my_number_digit_agrees_with_an_independent_implementation(body: str) -> None:
    assert my_number_digit(body) == oracle.calc_check_digit(body)


@given(_digits(12))
def test_my_numbers_agree_with_an_independent_implementation(number: str) -> None:
    assert is_my_number(number) == oracle.is_valid(number)


@pytest.mark.parametrize("code", ["24727059608", "24846016224", "25208017643"])
def test_valid_resident_codes(code: str) -> None:
    assert is_resident_code(code)


@pytest.mark.parametrize("code", ["25208017644", "2520801764", "２４７２７０５９６０８", "24727059608 "])
def test_what_is_not_a_resident_code(code: str) -> None:
    assert not is_resident_code(code)


@given(_digits(10))
def test_a_resident_code_is_weighted_as_a_my_number_is(body: str) -> None:
    """Both are modulus 11, weights 2 to 7: a body of ten with a leading 0 is one of eleven."""
    assert resident_code_digit(body) == my_number_digit("0" + body)


@pytest.mark.parametrize("code", MUNICIPALITIES)
def test_municipality_codes(code: str) -> None:
    assert is_municipality_code(code)
    assert municipality_digit(code[:5]) == code[5]


@pytest.mark.parametrize("code", ["475", "142159", "14215", "10006", "1421580"])
def test_what_is_no_municipality_code(code: str) -> None:
    assert not is_municipality_code(code)


@given(_digits(9))
def test_a_serial_has_the_digit_of_modulus_11_or_none(body: str) -> None:
    """標準仕様書 1.1.13: remainder 0 gives 0; remainder 1 is left open, and such a serial is skipped."""
    remainder = sum(int(digit) * weight for digit, weight in zip(reversed(body), (2, 3, 4, 5, 6, 7) * 2, strict=False))
    digit = serial_digit(body)
    assert (digit is None) == (remainder % 11 == 1)
    assert digit is None or is_serial(body + digit)
    assert digit is None or (remainder + int(digit)) % 11 == 0


def test_one_serial_in_eleven_is_skipped() -> None:
    undefined = [f"{body:09}" for body in range(1100) if serial_digit(f"{body:09}") is None]
    assert len(undefined) == 100
    assert not any(is_serial(body + str(digit)) for body in undefined for digit in range(10))
