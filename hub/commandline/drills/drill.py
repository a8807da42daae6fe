"""What a drill is: a fault that is brought about under load, what is expected of the product, and how that is shown."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from inspect import cleandoc

from hub.commandline.drills.ground import Ground
from hub.commandline.drills.load import Load
from infra.runtime.settings import Settings

Strike = Callable[[Ground], Awaitable[None]]
PARTS = ("Fault", "Expectation", "Proof")


class Servers(StrEnum):
    """On which cluster of three brokers a drill runs."""

    PLAIN = "plain"
    NETWORK = "network"
    DISKS = "disks"


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill, as its module's docstring tells it; `strike` returns when the fault is over.

    `traces` are words of which every finding of the verifier must hold one, and each must be found: what the fault
    itself leaves, which has to be noticed. A drill without any must leave none. `load` is what is filed meanwhile.
    """

    name: str
    title: str
    fault: str
    expectation: str
    proof: str
    strike: Strike
    servers: Servers = Servers.PLAIN
    traces: tuple[str, ...] = ()
    load: Callable[[Settings], Load] = Load


def at_rate(drill: Drill, changes_a_second: float) -> Drill:
    """The same drill while more is filed, or less."""
    return replace(drill, load=partial(Load, rate=changes_a_second))


def drill(
    module: str, text: str | None, strike: Strike, *, servers: Servers = Servers.PLAIN, traces: tuple[str, ...] = ()
) -> Drill:
    """The drill of a module, named after it; its docstring is a title and a paragraph for each of `PARTS`."""
    title, *paragraphs = re.split(r"\n\s*\n", cleandoc(text or ""))
    told = dict(paragraph.split(": ", 1) for paragraph in paragraphs)
    if tuple(told) != PARTS:
        raise ValueError(f"the docstring of {module} has {', '.join(told)}; it must have {', '.join(PARTS)}")
    fault, expectation, proof = (" ".join(told[part].split()) for part in PARTS)
    name = module.rpartition(".")[2].replace("_", "-")
    return Drill(name, title.rstrip("."), fault, expectation, proof, strike, servers, traces)
