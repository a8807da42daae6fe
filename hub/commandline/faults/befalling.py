"""What a fault does: to the process that was about to take a step, to the step, or to the world around it."""

from datetime import timedelta
from functools import partial

from hub.commandline.faults.plan import Fault, Kind
from hub.commandline.faults.scheduler import Step
from hub.commandline.faults.steps import Process
from hub.commandline.faults.world import World

MOST_PROCESSES = 4
"""Of one role, at once: a process that is stopped is replaced, and comes back."""

ANSWERS = frozenset({"fetch", "sync group"})
"""Steps that a client has not taken before it has their answer: its position, its partitions."""


def befall(world: World, fault: Fault, step: Step) -> None:
    """Let the fault befall the world as `step` is about to be taken."""
    victim = step.process
    match fault.kind:
        case Kind.KILL_BEFORE:
            _kill(world, victim, fault.span)
        case Kind.KILL_AFTER:
            step.take()
            _kill(world, victim, fault.span)
        case Kind.FAIL:
            step.fail()
        case Kind.UNCONFIRMED if step.what in ANSWERS:
            step.fail()
        case Kind.UNCONFIRMED:
            step.take_in_vain()
        case Kind.PAUSE:
            _pause(world, victim, fault.span)
        case Kind.CUT:
            victim.cut_from.add(step.edge)
            world.scheduler.after(fault.span, partial(victim.cut_from.discard, step.edge))
        case Kind.REBALANCE:
            world.throw_out(victim)
        case Kind.DOUBLES:
            world.send_again()
        case Kind.CLOCK:
            world.clock_jump += timedelta(minutes=world.random.choice((-60, 60)))
        case Kind.LATE_NUMBERS:
            world.withhold_numbers(fault.span)


def _kill(world: World, victim: Process, span: int) -> None:
    world.kill(victim)
    if victim.role != "desk":
        world.scheduler.after(span // 2, partial(world.throw_out, victim))
        world.scheduler.after(span, partial(world.start, victim.role))


def _pause(world: World, victim: Process, span: int) -> None:
    """SIGSTOP for longer than its group and the databases wait; then it goes on with what it had in hand."""
    victim.paused = True
    world.scheduler.after(span // 3, partial(world.throw_out, victim))
    world.scheduler.after(span // 3, partial(world.break_off, victim))
    if (
        victim.role != "desk"
        and sum(each.alive and each.role == victim.role for each in world.processes) < MOST_PROCESSES
    ):
        world.scheduler.after(span // 3, partial(world.start, victim.role))
    world.scheduler.after(span, partial(_go_on, victim))


def _go_on(victim: Process) -> None:
    victim.paused = False
