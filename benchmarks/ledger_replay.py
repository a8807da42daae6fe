"""How long the offline verifier takes for a whole log: ``python -m benchmarks.ledger_replay --entries 1000000``."""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import infra.check.offline
from topics.ledger.note import Checkpoint, origin_of, sign_checkpoint
from topics.ledger.tree import Range, leaf_hash
from topics.ledger.verifiers import Kind, Verifier

ORIGIN = origin_of("bench", "142158")
START = 1_790_000_000
ENTRIES_A_SECOND = 8
CHECKPOINTS = 100


def entries(count: int) -> Iterator[bytes]:
    """Synthetic disclose entries of a usual length."""
    for index in range(count):
        digest = sha256(b"%d" % index).hexdigest()
        entry = {
            "basis": "number-act-9",
            "digest": digest,
            "grant": "welfare",
            "index": index,
            "items": [1, 4, 5, 6, 7],
            "kind": "disclose",
            "log": ORIGIN,
            "recipient": "welfare",
            "subject": digest[::-1],
            "time": datetime.fromtimestamp(START + index // ENTRIES_A_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        yield json.dumps(entry, sort_keys=True, separators=(",", ":")).encode()


def written(directory: Path, count: int) -> list[str]:
    """The arguments for a replay of a log that is written here, with its checkpoints."""
    private = Ed25519PrivateKey.generate()
    tree, arguments = Range(), []
    with (directory / "entries").open("wb") as file:
        for entry in entries(count):
            file.write(entry + b"\n")
            tree.append(leaf_hash(entry))
            if tree.size % max(1, count // CHECKPOINTS) == 0 or tree.size == count:
                note = directory / f"{tree.size}.note"
                note.write_text(sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), ORIGIN, private))
                arguments += ["--checkpoint", str(note)]
    return [str(directory / "entries"), *arguments, "--key", Verifier.of(ORIGIN, Kind.NOTE, private.public_key()).vkey]


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kairan-bench-") as directory:
        arguments = written(Path(directory), asked.entries)
        octets = (Path(directory) / "entries").stat().st_size
        command = [sys.executable, "-I", infra.check.offline.__file__, "replay", *arguments]
        started = time.monotonic()
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        told = {"seconds": round(time.monotonic() - started, 2), "processor_seconds": round(_children_seconds(), 2)}
    told |= {"entries": asked.entries, "bytes": octets}
    sys.stdout.write(json.dumps({**told, "said": done.stdout.strip()}, indent=2) + "\n")


if __name__ == "__main__":
    main()
