"""The machine on which worlds run: keys, grants and settings, made once, whatever happens in a world."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.check.sources import GUARDED
from infra.runtime.column_cipher import ColumnCipher
from infra.runtime.key_ring import KeyRing, create_keys
from infra.runtime.keys import NUMBERS_KEY, load_key
from infra.runtime.settings import Settings, load_settings
from topics.declared import SHIPPED, declared_grants
from topics.grant import Grant

RECIPIENTS = ("intermediate", "prefecture", "welfare")
"""A linkage with windows, one who is told numbers of everybody, and one who names the persons it handles."""


@dataclass(frozen=True)
class Machine:
    """Settings, the key ring that all processes share, and the grants."""

    settings: Settings
    ring: KeyRing
    grants: tuple[Grant, ...]

    @cached_property
    def number_cipher(self) -> ColumnCipher:
        """Seals number versions as the register does."""
        key = load_key(self.settings, NUMBERS_KEY)
        return ColumnCipher(key, table="number_version", column="number")

    @cached_property
    def identity_ciphers(self) -> dict[str, ColumnCipher]:
        """Open the numbers in the prefecture's copy."""
        key = load_key(self.settings, "prefecture")
        return {field: ColumnCipher(key, table="identity", column=field) for field in GUARDED}


@contextmanager
def machine() -> Iterator[Machine]:
    """A machine in a directory of its own, gone afterwards."""
    with TemporaryDirectory(prefix="kairan-faults-", ignore_cleanup_errors=True) as directory:
        settings = _settings(Path(directory))
        (Path(directory) / "grants").mkdir()
        for recipient in RECIPIENTS:
            shutil.copy(SHIPPED / f"{recipient}.yaml", Path(directory) / "grants")
        create_keys(settings, RECIPIENTS)
        yield machine_of(settings)


def machine_of(settings: Settings) -> Machine:
    """The machine as another process finds it."""
    return Machine(settings, KeyRing(settings), declared_grants(settings.grants_directory))


def _settings(directory: Path) -> Settings:
    return load_settings(
        state_directory=directory,
        keys_directory=directory / "keys",
        key_encryption_file=directory / "key-encryption" / "key",
        key_register_directory=directory / "key-register",
        grants_directory=directory / "grants",
        dispatch_poll_milliseconds=1000,
        traces_url="",
    )
