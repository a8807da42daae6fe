"""The archive: a directory of sealed files, base backups and write-ahead log, and a copy of it elsewhere."""

import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from infra.backup.sealed import SUFFIX, open_file, seal_file
from infra.runtime.files import OWNER_ONLY, replace, settle
from infra.runtime.keys import BACKUP_KEY, load_key
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings

BASE, WAL = "base", "wal"
MOMENT = "%Y%m%dT%H%M%S%fZ"
READ_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class BaseBackup:
    """A base backup, good for every moment from its end on; its write-ahead log begins with `first_segment`.

    What is told of it lies beside it in a file of its own, written last: without that it is no backup.
    """

    name: str
    ended: datetime
    first_segment: str
    content_bytes: int

    def to_json(self) -> dict[str, str | int]:
        """The backup for programs."""
        return {**asdict(self), "ended": self.ended.isoformat()}


@dataclass(frozen=True, slots=True)
class Archive:
    """Where the backups lie; `offsite` is a directory to which all is copied, sealed as it is."""

    directory: Path
    offsite: Path | None
    key: bytes

    @classmethod
    def of(cls, settings: Settings) -> "Archive":
        """The archive of the settings; raises `Refusal` when there is none, or its key is missing."""
        if settings.backup_directory is None:
            raise Refusal("BACKUP-NONE", "no backups are kept here; set KAIRAN_BACKUP_DIRECTORY and start anew")
        return cls(settings.backup_directory, settings.offsite_directory, load_key(settings, BACKUP_KEY))

    def keep_base(self, first_segment: str, content: Iterable[bytes]) -> BaseBackup:
        """Seal a base backup that is being made; it counts once it is whole."""
        name = datetime.now(UTC).strftime(MOMENT)
        size = seal_file(self.tar(name), self.key, content)
        base = BaseBackup(name, datetime.now(UTC), first_segment, size)
        replace(self._told(name), json.dumps(base.to_json()).encode("ascii"), mode=OWNER_ONLY)
        self._copy(self.tar(name))
        self._copy(self._told(name))
        return base

    def tar(self, name: str) -> Path:
        """Where a base backup lies, sealed."""
        return self.directory / BASE / f"{name}.tar{SUFFIX}"

    def bases(self) -> list[BaseBackup]:
        """All base backups, the oldest first."""
        return [_read(path) for path in sorted((self.directory / BASE).glob("[0-9]*.json"))]

    def base_before(self, moment: datetime | None) -> BaseBackup:
        """The latest base backup that had ended by `moment`, or the latest of all; raises `Refusal` without one."""
        usable = [base for base in self.bases() if moment is None or base.ended <= moment]
        if not usable:
            raise Refusal("BACKUP-NO-BASE", f"no base backup in {self.directory} had ended by then; kairan backup")
        return usable[-1]

    def take_in(self, spool: Path) -> int:
        """Seal every finished file of the write-ahead log that lies in `spool`, and remove it there; returns how many.

        Killed in between, a file is sealed again under the same name.
        """
        with self._alone():
            finished = sorted(spool.glob("[0-9A-F]*"))
            for file in finished:
                sealed = self.directory / WAL / f"{file.name}{SUFFIX}"
                seal_file(sealed, self.key, _parts(file))
                self._copy(sealed)
                file.unlink()
        return len(finished)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two processes that take in at once take turns."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.directory / ".taking-in").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def segments(self, first: str) -> Iterator[Path]:
        """The sealed write-ahead log from segment `first` on, and the histories of time lines."""
        for path in sorted((self.directory / WAL).glob(f"[0-9A-F]*{SUFFIX}")):
            if path.name >= first or path.name.endswith(f".history{SUFFIX}"):
                yield path

    def opened(self, path: Path) -> Iterator[bytes]:
        """What a sealed file holds; raises `Refusal`."""
        return open_file(path, self.key)

    def forget(self, keep: int) -> int:
        """Remove all but the `keep` latest base backups, and the log that only they needed; returns how many files.

        What was copied elsewhere stays there.
        """
        bases = self.bases()
        gone, kept = bases[:-keep], bases[-keep:]
        if not gone:
            return 0
        first = kept[0].first_segment
        unneeded = [path for path in (self.directory / WAL).glob(f"[0-9A-F]*{SUFFIX}") if path.name < first]
        for path in (*(path for base in gone for path in (self._told(base.name), self.tar(base.name))), *unneeded):
            path.unlink()
        return len(gone) + len(unneeded)

    def _told(self, name: str) -> Path:
        return self.directory / BASE / f"{name}.json"

    def _copy(self, sealed: Path) -> None:
        if self.offsite is None:
            return
        there = self.offsite / sealed.relative_to(self.directory)
        there.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        staging = there.with_name(f".new-{there.name}")
        shutil.copyfile(sealed, staging)
        staging.replace(there)
        settle(there.parent)


def _read(path: Path) -> BaseBackup:
    told = json.loads(path.read_bytes())
    return BaseBackup(**{**told, "ended": datetime.fromisoformat(told["ended"])})


def _parts(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while part := content.read(READ_BYTES):
            yield part
