"""The pool of numbers (個人番号の生成): invented ones with right check digits, each made from a resident code. Pure."""

import hmac
from hashlib import sha256

from infra.runtime.keys import derive
from topics.check_digits import my_number_digit
from topics.guarded import GivenNumber

BODY_DIGITS = 11


def number_for(key: bytes, resident_code: str) -> GivenNumber:
    """The number for this code, always the same, from which nobody without `key` finds the code (番号法第8条第2項).

    Two codes share a number once in 10^11: the register notices, and does not enter it.
    """
    drawn = hmac.digest(derive(key, "synthetic-numbers"), resident_code.encode("ascii"), sha256)
    body = f"{int.from_bytes(drawn) % 10**BODY_DIGITS:0{BODY_DIGITS}d}"
    return GivenNumber(body + my_number_digit(body))
