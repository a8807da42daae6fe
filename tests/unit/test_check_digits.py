"""Check digits against published vectors and an independent implementation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.jp import in_ as oracle

from topics.check_digits import is_municipality_code, is_my_number, is_resident_code, is_serial, my_number_digit


@pytest.mark.parametrize("number", ["123456789018", "983205673214", "581218618556", "899176582955"])
def test_valid_my_numbers(number: str) -> None:
    assert is_my_number(number)


@pytest.mark.parametrize("text", ["983205673210", "１２３４５６７８９０１８", "123456789018\n", "12345678901"])
def test_what_is_not_a_my_number(text: str) -> None:
    assert not is_my_number(text)


@given(st.text(alphabet="0123456789", min_size=11, max_size=11))
def test_my_number_digit_agrees_with_an_independent_implementation(body: str) -> None:
    assert my_number_digit(body) == oracle.calc_check_digit(body)


@pytest.mark.parametrize("code", ["24727059608", "24846016224", "25208017643"])
def test_valid_resident_codes(code: str) -> None:
    assert is_resident_code(code)


@pytest.mark.parametrize("code", ["142158", "140007", "142166", "010006", "475", "142159"])
def test_municipality_codes(code: str) -> None:
    assert is_municipality_code(code) == (code not in {"475", "142159"})


def test_a_serial_with_an_undefined_check_digit_is_never_valid() -> None:
    undefined = [f"{body:09}" for body in range(200) if not any(is_serial(f"{body:09}{d}") for d in range(10))]
    assert 10 <= len(undefined) <= 30
