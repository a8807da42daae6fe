"""Check digits of the numbers in a register; all arithmetic on ASCII digits, never on what merely looks like one."""

from collections.abc import Sequence

_MY_NUMBER_WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)


def my_number_digit(body: str) -> str:
    """Check digit of a My Number (個人番号) body of 11 digits; 平成26年総務省令第85号第5条."""
    return _modulus_11(body, _MY_NUMBER_WEIGHTS)


def resident_code_digit(body: str) -> str:
    """Check digit of a resident code (住民票コード) body of 10 digits: modulus 11, weights 2-7."""
    return _modulus_11(body, _weights_2_to_7(10))


def serial_digit(body: str) -> str | None:
    """Check digit of an addressee or household number (宛名番号・世帯番号); None for a serial that must be skipped.

    標準仕様書 1.1.13 defines modulus 11 with weights 2-7 and "remainder 0 gives 0"; remainder 1 is left undefined.
    """
    remainder = _weighted(body, _weights_2_to_7(len(body))) % 11
    if remainder == 1:
        return None
    return str((11 - remainder) % 11)


def municipality_digit(body: str) -> str:
    """Check digit of a municipality code (市町村コード) body of 5 digits; JIS X 0401 and 0402."""
    return str((11 - _weighted(body, _MUNICIPALITY_WEIGHTS) % 11) % 10)


def is_my_number(text: str) -> bool:
    """Whether `text` is 12 ASCII digits with a right check digit."""
    return _is_digits(text, 12) and my_number_digit(text[:11]) == text[11]


def is_resident_code(text: str) -> bool:
    """Whether `text` is 11 ASCII digits with a right check digit."""
    return _is_digits(text, 11) and resident_code_digit(text[:10]) == text[10]


def is_serial(text: str) -> bool:
    """Whether `text` is an addressee or household number: 10 ASCII digits with a right check digit."""
    return _is_digits(text, 10) and serial_digit(text[:9]) == text[9]


def is_municipality_code(text: str) -> bool:
    """Whether `text` is 6 ASCII digits with a right check digit."""
    return _is_digits(text, 6) and municipality_digit(text[:5]) == text[5]


def _modulus_11(body: str, weights: Sequence[int]) -> str:
    remainder = _weighted(body, weights) % 11
    return "0" if remainder <= 1 else str(11 - remainder)


def _weighted(body: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))


def _weights_2_to_7(length: int) -> tuple[int, ...]:
    return tuple(2 + place % 6 for place in reversed(range(length)))


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()
