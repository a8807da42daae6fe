"""``kairan topics``: the broker's topics and ACLs, derived from the grants."""

from dataclasses import asdict
from typing import Annotated

import typer

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.runtime.settings import load_settings
from topics.plan import Plan

topics_app = typer.Typer(help="Topics and ACLs as derived from the grants.", no_args_is_help=True)
Prune = Annotated[bool, typer.Option("--prune", help="also delete topics that nobody declares, with their records")]
Approved = Annotated[str | None, typer.Option("--plan", help="hash of an approved plan: apply it or nothing")]


@topics_app.command("plan")
def plan_command(as_json: AsJson = False, prune: Prune = False) -> None:  # noqa: FBT002
    """Print what would change; exit 2 when something would. Example: kairan topics plan --json"""
    from hub.commandline.deployment import plan_now

    with refusals():
        pending = plan_now(load_settings(), prune=prune)
    _show(pending, as_json=as_json)
    if not pending.is_empty:
        raise typer.Exit(DIFFERENCE)


@topics_app.command("apply")
def apply_command(as_json: AsJson = False, prune: Prune = False, approved: Approved = None) -> None:  # noqa: FBT002
    """Bring the broker to what the grants ask for. Example: kairan topics apply --plan HASH"""
    from hub.commandline.deployment import apply_topics

    with refusals():
        done = apply_topics(load_settings(), prune=prune, approved=approved)
    _show(done, as_json=as_json)


@topics_app.command("verify")
def verify_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Compare the live broker and a sample of its records with the grants; exit 2 when it departs.

    Example: kairan topics verify --json
    """
    from hub.commandline.verify import departures_now

    with refusals():
        found = departures_now(load_settings())
    if as_json:
        print_json({"ok": not found, "departures": [asdict(departure) for departure in found]})
    else:
        for departure in found:
            console.print(departure.sentence, markup=False)
        console.print(f"{len(found)} departures" if found else "the broker is as the grants say")
    if found:
        raise typer.Exit(DIFFERENCE)


@topics_app.command("audit")
def audit_command(as_json: AsJson = False) -> None:  # noqa: FBT002
    """Answer the eighteen questions of a Kafka security auditor; exit 2 when one fails. Example: kairan topics audit"""
    from hub.commandline.audit import gather
    from infra.check.audit.questions import audit

    with refusals():
        answers = audit(gather(load_settings()))
    if as_json:
        print_json([asdict(answer) for answer in answers])
    else:
        for answer in answers:
            console.print(f"{answer.number:>2} {answer.result:<8} {answer.title}", markup=False)
            for amiss in answer.amiss:
                console.print(f"{'':>12}{amiss}", markup=False)
    if any(answer.result == "failed" for answer in answers):
        raise typer.Exit(DIFFERENCE)


def _show(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json(plan.to_json())
        return
    for line in plan.lines():
        console.print(line, markup=False)
    for name in plan.unknown_topics:
        console.print(f"left alone: topic {name} is not declared", markup=False)
    console.print("nothing to change" if plan.is_empty else f"plan {plan.digest()}")
