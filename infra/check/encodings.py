"""The forms in which a text can turn up among bytes: how it is spelled, and how the spelling is encoded."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from urllib.parse import quote

GROUP = 4
BLANK, WIDE_BLANK = " ", "\u3000"
_WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_CHARACTER_SETS = ("utf-8", "utf-16-le", "utf-16-be", "cp932")
_ESCAPED_HEX = re.compile(r"(?<=\\[ux])[0-9a-f]+")

Encoded = Iterator[tuple[str, bytes]]


def encoded_forms(text: str) -> dict[bytes, str]:
    """Every form of `text` with the name of its spelling and encoding; one that several share has the first name."""
    forms: dict[bytes, str] = {}
    for spelling, spelled in _spellings(text):
        for encoding, form in _encodings(spelled):
            forms.setdefault(form, f"{spelling} {encoding}")
    return forms


def _spellings(text: str) -> Iterator[tuple[str, str]]:
    for name, spelled in _separated(text):
        yield name, spelled
        if any(character.isdigit() for character in spelled):
            yield f"full-width {name}", spelled.translate(_WIDE_DIGITS)


def _separated(text: str) -> Iterator[tuple[str, str]]:
    yield "plain", text
    if text.isdigit():
        groups = [text[start : start + GROUP] for start in range(0, len(text), GROUP)]
        yield "spaced", " ".join(text)
        yield "hyphenated", "-".join(text)
        yield "spaced by fours", " ".join(groups)
        yield "hyphenated by fours", "-".join(groups)
    elif WIDE_BLANK in text:
        yield "with a blank", text.replace(WIDE_BLANK, BLANK)
        yield "without a blank", text.replace(WIDE_BLANK, "")


def _encodings(text: str) -> Encoded:
    for name in _CHARACTER_SETS:
        try:
            octets = text.encode(name)
        except UnicodeEncodeError:
            continue
        yield name, octets
        yield from _base64(name, octets)
        yield f"hex of {name}", octets.hex().encode()
        yield f"upper hex of {name}", octets.hex().upper().encode()
    yield from _percent(text)
    yield from _escapes(text)


def _base64(name: str, octets: bytes) -> Encoded:
    alphabets: dict[str, Callable[[bytes], bytes]] = {"base64": b64encode, "base64url": urlsafe_b64encode}
    for alignment in range(3):
        for alphabet, encode in alphabets.items():
            yield f"{alphabet}+{alignment} of {name}", _inner(encode(bytes(alignment) + octets), alignment, octets)


def _inner(encoded: bytes, alignment: int, octets: bytes) -> bytes:
    """The characters that depend on `octets` alone, not on what stands before or after them."""
    return encoded[-(-alignment * 8 // 6) : (alignment + len(octets)) * 8 // 6]


def _percent(text: str) -> Encoded:
    quoted, every = quote(text, safe=""), "".join(f"%{octet:02X}" for octet in text.encode())
    yield "percent", quoted.encode()
    yield "lower percent", _lower_percent(quoted).encode()
    yield "percent of everything", every.encode()
    yield "lower percent of everything", every.lower().encode()


def _lower_percent(quoted: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)


def _escapes(text: str) -> Encoded:
    """As in JSON, and as Python shows bytes."""
    units = text.encode("utf-16-be").hex(" ", 2).split()
    shown = "".join(chr(octet) if 0x20 <= octet < 0x7F else f"\\x{octet:02x}" for octet in text.encode())
    every = "".join(f"\\x{octet:02x}" for octet in text.encode())
    written = {
        "JSON": json.dumps(text)[1:-1],
        "JSON of everything": "".join(f"\\u{unit}" for unit in units),
        "bytes": shown,
        "bytes of everything": every,
    }
    for name, form in written.items():
        yield f"escaped as {name}", form.encode()
        yield f"upper escaped as {name}", _ESCAPED_HEX.sub(lambda found: found[0].upper(), form).encode()
