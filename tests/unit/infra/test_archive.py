"""The archive: what the server left is sealed, copied elsewhere, and forgotten when it is needed no more."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.backup.archive import Archive
from infra.runtime.refusals import Refusal

KEY = bytes(32)
SEGMENTS = tuple(f"0000000100000000000000{number:02X}" for number in range(1, 5))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "here", tmp_path / "there", KEY)


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    directory = tmp_path / "spool"
    directory.mkdir()
    for name in SEGMENTS:
        (directory / name).write_bytes(name.encode())
    (directory / f".{SEGMENTS[0]}").write_bytes(b"half")
    return directory


def test_finished_files_are_sealed_and_leave_the_spool(archive: Archive, spool: Path) -> None:
    assert archive.take_in(spool) == len(SEGMENTS)
    assert [path.name for path in spool.iterdir()] == [f".{SEGMENTS[0]}"]
    kept = list(archive.segments(SEGMENTS[2]))
    assert [b"".join(archive.opened(path)).decode() for path in kept] == list(SEGMENTS[2:])
    assert archive.take_in(spool) == 0


def test_everything_is_copied_elsewhere_as_it_is(archive: Archive, spool: Path) -> None:
    archive.take_in(spool)
    archive.keep_base(SEGMENTS[0], [b"synthetic"])
    assert archive.offsite is not None
    files = [path.relative_to(archive.directory) for path in archive.directory.glob("*/*")]
    assert len(files) == len(SEGMENTS) + 2
    assert all((archive.offsite / name).read_bytes() == (archive.directory / name).read_bytes() for name in files)


def test_the_latest_base_before_a_moment_is_taken(archive: Archive) -> None:
    first, second = (archive.keep_base(SEGMENTS[n], [b"synthetic"]) for n in (0, 2))
    assert archive.base_before(None) == second
    assert archive.base_before(second.ended) == second
    assert archive.base_before(second.ended - timedelta(microseconds=1)) == first
    with pytest.raises(Refusal, match="BACKUP-NO-BASE"):
        archive.base_before(datetime(2020, 1, 1, tzinfo=UTC))


def test_a_base_without_its_last_word_is_none(archive: Archive) -> None:
    base = archive.keep_base(SEGMENTS[0], [b"synthetic"])
    (archive.tar(base.name).parent / f"{base.name}.json").unlink()
    assert archive.bases() == []


def test_what_only_former_bases_needed_is_forgotten_here(archive: Archive, spool: Path) -> None:
    archive.take_in(spool)
    bases = [archive.keep_base(SEGMENTS[n], [b"synthetic"]) for n in (0, 2)]
    assert archive.forget(2) == 0
    assert archive.forget(1) == 1 + 2
    assert archive.bases() == bases[1:]
    assert len(list(archive.segments(""))) == 2
    assert not archive.tar(bases[0].name).exists()
