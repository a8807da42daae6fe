"""Backups at rest: sealed chunk by chunk, and nothing left out, moved, cut off or renamed goes unnoticed."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.backup import sealed
from infra.backup.sealed import CHUNK_BYTES, MAGIC, SALT_BYTES, TAG_BYTES, open_file, seal_file
from infra.runtime.refusals import Refusal

KEY, OTHER_KEY = bytes(32), bytes(31) + b"\1"
HEAD, FRAME = len(MAGIC) + SALT_BYTES, CHUNK_BYTES + TAG_BYTES
SECRET = "合成　密子".encode()
TWO_CHUNKS = SECRET * (CHUNK_BYTES // len(SECRET) + 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "000000010000000000000001.sealed"
    assert seal_file(path, KEY, [TWO_CHUNKS]) == len(TWO_CHUNKS)
    return path


def test_what_was_sealed_opens(file: Path) -> None:
    assert b"".join(open_file(file, KEY)) == TWO_CHUNKS


def test_a_sealed_file_is_the_owners_alone_and_shows_nothing(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET not in file.read_bytes()
    assert [path.name for path in file.parent.iterdir()] == [file.name]


FAULTS: dict[str, Callable[[bytes], bytes]] = {
    "a bit flipped": lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]),
    "the last chunk cut off": lambda whole: whole[: HEAD + FRAME],
    "the last byte cut off": lambda whole: whole[:-1],
    "the first chunk left out": lambda whole: whole[:HEAD] + whole[HEAD + FRAME :],
    "a chunk twice": lambda whole: whole[: HEAD + FRAME] + whole[HEAD:],
    "all chunks left out": lambda whole: whole[:HEAD],
    "another salt": lambda whole: whole[: HEAD - 1] + bytes([whole[HEAD - 1] ^ 1]) + whole[HEAD:],
    "no sealed file at all": lambda whole: whole[1:],
    "nothing": lambda _whole: b"",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_an_altered_file_is_refused(file: Path, fault: str) -> None:
    file.write_bytes(FAULTS[fault](file.read_bytes()))
    with pytest.raises(Refusal, match="BACKUP-ALTERED"):
        list(open_file(file, KEY))


def test_another_key_or_name_opens_nothing(file: Path) -> None:
    with pytest.raises(Refusal, match="BACKUP-ALTERED"):
        list(open_file(file, OTHER_KEY))
    renamed = file.rename(file.with_name("000000010000000000000002.sealed"))
    with pytest.raises(Refusal, match="BACKUP-ALTERED"):
        list(open_file(renamed, KEY))


@given(parts=st.lists(st.binary(max_size=40), max_size=8))
def test_parts_of_any_size_come_out_as_one(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("sealed") / "parts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed, "CHUNK_BYTES", 16)
        seal_file(path, KEY, parts)
        assert b"".join(open_file(path, KEY)) == b"".join(parts)


def test_a_failed_stream_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> object:
        yield b"synthetic"
        raise Refusal("BACKUP-FAILED", "it ended early")

    with pytest.raises(Refusal, match="BACKUP-FAILED"):
        seal_file(tmp_path / "base.sealed", KEY, broken())  # type: ignore[arg-type]
    assert not (tmp_path / "base.sealed").exists()
