"""A world: register, hub and recipients of a plan's cities on one log and one store, and how they come and go."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from random import Random
from typing import Any, cast

from aiokafka.errors import KafkaError
from asyncpg import PostgresError

from consumers.databases import database_of
from consumers.kit.interests import Action, change_list
from consumers.service import run_recipient
from hub.commandline.faults.connection import MemoryConnection
from hub.commandline.faults.log import Logged
from hub.commandline.faults.loop import Loop
from hub.commandline.faults.machine import Machine
from hub.commandline.faults.plan import Plan
from hub.commandline.faults.ports import MemoryEdges
from hub.commandline.faults.register import REFUSED, FiledRegister, NumberVersion
from hub.commandline.faults.scheduler import Scheduler
from hub.commandline.faults.schemas import COPY_SCHEMAS, HUB_SCHEMA, KIT_SCHEMA, NUMBERS_SCHEMA
from hub.commandline.faults.statements import KNOWN
from hub.commandline.faults.statements.hub import new_head
from hub.commandline.faults.steps import CURRENT, Process
from hub.commandline.faults.tables import Database, Row
from hub.databases import HUB_DATABASE
from hub.service import run_hub
from infra.runtime.databases import database_name
from infra.runtime.postgres import Connection
from infra.runtime.refusals import Refusal
from topics.catalogue import HUB, change_topic
from topics.envelope.places import change_terms
from topics.envelope.run import Head
from topics.envelope.sealing import Sealer
from topics.grant import Grant
from topics.messages.change import HEAD_SEQUENCE, Event
from topics.partitions import partition_of

BEGINNING = datetime(2026, 5, 11, 1, 20, tzinfo=UTC)
REFUSING = "prefecture"
"""The recipient that may tell the register what it refuses."""
LISTED = "welfare"
"""The recipient that says whom it handles."""


@dataclass
class City:
    """One municipality: its register, what its relay has still to send, and what it has sent."""

    register: FiledRegister
    sealer: Sealer
    unsent: deque[Event] = field(default_factory=deque)
    sent: list[Logged] = field(default_factory=list)
    to_file: int = 0


class World:
    """Everything there is; processes run by `scheduler`."""

    def __init__(self, machine: Machine, plan: Plan) -> None:
        self.machine = machine
        self.plan = plan
        self.random = Random(f"world {plan.seed}")  # noqa: S311 - a world is to be repeatable
        self.scheduler = Scheduler(Random(f"steps {plan.seed}"), list(plan.faults))  # noqa: S311
        self.settings = machine.settings.model_copy(update={"municipalities": plan.cities})
        self.edges = MemoryEdges(self.scheduler, machine.ring, self.random)
        self.cities = {code: self._city(code) for code in plan.cities}
        self.processes: list[Process] = []
        self.ended: list[str] = []
        self.clock_jump = timedelta()
        self._withheld: list[Callable[[], None]] | None = None
        self._names = count(1)
        self._make_databases()

    @property
    def grants(self) -> tuple[Grant, ...]:
        """The grants in force."""
        return self.machine.grants

    def begin(self, loop: Loop) -> None:
        """Start every role."""
        self.scheduler.loop = loop
        loop.set_task_factory(_of_its_process)
        for _ in range(self.plan.hubs):
            self.start(HUB)
        for grant in self.grants:
            self.start(grant.recipient)
        self.scheduler.acts = self._acts

    def clock(self) -> datetime:
        """What a database's clock shows."""
        return BEGINNING + self.clock_jump + timedelta(seconds=self.scheduler.loop.time())

    def hub(self, city: str) -> Database:
        """The city's hub database."""
        return self.edges.databases[HUB_DATABASE.name("", city)]

    def numbers(self, city: str) -> Database:
        """The city's numbers database."""
        return self.edges.databases[database_name("numbers", "", city)]

    def copy_of(self, grant: Grant, city: str) -> Database:
        """The database in which the grant's recipient keeps its copy of the city."""
        return self.edges.databases[database_of(grant).name("", city)]

    def start(self, role: str) -> Process:
        """A new process of a role."""
        process = Process(f"{role} {next(self._names)}", role)
        stop = asyncio.Event()
        if role == HUB:
            self._spawn(process, run_hub(self.settings, stop, self.edges))
        else:
            self._spawn(process, run_recipient(self.settings, role, stop, self.edges))
        self.processes.append(process)
        return process

    def kill(self, process: Process) -> None:
        """kill -9: nothing that it does from now on has an effect, and what it had not committed is gone."""
        process.alive = False
        for task in list(process.tasks):
            task.cancel()
        self.break_off(process)

    def break_off(self, process: Process) -> None:
        """The databases end the process's sessions."""
        for database in self.edges.databases.values():
            for transaction in [each for each in database.open if each.owner is process]:
                transaction.end()

    def throw_out(self, process: Process) -> None:
        """Its group does without the process, which may not know."""
        for group in self.edges.groups.values():
            for member in [each for each in group.members if each.process is process]:
                group.leave(member)

    def withhold_numbers(self, steps: int) -> None:
        """For so many steps number versions are not to be seen by the hub."""
        self._withheld = self._withheld or []
        self.scheduler.after(steps, self._tell_numbers)

    def put_numbers(self, city: str, numbers: Sequence[NumberVersion]) -> None:
        """Number versions, sealed, for the hub's join to find."""
        table = self.numbers(city).tables["number_version"]
        for number in numbers:
            sealed = self.machine.number_cipher.seal(number.reference, number.value.encode("ascii"))
            table[number.reference,] = {"reference": number.reference, "kind": number.kind, "sealed": sealed}

    def send_again(self) -> None:
        """A relay that died before it moved its cursor sends its last changes a second time."""
        for city in self.cities.values():
            for record in city.sent[-self.random.randint(1, 3) :]:
                self._append(city, record)

    def is_filing(self) -> bool:
        """Whether the registers have still something to tell."""
        return any(city.to_file or city.unsent for city in self.cities.values())

    def heal(self) -> None:
        """Everybody is back, reaches everything, and every role is there; the relays send what there is."""
        for process in self.processes:
            process.paused = False
            process.cut_from.clear()
        for role in (HUB, *(grant.recipient for grant in self.grants)):
            if not any(process.alive and process.role == role for process in self.processes):
                self.start(role)
        for city in self.cities.values():
            while city.to_file:
                self._file(city)
            corrected = city.register.correct()
            city.unsent.extend(corrected.changes if corrected else ())
            while city.unsent:
                self._relay(city)

    def resend(self, city: str) -> None:
        """The office asks that everybody be told anew of whom something was refused and nothing has come since."""
        hub = self.hub(city)
        for row in hub.rows("recipient_resident"):
            if row["refused"]:
                asked = {"recipient": row["recipient"], "addressee_number": row["addressee_number"]}
                hub.tables["redelivery"][tuple(asked.values())] = {**asked, "asked_at": self.clock()}

    def _acts(self) -> list[Callable[[], None]]:
        """What a register or a relay can do now."""
        acts: list[Callable[[], None]] = [partial(self._file, city) for city in self.cities.values() if city.to_file]
        acts += [partial(self._relay, city) for city in self.cities.values() if city.unsent]
        return acts

    def _file(self, city: City) -> None:
        city.to_file -= 1
        filed = city.register.file()
        tell = partial(self.put_numbers, city.register.municipality, filed.numbers)
        if self._withheld is None:
            tell()
        else:
            self._withheld.append(tell)
        city.unsent.extend(filed.changes)
        if self.random.random() < 0.5:
            self._handle(city.register)

    def _relay(self, city: City) -> None:
        for _ in range(min(len(city.unsent), self.random.choice((1, 2, 5)))):
            change = city.unsent.popleft()
            key = f"synthetic-{change.position}"
            head = Head(key=key, event_id=key, number=change.position, sequence=HEAD_SEQUENCE)
            record = Logged(city.sealer.seal(head, change.to_wire()), key.encode("ascii"))
            city.sent.append(record)
            self._append(city, record)

    def _append(self, city: City, record: Logged) -> None:
        self.edges.log.append((change_topic(""), partition_of(city.register.municipality)), record)

    def _tell_numbers(self) -> None:
        for tell in self._withheld or ():
            tell()
        self._withheld = None

    def _handle(self, register: FiledRegister) -> None:
        """The department takes somebody on, or lets somebody go."""
        action: Action = "place" if self.random.random() < 0.7 else "remove"
        residents = [self.random.choice(sorted(register.histories))]
        desk = Process(f"desk {next(self._names)}", "desk")
        self._spawn(desk, self._change_list(register.municipality, residents, action))

    async def _change_list(self, city: str, residents: list[str], action: Action) -> None:
        grant = next(grant for grant in self.grants if grant.recipient == LISTED)
        connection = MemoryConnection(self.copy_of(grant, city), self.scheduler, KNOWN)
        try:
            async with connection.transaction():
                await change_list(cast(Connection, connection), grant.recipient, city, residents, action)
        except (KafkaError, PostgresError):
            return

    def _spawn(self, process: Process, life: Coroutine[Any, Any, None]) -> None:
        context = copy_context()
        context.run(CURRENT.set, process)
        root = self.scheduler.loop.create_task(life, context=context)
        root.add_done_callback(partial(self._over, process))

    def _over(self, process: Process, root: "asyncio.Task[None]") -> None:
        """Who refuses to start is started again, as a supervisor would; nobody may end otherwise."""
        error = None if root.cancelled() else root.exception()
        if not process.alive or process.role == "desk":
            return
        process.alive = False
        if isinstance(error, Refusal):
            self.start(process.role)
        else:
            self.ended.append(f"{process.name} ended by {type(error).__name__}")

    def _city(self, code: str) -> City:
        keys = self.machine.ring.between("register", HUB)
        register = FiledRegister(code, Random(f"register {self.plan.seed} {code}"))  # noqa: S311
        return City(register, Sealer(change_terms("", code), keys), to_file=self.plan.filings)

    def _make_databases(self) -> None:
        for code in self.plan.cities:
            self._make(HUB_DATABASE.name("", code), HUB_SCHEMA).tables["head"][True,] = new_head()
            self._make(database_name("numbers", "", code), NUMBERS_SCHEMA)
            for grant in self.grants:
                self._make(database_of(grant).name("", code), KIT_SCHEMA | COPY_SCHEMAS[grant.recipient])
            self._refuse_names(code)

    def _refuse_names(self, code: str) -> None:
        """The prefecture's database has a rule of its own about names, which nobody else has."""
        for grant in self.grants:
            if grant.recipient == REFUSING:
                self.copy_of(grant, code).refuses = _is_refused

    def _make(self, name: str, schema: dict[str, tuple[str, ...]]) -> Database:
        return self.edges.databases.setdefault(name, Database(name, schema, self.clock))


def _is_refused(table: str, row: Row) -> bool:
    return table == "identity" and REFUSED in row["items"]


def _of_its_process(
    loop: asyncio.AbstractEventLoop, life: Any, /, *, context: Context | None = None
) -> "asyncio.Task[Any]":
    """A task that its process takes with it."""
    task: asyncio.Task[Any] = asyncio.Task(life, loop=loop, context=context)
    process = (context or copy_context()).get(CURRENT)
    if process is not None:
        process.tasks[task] = None
        task.add_done_callback(process.tasks.pop)
    return task
