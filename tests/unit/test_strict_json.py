"""JSON on which parsers differ is refused, and never quoted."""

import pytest

from topics.messages.inbound import read_inbound
from topics.strict_json import LARGEST_BYTES, AmbiguousJsonError, unambiguous

PLANTED = "123456789018"
AMBIGUOUS = {
    "a member twice": f'{{"a":"{PLANTED}","a":"{PLANTED}"}}'.encode(),
    "a member twice, deep within": b'[{"a":[{"b":1,"b":1}]}]',
    "the same name, written otherwise": b'{"a":1,"\\u0061":2}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "a number beyond a double": b'{"a":1e999}',
    "a number of too many digits": b"9" * 100_000,
    "nesting without end": b"[" * 100_000,
    "an object cut off": f'{{"a":"{PLANTED}'.encode(),
    "Shift_JIS": '{"a":"合成"}'.encode("shift_jis"),
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "nothing": b"",
    "too much": b'"' + b"x" * LARGEST_BYTES + b'"',
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_the_ambiguous_is_refused_without_a_quotation(case: str) -> None:
    with pytest.raises(AmbiguousJsonError) as refusal:
        unambiguous(AMBIGUOUS[case])
    assert PLANTED not in str(refusal.value)
    assert refusal.value.__context__ is None or refusal.value.__suppress_context__


@pytest.mark.parametrize("text", ['{"a":1,"b":{"a":1.5}}', "[]", '"合成\U000e0100"', "-0.0"])
def test_plain_json_stays_as_it_is(text: str) -> None:
    assert unambiguous(text) == unambiguous(text.encode()) == text.encode()


@pytest.mark.parametrize("field", ["number", "generation", "first", "last"])
def test_counts_are_bounded(field: str) -> None:
    counts = {"number": 1, "generation": 1, "first": 1, "last": 1} | {field: 10**30}
    told = ",".join(f'"{name}":{value}' for name, value in counts.items())
    with pytest.raises(ValueError, match=field):
        read_inbound(f'{{"type":"resend","party":"welfare","municipality":"142158",{told}}}'.encode())
