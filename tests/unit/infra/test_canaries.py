"""The canary scan: every form of a planted value is found and named, and nothing is found where nothing stands."""

import base64
import json
import re
from random import Random
from urllib.parse import quote, quote_plus

import pytest

from infra.check.canaries import EVERYTHING, Canary, Kind, Scan
from infra.check.encodings import encoded_forms
from producers.synthetic.people import my_number, resident_code

NUMBER = Canary(Kind.MY_NUMBER, 1, "123456789018")
NAME = Canary(Kind.NAME, 2, "鸑鷟　𠮷乃")
ADDRESS = Canary(Kind.ADDRESS, 3, "神奈川県海老名市合成町9番27号")
SCAN = Scan((NUMBER, NAME, ADDRESS))
MEBIBYTE = 1 << 20

INDEPENDENT = {
    "a log line": (NAME, json.dumps({"event": f"told {NAME.value}"}).encode()),
    "UTF-8": (ADDRESS, f"<td>{ADDRESS.value}</td>".encode()),
    "UTF-16": (NAME, f"氏名{NAME.value}".encode("utf-16")),
    "UTF-16 big end first": (NUMBER, f"x{NUMBER.value}x".encode("utf-16-be")),
    "Shift_JIS": (ADDRESS, f"住所,{ADDRESS.value}\r\n".encode("cp932")),
    "an address in a query": (ADDRESS, b"GET /?q=" + quote(ADDRESS.value).encode()),
    "a blank as plus": (NAME, b"q=" + quote_plus(NAME.value).encode()),
    "lower percent": (NAME, quote(NAME.value).lower().encode()),
    "JSON in capitals": (NAME, re.sub(r"(?<=\\u)....", lambda m: m[0].upper(), json.dumps(NAME.value)).encode()),
    "bytes as Python shows them": (ADDRESS, repr(f"({ADDRESS.value})".encode()).encode()),
    "hex": (NUMBER, f"a{NUMBER.value}".encode().hex().encode()),
    "hex in capitals": (NAME, f"a{NAME.value}".encode().hex().upper().encode()),
    "full-width": (NUMBER, "番号１２３４５６７８９０１８".encode()),
    "full-width in JSON": (NUMBER, json.dumps("１２３４５６７８９０１８").encode()),
    "full-width by fours": (NUMBER, "１２３４-５６７８-９０１８".encode("utf-16-le")),
    "full-width in an address": (ADDRESS, "神奈川県海老名市合成町９番２７号".encode()),
    "spaced": (NUMBER, b"1 2 3 4 5 6 7 8 9 0 1 8"),
    "spaced by fours": (NUMBER, b"1234 5678 9018"),
    "hyphenated": (NUMBER, b"1-2-3-4-5-6-7-8-9-0-1-8"),
    "hyphenated by fours": (NUMBER, base64.b64encode(b"no. 1234-5678-9018.")),
    "a narrow blank": (NAME, NAME.value.replace("\u3000", " ").encode()),
    "no blank": (NAME, NAME.value.replace("\u3000", "").encode()),
}


@pytest.mark.parametrize("written", INDEPENDENT)
def test_what_others_encode_is_found(written: str) -> None:
    canary, octets = INDEPENDENT[written]
    assert {(leak.kind, leak.ordinal) for leak in SCAN.leaks("plain", octets)} == {(canary.kind, canary.ordinal)}


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("canary", [NUMBER, NAME, ADDRESS], ids=lambda canary: canary.kind.value)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_in_every_alignment(encode: object, canary: Canary, before: int) -> None:
    assert callable(encode)
    octets = encode(b"~" * before + canary.value.encode() + b"?>")
    assert {leak.kind for leak in SCAN.leaks("plain", octets)} == {canary.kind}


@pytest.mark.parametrize("canary", [NUMBER, NAME, ADDRESS], ids=lambda canary: canary.kind.value)
def test_each_planted_form_is_found_at_its_place(canary: Canary) -> None:
    random = Random(f"{canary.kind}")  # noqa: S311 - the same every time
    for form, encoding in encoded_forms(canary.value).items():
        start = random.randrange(500)
        octets = random.randbytes(start) + form + random.randbytes(500)
        found = [leak for leak in SCAN.leaks("noise", octets) if leak.encoding == encoding]
        assert [(leak.artefact, leak.kind, leak.ordinal, leak.offset) for leak in found] == [
            ("noise", canary.kind, canary.ordinal, start)
        ], encoding


def test_there_is_no_false_alarm() -> None:
    random = Random(5)  # noqa: S311 - the same every time
    digits = "".join(random.choices("0123456789", k=MEBIBYTE)).encode()
    others = b"\n".join(
        f"{my_number(random)} {resident_code(random)} 鸑鷟　太郎 神奈川県海老名市合成町9番28号".encode()
        for _ in range(5000)
    )
    noise = random.randbytes(2 * MEBIBYTE)
    for octets in (noise, base64.b64encode(noise), noise.hex().encode(), digits, others):
        assert list(SCAN.leaks("noise", octets)) == []


def test_what_is_permitted_is_not_a_leak() -> None:
    octets = f"{NAME.value},{NUMBER.value}".encode()
    assert [leak.kind for leak in SCAN.leaks("plain", octets, frozenset({Kind.NAME}))] == [Kind.MY_NUMBER]
    assert list(SCAN.leaks("plain", octets, EVERYTHING)) == []


def test_no_value_is_shown() -> None:
    leak = next(SCAN.leaks("plain", NUMBER.value.encode()))
    shown = f"{NUMBER!r} {NAME} {leak!r} {leak}"
    assert list(SCAN.leaks("shown", shown.encode())) == []


def test_a_value_too_short_to_be_told_from_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="the name canary 4 is too short"):
        Scan([Canary(Kind.NAME, 4, "山")])
    with pytest.raises(ValueError, match="no canaries"):
        Scan([])
