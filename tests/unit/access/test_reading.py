"""What is no entry is told by a code, and the entry of another place is none here."""

from pathlib import Path

import pytest

from hub.watch.access.reading import OTHER_PLACE, UNREADABLE, Reader, UnfitError
from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.settings import Settings, load_settings
from tests.sealing import sealed_as
from tests.unit.access.entries import CITY, MONDAY, looked, up_to
from topics.catalogue import DESK, HUB, REGISTER
from topics.envelope.places import access_terms, change_terms
from topics.envelope.run import Terms
from topics.messages.access import Entry

ELSEWHERE = "142166"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Keys of everybody, and nothing that runs."""
    own = {
        "keys_directory": tmp_path / "keys",
        "key_encryption_file": tmp_path / "key-encryption",
        "key_register_directory": tmp_path / "register",
    }
    made = load_settings(state_directory=tmp_path, **own)
    create_keys(made, [])
    return made


@pytest.mark.parametrize("writer", [REGISTER, DESK])
@pytest.mark.parametrize("entry", [looked("a1", MONDAY, "x"), up_to(MONDAY)])
def test_both_writers_are_read(settings: Settings, writer: str, entry: Entry) -> None:
    value = sealed_as(settings, access_terms("", writer, CITY), "key", 7, entry.to_wire())
    assert Reader(settings, CITY, KeyRing(settings)).read(value, b"key") == (entry, 7)


@pytest.mark.parametrize(
    ("terms", "payload", "code"),
    [
        (access_terms("", REGISTER, ELSEWHERE), up_to(MONDAY).to_wire(), "ENV-MUNICIPALITY"),
        (access_terms("", REGISTER, CITY), b"{}", UNREADABLE),
        (access_terms("", REGISTER, CITY), up_to(MONDAY).to_wire()[:-1] + b',"more":1}', UNREADABLE),
        (access_terms("", DESK, CITY), up_to(MONDAY).to_wire().replace(CITY.encode(), ELSEWHERE.encode()), OTHER_PLACE),
        (access_terms("", HUB, CITY), up_to(MONDAY).to_wire(), "ENV-SENDER"),
        (change_terms("", CITY), up_to(MONDAY).to_wire(), "ENV-RECIPIENT"),
    ],
)
def test_what_is_no_entry_is_told_by_code(settings: Settings, terms: Terms, payload: bytes, code: str) -> None:
    value = sealed_as(settings, terms, "key", 1, payload)
    with pytest.raises(UnfitError, match=code):
        Reader(settings, CITY, KeyRing(settings)).read(value, b"key")
    with pytest.raises(UnfitError, match="ENV-MALFORMED"):
        Reader(settings, CITY, KeyRing(settings)).read(None, None)
