"""``kairan grants request | review | suspend | end``: the steps by which a grant comes and goes."""

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import typer

from hub.commandline.grants.decision import decide
from hub.commandline.grants.files import coded, directory, named, read, today
from hub.commandline.grants.revocation import Revoked, revoke_now
from hub.commandline.output import AsJson, console, print_json, refusals
from infra.runtime.refusals import Refusal
from infra.runtime.settings import Settings, load_settings
from topics import trail
from topics.grant import Halt, Request
from topics.grant_files import declared_path, read_grant, requested_path, write_grant

Who = Annotated[str, typer.Option("--by", help="account of the person who takes this step")]
Why = Annotated[str, typer.Option("--reason", help="why, in one sentence without personal data")]
Recipient = Annotated[str, typer.Argument(help="a recipient that has a grant")]


def request_command(
    file: Annotated[Path, typer.Argument(help="the proposed grant, as YAML", exists=True, dir_okay=False)],
    letter: Annotated[Path, typer.Option(help="the request letter; its SHA-256 is kept", exists=True, dir_okay=False)],
    requester: Annotated[str, typer.Option(help="account of the person who asks")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Request a grant, or a change of one; what is narrower takes effect at once.

    Example: kairan grants request proposal.yaml --letter letter.pdf --requester welfare-office-1
    """
    with refusals():
        settings = load_settings()
        requested, path = _request(settings, file, letter, requester)
    if as_json:
        print_json({"recipient": requested.grant.recipient, "in_force": not requested.wider, "wider": requested.wider})
    elif requested.wider:
        console.print(f"waits for a review, since it is wider: {'; '.join(requested.wider)}", markup=False)
        console.print(f"next: kairan grants preview {path}, then kairan grants review", markup=False)
    else:
        console.print("in effect: narrower than what was reviewed", markup=False)


def review_command(
    recipient: Recipient,
    by: Who,
    decision: Annotated[str, typer.Option(help="approved or refused")],
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Decide on a request; never by its requester. Example: kairan grants review welfare --by x --decision approved"""
    with refusals():
        grant = decide(load_settings(), recipient, by, decision)
    if as_json:
        print_json({"recipient": recipient, "decision": decision, "generation": grant.generation})
    else:
        console.print(f"{decision}; next: kairan prepare" if decision == "approved" else decision, markup=False)


def suspend_command(recipient: Recipient, by: Who, reason: Why, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Suspend a grant at once. Example: kairan grants suspend welfare --by x --reason 'the list is being checked'"""
    _halt("suspended", recipient, by, reason, as_json=as_json)


def end_command(recipient: Recipient, by: Who, reason: Why, as_json: AsJson = False) -> None:  # noqa: FBT002
    """End a grant at once and for good. Example: kairan grants end welfare --by x --reason 'the task has ended'"""
    _halt("ended", recipient, by, reason, as_json=as_json)


def _request(settings: Settings, file: Path, letter: Path, requester: str) -> tuple[trail.Requested, Path]:
    proposal = read(file)
    if proposal is None:
        raise Refusal("KRN-GRANT", f"{file.name} is not there")
    with coded():
        asked = Request(letter_sha256=sha256(letter.read_bytes()).hexdigest(), received_on=today(), requester=requester)
        current = read_grant(declared_path(directory(settings), proposal.recipient))
        requested = trail.request(proposal.model_copy(update={"request": asked}), current, today())
        place = requested_path if requested.wider else declared_path
        path = place(directory(settings), proposal.recipient)
        write_grant(path, requested.grant, layout=file)
    return requested, path


def _halt(step: Literal["suspended", "ended"], recipient: str, by: str, reason: str, *, as_json: bool) -> None:
    with refusals():
        settings = load_settings()
        grant = named(recipient)
        with coded():
            halt = Halt(by=by, since=today(), reason=reason)
            halted = trail.suspend(grant, halt) if step == "suspended" else trail.end(grant, halt)
            path = declared_path(directory(settings), recipient)
            write_grant(path, halted, layout=path)
        done = revoke_now(settings, halted)
    if as_json:
        print_json({"recipient": recipient, step: True, **done.to_json()})
    else:
        _tell(step, done)


def _tell(step: str, done: Revoked) -> None:
    console.print(f"{step}; unreadable after {done.unreadable_seconds:.2f} s", markup=False)
    console.print(f"{done.voided} unsent deliveries are void, after {done.seconds:.2f} s in all", markup=False)
