"""``kairan verify``: the independent verifier, with the auditor's rights lent only while it runs."""

import asyncio

import typer

from hub.commandline.output import DIFFERENCE, AsJson, console, print_json, refusals
from infra.check.findings import Report
from infra.runtime.settings import Settings, load_settings
from topics.catalogue import Acl
from topics.declared import declared_grants
from topics.drift import Departure, drift
from topics.plan import Actual

SHOWN = 20


def verify(
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Check that every change arrived where it should and nowhere else. Example: kairan verify --json"""
    with refusals():
        report = run_verify(load_settings())
    if as_json:
        print_json(report.to_json())
    else:
        show(report)
    if not report.ok:
        raise typer.Exit(DIFFERENCE)


def run_verify(settings: Settings) -> Report:
    """Run the verifier; the auditor may read the topics only meanwhile."""
    from hub.commandline.deployment import held_now, lent
    from infra.check.verify import verify as check

    rights = _rights_to(held_now(settings), settings)
    with lent(settings, rights):
        return asyncio.run(check(settings, [right.name for right in rights]))


def departures_now(settings: Settings) -> list[Departure]:
    """Drift of the live broker, and of keys and headers in a sample that the auditor reads; raises `Refusal`."""
    from hub.commandline.deployment import desired_now, held_now, lent
    from infra.check.wrappings import sampled

    held = held_now(settings)
    rights = _rights_to(held, settings)
    with lent(settings, rights):
        samples = asyncio.run(sampled(settings, [right.name for right in rights]))
    return drift(desired_now(settings), held) + samples


def _rights_to(held: Actual, settings: Settings) -> list[Acl]:
    """What the auditor is lent: the topics of all grants, also of former ones, as far as they are there."""
    from infra.check.verify import auditor_rights

    rights = auditor_rights(settings, declared_grants(settings.grants_directory))
    present = {topic.name for topic in held.topics}
    return [right for right in rights if right.name in present]


def show(report: Report) -> None:
    """The report for people."""
    console.print(f"{report.changes} changes and {report.deliveries} deliveries checked: ", end="")
    console.print(
        "I1-I7 hold" if report.ok else f"{len(report.findings)} findings", style="green" if report.ok else "red"
    )
    for finding in report.findings[:SHOWN]:
        console.print(
            f"  {finding.invariant.name} {finding.place} {finding.municipality}: {finding.detail}", markup=False
        )
