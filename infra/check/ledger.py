"""The ledger, held against the topics (I6), and replayed against its checkpoints and its witness (I7)."""

from base64 import b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import httpx

from infra.check.disclosures import Disclosed, Place, disclosures, of_acknowledgements, of_topic
from infra.check.findings import Finding, Invariant
from infra.check.offline import Checkpoint, Difference, Key, Replay, read_checkpoint, read_key
from infra.check.sources import Served, read_checkpoints, read_entries, read_served
from infra.runtime.key_ring import read_register
from infra.runtime.settings import Settings
from infra.runtime.tls import client_context
from topics.catalogue import AUDITOR, LEDGER
from topics.envelope.keys import KeyRegister
from topics.ledger.note import origin_of
from topics.ledger.verifiers import Kind, Verifier
from topics.ledger.witnessing import latest_path, witnesses

NOT_SERVED = Served(0, 0, 0, 0, revoked=True)
ANSWER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Replayed:
    """One city's ledger, every entry hashed anew: how many there are, are signed, are witnessed, and what is amiss."""

    municipality: str
    entries: int
    signed: int
    witnessed: int
    findings: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The replay for programs."""
        return asdict(self)

    def sentence(self) -> str:
        """The replay in one line."""
        return (
            f"{self.municipality}: {self.entries} entries, {self.signed} of them signed, {self.witnessed} witnessed: "
            f"{f'{len(self.findings)} findings' if self.findings else 'nothing is amiss'}"
        )


async def replay_city(settings: Settings, municipality: str) -> Replayed:
    """Replay a city's ledger by itself."""
    log = _log(settings, municipality, await read_checkpoints(settings, municipality))
    async for _ in log.seen(read_entries(settings, municipality)):
        pass
    return log.replayed()


async def ledger_findings(
    settings: Settings, municipality: str, topics: Mapping[Place, Mapping[int, bytes]]
) -> AsyncIterator[Finding]:
    """What is amiss; `topics` are the envelope digests by delivery number of each topic that could be read."""
    register = read_register(settings.key_register_directory)
    served = await read_served(settings, municipality)
    log = _log(settings, municipality, await read_checkpoints(settings, municipality))
    entered = await disclosures(log.seen(read_entries(settings, municipality)))
    for place in sorted({*entered, *topics}):
        recipient, standing = entered.get(place, Disclosed()), served.get(place, NOT_SERVED)
        details = list(of_acknowledgements(place, municipality, recipient, register, standing))
        if place in topics:
            details += of_topic(recipient, topics[place], standing)
        for detail in details:
            yield Finding(Invariant.I6, f"{LEDGER} of {place[0]}", municipality, detail)
    for detail in log.replayed().findings:
        yield Finding(Invariant.I7, LEDGER, municipality, detail)


def verifiers(settings: Settings, municipality: str, register: KeyRegister) -> list[Verifier]:
    """The keys that may have signed or cosigned a city's checkpoints, whatever their state."""
    origin = origin_of(settings.environment, municipality)
    lines = [line for line in register.keys.values() if line.principal == LEDGER and not line.seals]
    return [*(Verifier(origin, Kind.NOTE, b64decode(line.public)) for line in lines), *witnesses(register)]


class _Log:
    """A log that is being replayed."""

    def __init__(self, municipality: str, checkpoints: Sequence[Checkpoint], findings: Sequence[str]) -> None:
        self._municipality = municipality
        self._checkpoints = checkpoints
        self._findings = findings
        self._replay = Replay(checkpoints) if checkpoints else None
        self._count = 0

    async def seen(self, entries: AsyncIterator[str]) -> AsyncIterator[str]:
        """The entries, each of which is replayed as it passes."""
        async for text in entries:
            self._count += 1
            if self._replay is not None:
                self._replay.add(text.encode("ascii"))
            yield text

    def replayed(self) -> Replayed:
        """What came of it, once all entries have passed."""
        differences = self._replay.differences() if self._replay else []
        unsigned = ["LEDGER-UNSIGNED: there are entries and no checkpoint"] if self._count and not self._replay else []
        return Replayed(
            self._municipality,
            self._count,
            max((each.size for each in self._checkpoints), default=0),
            max((each.size for each in self._checkpoints if each.witnessed), default=0),
            (*self._findings, *unsigned, *(f"{each.code}: {each.sentence}" for each in differences)),
        )


def _log(settings: Settings, municipality: str, notes: Sequence[str]) -> _Log:
    """The log with its checkpoints, and the one that the witness has kept for itself."""
    register = read_register(settings.key_register_directory)
    keys = [read_key(each.vkey, each.kind) for each in verifiers(settings, municipality, register)]
    checkpoints, findings = _opened(notes, keys)
    try:
        kept = _kept_by_witness(settings, origin_of(settings.environment, municipality))
    except httpx.HTTPError:
        return _Log(municipality, checkpoints, [*findings, "LEDGER-WITNESS-AWAY: the witness cannot be asked"])
    more, amiss = _opened(kept, keys)
    return _Log(municipality, [*checkpoints, *more], [*findings, *amiss])


def _opened(notes: Sequence[str], keys: Sequence[Key]) -> tuple[list[Checkpoint], list[str]]:
    checkpoints, findings = [], []
    for note in notes:
        try:
            checkpoints.append(read_checkpoint(note, keys))
        except Difference as found:
            findings.append(f"{found.code}: {found.sentence}")
    return checkpoints, findings


def _kept_by_witness(settings: Settings, origin: str) -> list[str]:
    """The latest note that the witness has cosigned, if it ever has; raises `httpx.HTTPError`."""
    context = client_context(settings, AUDITOR)
    with httpx.Client(base_url=settings.witness_url, verify=context, timeout=ANSWER_SECONDS) as client:
        answer = client.get(latest_path(origin))
    if answer.status_code == httpx.codes.NOT_FOUND:
        return []
    answer.raise_for_status()
    return [answer.text]
