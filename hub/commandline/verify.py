"""``kairan verify``: the independent verifier, with the auditor's rights lent only while it runs."""

import asyncio
from typing import Annotated

import typer

from hub.commandline.output import DIFFERENCE, console, print_json, refusals
from infra.check.findings import Report
from infra.runtime.settings import Settings, load_settings
from topics.drift import Departure

SHOWN = 20


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for programs")] = False,  # noqa: FBT002
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
    from hub.commandline.deployment import broker, grants_now
    from infra.check.verify import auditor_rights
    from infra.check.verify import verify as check

    rights = auditor_rights(settings, grants_now(settings))
    administrator = broker(settings)
    administrator.allow(rights)
    try:
        return asyncio.run(check(settings))
    finally:
        administrator.withdraw(rights)


def departures_now(settings: Settings) -> list[Departure]:
    """Drift of the live broker, and of keys and headers in a sample that the auditor reads; raises `Refusal`."""
    from hub.commandline.deployment import broker, drift_now, grants_now, groups_of
    from infra.check.verify import auditor_rights
    from infra.check.wrappings import sampled

    found = drift_now(settings)
    administrator = broker(settings)
    present = {topic.name for topic in administrator.read(groups_of(settings)).topics}
    rights = [right for right in auditor_rights(settings, grants_now(settings)) if right.name in present]
    administrator.allow(rights)
    try:
        return found + asyncio.run(sampled(settings, [right.name for right in rights]))
    finally:
        administrator.withdraw(rights)


def show(report: Report) -> None:
    """The report for people."""
    console.print(f"{report.changes} changes and {report.deliveries} deliveries checked: ", end="")
    console.print(
        "I1-I5 hold" if report.ok else f"{len(report.findings)} findings", style="green" if report.ok else "red"
    )
    for finding in report.findings[:SHOWN]:
        console.print(
            f"  {finding.invariant.name} {finding.place} {finding.municipality}: {finding.detail}", markup=False
        )
