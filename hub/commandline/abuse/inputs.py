"""Cases 34-37 and 45: what no reader takes, at the inbox, at a recipient, at the counter."""

import asyncio
import zlib
from collections.abc import Callable, Iterator

from hub.commandline.abuse.case import PLANTED_NUMBER, Attempt, Case, Evidence, accepted, all_refused
from hub.commandline.abuse.doors import Door, doors
from hub.commandline.abuse.link import leader_of, produce, told
from hub.commandline.abuse.rights import intruder, lane
from infra.runtime.settings import Settings
from topics.catalogue import in_topic

OVERSIZE = 2 * 1024 * 1024
DEPTH = 100_000
MEMBERS = 1_000_000
FITTING_MEMBERS = 40_000
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999")

Malform = Callable[[Door], Iterator[bytes]]


async def oversize(settings: Settings, size: int) -> str:
    """How the broker answers a record of `size` bytes from somebody who may write there."""
    topic = in_topic(settings.environment, intruder(settings))
    address = await leader_of(settings, intruder(settings), topic, lane(settings))
    return await told(settings, intruder(settings), produce(topic, b"\0" * size, lane(settings)), address)


async def _oversize(settings: Settings) -> Attempt:
    answer = await oversize(settings, OVERSIZE)
    at_broker = Attempt(refused=True, cause=answer) if answer else accepted()
    return all_refused(at_broker, *await _at_every_door(settings, _too_large))


def _too_large(door: Door) -> Iterator[bytes]:
    yield door.filled(door.plain + " " * OVERSIZE).encode()


def _malformed(door: Door) -> Iterator[bytes]:
    text = door.filled(door.plain)
    yield text[:-1].encode()
    yield f"{text[:-1]},{text[1:]}".encode()
    yield from (door.filled(value).encode() for value in NO_NUMBERS)
    yield door.filled('{"a": 1, "a": 2}').encode()
    yield door.filled("[" * DEPTH + "]" * DEPTH).encode()
    yield door.filled("[" * DEPTH).encode()


def _bomb(door: Door) -> Iterator[bytes]:
    text = door.filled(door.plain)
    yield door.filled("9" * DEPTH).encode()
    yield (text[:-1] + "".join(f',"k{n}":0' for n in range(MEMBERS)) + "}").encode()
    yield (text[:-1] + "".join(f',"k{n}":0' for n in range(FITTING_MEMBERS)) + "}").encode()
    yield zlib.compress(text.encode())
    if door.name == "inbox":
        yield door.filled("9" * 30).encode()


def _unknown(door: Door) -> Iterator[bytes]:
    text = door.filled(door.plain)
    yield f'{text[:-1]},"drill":"{PLANTED_NUMBER}"}}'.encode()
    yield f'{text[:-1]},"{PLANTED_NUMBER}":1}}'.encode()


def _other_encodings(door: Door) -> Iterator[bytes]:
    text = door.filled(door.plain)
    yield text.replace("{", '{"drill":"合成",', 1).encode("shift_jis")
    yield text.encode("utf-16")
    yield text.encode("utf-16-le")
    yield text.encode() + b"\x83"
    yield door.filled('"\\ud842"').encode()
    yield door.filled('"').encode() + b'\xed\xa1\x82"'


async def _at_every_door(settings: Settings, malform: Malform) -> list[Attempt]:
    return await asyncio.to_thread(lambda: [one for door in doors(settings) for one in _at(door, malform)])


def _at(door: Door, malform: Malform) -> Iterator[Attempt]:
    if door.judge(door.filled(door.plain).encode()):
        yield Attempt(refused=False, cause=f"the {door.name} refuses even what is well formed")
    for value in malform(door):
        code = door.judge(value)
        yield Attempt(refused=True, cause=f"{door.name}: {code}") if code else accepted()


async def _malformed_json(settings: Settings) -> Attempt:
    return all_refused(*await _at_every_door(settings, _malformed))


async def _bombs(settings: Settings) -> Attempt:
    return all_refused(*await _at_every_door(settings, _bomb))


async def _unknown_fields(settings: Settings) -> Attempt:
    return all_refused(*await _at_every_door(settings, _unknown))


async def _foreign_bytes(settings: Settings) -> Attempt:
    return all_refused(*await _at_every_door(settings, _other_encodings))


INPUTS = (
    Case(34, "a message of 2 MiB", Evidence.PROTOCOL, _oversize),
    Case(35, "malformed JSON, NaN, a member twice, nesting without end", Evidence.FINDING, _malformed_json),
    Case(36, "numbers, members and compressed bytes that burst a reader", Evidence.FINDING, _bombs),
    Case(37, "a field that nobody knows", Evidence.FINDING, _unknown_fields),
    Case(45, "Shift_JIS, UTF-16 and broken UTF-8", Evidence.FINDING, _foreign_bytes),
)
