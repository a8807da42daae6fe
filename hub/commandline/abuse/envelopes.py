"""Cases 28-33: envelopes altered, moved, replayed, or under keys and suites that are not the present ones.

No record is sent: they are laid before a recipient's own checks, with keys that exist for the drill alone.
"""

import asyncio
from collections.abc import Iterable, Iterator

from consumers.kit.checks import HEAD, UNDECODABLE
from consumers.kit.order import State
from consumers.kit.received import REPLAYED, compare, digests_of
from consumers.kit.record import Finding
from consumers.kit.settlement import settle
from hub.commandline.abuse.case import NOT_REFUSED, Attempt, Case, Evidence, all_refused
from hub.commandline.abuse.parties import parties
from hub.commandline.abuse.post import Post, flipped, forged, head, post
from infra.runtime.settings import Settings
from topics.catalogue import HUB, REGISTER
from topics.envelope.keys import KeyState
from topics.envelope.opening import EnvelopeCode, take_apart
from topics.envelope.run import RUN_RECORDS
from topics.envelope.sealing import Keys, start_run
from topics.envelope.suites import Algorithm

STRIDE = 97
"""Every so many bits and lengths are tried here; a test tries all."""

SWAPPED: tuple[tuple[str, object, EnvelopeCode], ...] = (
    ("sender", REGISTER, EnvelopeCode.SENDER),
    ("recipient", "another", EnvelopeCode.RECIPIENT),
    ("topic", "out.another.v1", EnvelopeCode.TOPIC),
    ("municipality", "112089", EnvelopeCode.MUNICIPALITY),
    ("generation", 99, EnvelopeCode.GENERATION),
    ("content", "kairan.change.v1", EnvelopeCode.CONTENT),
    ("basis", ("synthetic",), EnvelopeCode.BASIS),
    ("items", (3,), EnvelopeCode.ITEMS),
)


def refused_as(code: str, found: str, what: str) -> Attempt:
    """Refused when for the right reason."""
    return Attempt(found == code, f"{what}: {found or NOT_REFUSED}")


def every(door: Post, values: Iterable[bytes], what: str) -> Attempt:
    """Refused when each of `values` is, whatever for."""
    codes = [door.code(value) for value in values]
    told = ", ".join(sorted(set(codes))) if all(codes) else NOT_REFUSED
    return Attempt(bool(codes) and all(codes), f"{len(codes)} {what}: {told}")


def lengths(value: bytes, stride: int = 1) -> Iterator[bytes]:
    """The envelope cut short, from nothing to all but one octet; and with one too many."""
    yield from (value[:length] for length in range(0, len(value), stride))
    yield value + b"\0"


def _taken(door: Post) -> Iterator[Attempt]:
    """The control: a recipient that refuses what is as it should be shows nothing by its refusals."""
    code = door.code(door.sealed())
    if code:
        yield Attempt(refused=False, cause=f"even what is as it should be is refused: {code}")


async def _altered(settings: Settings) -> Attempt:
    door = post(settings)
    tried = await asyncio.to_thread(every, door, flipped(door.sealed(), STRIDE), "flipped bits")
    return all_refused(*_taken(door), tried)


async def _cut(settings: Settings) -> Attempt:
    door = post(settings)
    tried = await asyncio.to_thread(every, door, lengths(door.sealed(), STRIDE), "other lengths")
    return all_refused(*_taken(door), tried)


async def _moved(settings: Settings) -> Attempt:
    door = post(settings)
    return all_refused(*_taken(door), *_swapped(door), *_placed(door), *_signed_by_another(door))


def _swapped(door: Post) -> Iterator[Attempt]:
    """Another's envelope on this topic; and each of the terms another, under the hub's own signature."""
    of_other = start_run(door.terms(door.other), door.people.keys(HUB, door.other), 1)
    yield refused_as(EnvelopeCode.RECIPIENT, door.code(door.sealed(of_other)), "another's envelope")
    for name, value, code in SWAPPED:
        terms = door.terms().model_copy(update={name: value})
        yield refused_as(code, door.code(door.sealed(door.run(terms=terms))), f"{name} of another")


def _placed(door: Post) -> Iterator[Attempt]:
    """Another message key, a number outside the run, a sequence altered on the way or not the content's own."""
    value = door.sealed()
    altered = value.replace(take_apart(value).told, head(sequence=2).to_wire())
    yield refused_as(EnvelopeCode.MESSAGE_KEY, door.code(value, "another"), "another key")
    yield refused_as(EnvelopeCode.RANGE, door.code(door.sealed(told=head(RUN_RECORDS + 1))), "another number")
    yield refused_as(EnvelopeCode.ALTERED, door.code(altered), "another sequence")
    yield refused_as(HEAD, door.code(door.sealed(told=head(sequence=2))), "a sequence that is not the content's")


