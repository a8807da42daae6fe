"""The list of what ought to stand at a recipient as a file: whole, of one making, for whom it was sealed."""

from pathlib import Path

import pytest

from consumers.kit.consistency_list import FORM, read_list
from hub.consistency import write_list
from infra.check.consistency import batches
from infra.check.sources import Standing, Standings
from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics.declared import declared_by_recipient
from topics.messages.consistency import BATCH_RESIDENTS, ConsistencyBatch

CITY = "142158"
GRANTS = declared_by_recipient()
PREFECTURE, OTHER = GRANTS["prefecture"], GRANTS["jlis"]
RESIDENTS = BATCH_RESIDENTS + 1


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Keys of both tiers, and nothing that runs."""
    own = {
        "keys_directory": tmp_path / "keys",
        "key_encryption_file": tmp_path / "key-encryption",
        "key_register_directory": tmp_path / "register",
    }
    made = load_settings(state_directory=tmp_path, **own)
    create_keys(made, ["prefecture", "jlis"])
    return made


def _made(city: str = CITY) -> list[ConsistencyBatch]:
    standings = (Standing(f"r-{n}", f"s-{n:04}", 1, n, settled=True) for n in range(1, RESIDENTS + 1))
    return batches(PREFECTURE, city, Standings(1, RESIDENTS, tuple(standings)), {})


def _refusal(settings: Settings, path: Path, *, city: str = CITY, other: bool = False) -> str:
    with pytest.raises(Refusal) as caught:
        read_list(settings, KeyRing(settings), OTHER if other else PREFECTURE, city, path)
    return caught.value.code


def test_it_is_read_as_it_was_written_and_is_the_owners_alone(settings: Settings) -> None:
    made, ring = _made(), KeyRing(settings)
    path = write_list(settings, ring, PREFECTURE, made)
    assert path.stat().st_mode & 0o077 == 0
    assert read_list(settings, ring, PREFECTURE, CITY, path) == made
    assert len(made) == 2 and b"s-0001" not in path.read_bytes()


def test_nobody_else_and_no_other_place_is_meant(settings: Settings) -> None:
    path = write_list(settings, KeyRing(settings), PREFECTURE, _made())
    assert _refusal(settings, path, other=True).startswith("ENV-")
    assert _refusal(settings, path, city="142166").startswith("ENV-")


def test_what_was_cut_altered_or_put_together_is_none(settings: Settings) -> None:
    made, again, ring = _made(), _made(), KeyRing(settings)
    path = write_list(settings, ring, PREFECTURE, made)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert _refusal(settings, path) == FORM
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert _refusal(settings, path) == "ENV-ALTERED"
    for mixed in ([made[0]], [made[0], again[1]], [made[1], made[0]], [made[0], made[0]]):
        assert _refusal(settings, write_list(settings, ring, PREFECTURE, mixed)) == FORM
    path.write_bytes(b"")
    assert _refusal(settings, path) == FORM
