"""Kafka's jars: resolved once by jgo, locked by SHA-256, kept in the cache, verified before they are used.

``python -m infra.embedded.jars`` fetches what the lock names; ``... lock`` resolves anew and rewrites the lock.
"""

import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import jgo
from jgo.maven import MavenContext

from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings

VERSION = "4.3.1"
ENDPOINT = f"org.apache.kafka:kafka_2.13:{VERSION}+org.apache.kafka:kafka-tools:{VERSION}"
LOG_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
"""Kafka logs through SLF4J and does not depend on a binding; resolved apart, since its BOM would downgrade Kafka."""

LOCK = "kafka-jars.lock"
PARALLEL_DOWNLOADS = 8


@dataclass(frozen=True, slots=True)
class LockedJar:
    """One line of the lock: Maven coordinate (group:artifact:version) and SHA-256."""

    coordinate: str
    digest: str

    @property
    def file(self) -> str:
        """The file name in the cache."""
        return self.coordinate.replace(":", "_") + ".jar"


def locked_jars() -> tuple[LockedJar, ...]:
    """What the committed lock names."""
    lines = files("infra.embedded").joinpath(LOCK).read_text(encoding="ascii").splitlines()
    return tuple(LockedJar(*line.split()) for line in lines if not line.startswith("#"))


def jar_directory(settings: Settings) -> Path:
    """Where this lock's jars are kept."""
    content = files("infra.embedded").joinpath(LOCK).read_bytes()
    return settings.cache_directory / f"kafka-{VERSION}-{sha256(content).hexdigest()[:12]}"


def ensure_jars(settings: Settings) -> Path:
    """The directory with all locked jars, fetched if needed; raises `Refusal` when one cannot be had or is altered."""
    directory = jar_directory(settings)
    if not directory.exists():
        _fetch_all(directory)
    wrong = [jar.coordinate for jar in locked_jars() if not _is_as_locked(directory / jar.file, jar)]
    if wrong:
        raise Refusal("KRN-JAR", f"{len(wrong)} jars are missing or altered in {directory}; remove it, run make setup")
    return directory


def _is_as_locked(path: Path, jar: LockedJar) -> bool:
    return path.is_file() and sha256(path.read_bytes()).hexdigest() == jar.digest


def _fetch_all(directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as staging:
        maven = MavenContext(repo_cache=Path(staging) / "maven")
        ready = Path(staging) / "ready"
        ready.mkdir()
        with ThreadPoolExecutor(PARALLEL_DOWNLOADS) as pool:
            list(pool.map(lambda jar: _fetch(maven, jar, ready), locked_jars()))
        ready.chmod(0o755)
        if not directory.exists():
            ready.rename(directory)


def _fetch(maven: MavenContext, jar: LockedJar, target: Path) -> None:
    group, artifact, version = jar.coordinate.split(":")
    try:
        path = maven.project(group, artifact).at_version(version).artifact().resolve()
    except (OSError, RuntimeError) as error:
        raise Refusal("KRN-JAR", f"cannot fetch {jar.coordinate}: {type(error).__name__}") from None
    if not _is_as_locked(path, jar):
        raise Refusal("KRN-JAR", f"{jar.coordinate} does not have the digest that the lock names; nothing was kept")
    shutil.copyfile(path, target / jar.file)


def write_lock() -> None:
    """Resolve the endpoint anew and rewrite the committed lock."""
    found = [*jgo.resolve(ENDPOINT), jgo.resolve(LOG_BINDING)[0]]
    artifacts = sorted(found, key=lambda a: (a.groupId, a.artifactId))
    lines = [
        f"{a.groupId}:{a.artifactId}:{a.version} {sha256(a.resolve().read_bytes()).hexdigest()}" for a in artifacts
    ]
    text = "\n".join([f"# {ENDPOINT}; written by make lock", *lines]) + "\n"
    Path(str(files("infra.embedded").joinpath(LOCK))).write_text(text, encoding="ascii")


def main() -> None:
    """Fetch or, with the argument ``lock``, lock."""
    try:
        write_lock() if sys.argv[1:] == ["lock"] else ensure_jars(load_settings())
    except Refusal as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()