def _signed_by_another(door: Post) -> Iterator[Attempt]:
    """Made out to this recipient by whoever is not the hub; and another's content key, readdressed by the hub."""
    keys, stranger = door.keys(), door.people.keys(door.other, door.recipient).signer
    run = forged(door.run(), stranger)
    yield refused_as(EnvelopeCode.SIGNATURE, door.code(door.sealed(run)), "signed by another than it says")
    run = forged(door.run(), stranger, sender_key=stranger.key_id)
    yield refused_as(EnvelopeCode.KEY_UNKNOWN, door.code(door.sealed(run)), "signed by another")
    moved = forged(door.run(door.people.keys(HUB, door.other)), keys.signer, recipient_key=keys.recipient.key_id)
    yield refused_as(EnvelopeCode.WRAPPED_KEY, door.code(door.sealed(moved)), "another's content key")


async def _replayed(settings: Settings) -> Attempt:
    """The same bytes a second time do nothing; an old number over other bytes is told."""
    door = post(settings)
    run = door.run()
    first, other, anew = door.sealed(run), door.sealed(run, payload=door.payload("合成")), door.sealed(run)
    return all_refused(
        _doubled(door, first),
        refused_as(REPLAYED, _after(door, first, other), "an old number over another body"),
        refused_as(REPLAYED, _after(door, first, anew), "an old number sealed anew"),
    )


def _doubled(door: Post, value: bytes) -> Attempt:
    known = digests_of([door.found(value)])
    settled = settle(compare([door.found(value), door.found(value)], known), State())
    silent = (len(settled.apply), settled.duplicates, settled.park) == (1, 1, ())
    return Attempt(silent, "the same envelope twice: applied once" if silent else NOT_REFUSED)


def _after(door: Post, first: bytes, later: bytes) -> str:
    """The finding on what comes in a later batch than `first`."""
    (one,) = compare([door.found(later)], digests_of([door.found(first)]))
    return one.code if isinstance(one, Finding) else ""


async def _foreign_keys(settings: Settings) -> Attempt:
    door = post(settings)
    return all_refused(*_taken(door), *_unknown(door), *_retired(door))


def _unknown(door: Post) -> Iterator[Attempt]:
    own, strangers = door.keys(), parties(HUB, door.recipient).keys(HUB, door.recipient)
    tried = {
        "signed with a key that nobody knows": Keys(strangers.signer, own.recipient),
        "sealed to a key that nobody knows": Keys(own.signer, strangers.recipient),
        "sealed to another's key": door.people.keys(HUB, door.other),
        "signed with another's key": door.people.keys(REGISTER, door.recipient),
    }
    for what, keys in tried.items():
        yield refused_as(EnvelopeCode.KEY_UNKNOWN, door.code(door.sealed(door.run(keys))), what)


def _retired(door: Post) -> Iterator[Attempt]:
    """Beyond its marks a key is good for nothing, be it the hub's or the recipient's own."""
    keys, value = door.keys(), door.sealed()
    for key_id in (keys.signer.key_id, keys.recipient.key_id):
        line = door.people.register().keys[key_id]
        door.people.put(line.model_copy(update={"state": KeyState.RETIRED}))
        yield refused_as(EnvelopeCode.KEY_RETIRED, door.code(value), f"a retired key of {line.principal}")
        door.people.put(line)
    door.people.seeds.pop(keys.recipient.key_id)
    yield refused_as(EnvelopeCode.KEY_UNKNOWN, door.code(value), "a key whose private half is gone")


async def _downgraded(settings: Settings) -> Attempt:
    """Under the hub's own signature: a weaker suite than the key's, an older content, an older schema within."""
    door = post(settings, Algorithm.X_WING)
    weaker = forged(door.run(), door.keys().signer, suite=Algorithm.X25519)
    older = door.run(terms=door.terms().model_copy(update={"content": "kairan.delivery.v0"}))
    within = door.payload().replace(b"kairan.delivery.v1", b"kairan.delivery.v0")
    return all_refused(
        *_taken(door),
        refused_as(EnvelopeCode.SUITE, door.code(door.sealed(weaker)), "a weaker suite"),
        refused_as(EnvelopeCode.CONTENT, door.code(door.sealed(older)), "an older content"),
        refused_as(UNDECODABLE, door.code(door.sealed(payload=within)), "an older schema"),
    )


ENVELOPES = (
    Case(28, "an envelope with one bit flipped", Evidence.ENVELOPE, _altered),
    Case(29, "an envelope cut short, empty or longer", Evidence.ENVELOPE, _cut),
    Case(30, "another's envelope, or one made out anew", Evidence.ENVELOPE, _moved),
    Case(31, "an envelope sent again, and an old number over another body", Evidence.ENVELOPE, _replayed),
    Case(32, "a key that is unknown, retired or another's", Evidence.ENVELOPE, _foreign_keys),
    Case(33, "an older suite, content or schema", Evidence.ENVELOPE, _downgraded),
)
