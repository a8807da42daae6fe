"""The witness's process: its key, its store, and HTTPS with client certificates."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.runtime.files import replace
from infra.runtime.https import serve_https
from infra.runtime.key_ring import KeyRing, read_register, write_line
from infra.runtime.keys import create_key, load_key
from infra.runtime.service import Stop
from infra.runtime.settings import Settings
from infra.runtime.tls import server_context
from infra.witness.http import application
from infra.witness.store import Store
from infra.witness.witness import Witness, logs_of
from topics.catalogue import WITNESS
from topics.envelope.keys import public_key
from topics.envelope.suites import Algorithm
from topics.ledger.note import origin_of
from topics.ledger.verifiers import Verifier

VKEY_FILE = "witness.vkey"


async def run_witness(settings: Settings, stop: Stop) -> None:
    """Serve until `stop`; raises `Refusal` when another witness keeps the same directory."""
    with opened(settings) as witness:
        served = application(witness, _origins(settings))
        await serve_https(settings.witness_url, server_context(settings, WITNESS), served, stop)


@contextmanager
def opened(settings: Settings) -> Iterator[Witness]:
    """The witness of these settings; at its first start it makes its key. A file tells its verifier key."""
    directory = settings.witness_directory
    store = Store(directory)
    try:
        ring = KeyRing(settings)
        witness = Witness(_signing_key(settings), store, lambda: logs_of(ring.register(), _origins(settings)))
        _enter(settings, witness.verifier)
        replace(directory / VKEY_FILE, f"{witness.verifier.vkey}\n".encode(), mode=0o644)
        yield witness
    finally:
        store.close()


def _signing_key(settings: Settings) -> Ed25519PrivateKey:
    """Kept among the witness's own things, wrapped as every secret is."""
    own = settings.model_copy(update={"keys_directory": settings.witness_directory / "keys"})
    create_key(own, WITNESS)
    return Ed25519PrivateKey.from_private_bytes(load_key(own, WITNESS))


def _enter(settings: Settings, verifier: Verifier) -> None:
    """Have the public half in the key register, by which everybody knows the witness."""
    line = public_key(WITNESS, Algorithm.ED25519, verifier.public, datetime.now(UTC))
    if line.key_id not in read_register(settings.key_register_directory).keys:
        write_line(settings, line)


def _origins(settings: Settings) -> Sequence[str]:
    return [origin_of(settings.environment, municipality) for municipality in settings.municipalities]
