"""The recipients' own statements: how deliveries become rows of their copies, and whom welfare handles."""

import json
from collections.abc import Sequence
from typing import Any

from hub.commandline.faults.statements.table import Statements, columns, tuples
from hub.commandline.faults.tables import Row, View
from infra.runtime.queries import load_queries

interests = Statements(load_queries("consumers.kit", "interests.sql"))
welfare = Statements(load_queries("consumers.welfare", "queries.sql"))
prefecture = Statements(load_queries("consumers.prefecture", "queries.sql"))
intermediate = Statements(load_queries("consumers.intermediate", "queries.sql"))
codes = Statements(load_queries("consumers.intermediate", "codes.sql"))
PERSON = ("subject", "sequence", "state", "items")
IDENTITY = (*PERSON, "sealed_resident_code", "sealed_my_number", "sealed_former_resident_code")
CLOSED = ("subject", "code_index", "regular", "abnormal")
SECONDARY = ("subject", "version", "state", "items", "link_number")


@welfare.name("put")
def put_person(view: View, city: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Persons as last told."""
    return _put(view, "person", city, PERSON, given)


@welfare.name("drop")
def drop_person(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """Persons no longer handled."""
    _drop(view, "person", city, subjects)
    return ()


@welfare.name("instruct")
def instruct_person(view: View, city: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Persons of whom nothing new is told, and something is recalled."""
    return _instruct(view, "person", city, given)


@interests.name("place")
def place(view: View, city: str, residents: Sequence[str]) -> Sequence[Row]:
    """Put persons on the list; the answer is who was not on it."""
    rows = [{"municipality": city, "addressee_number": resident} for resident in residents]
    return columns([row for row in rows if view.add("interest", row)], "addressee_number")


@interests.name("remove")
def remove(view: View, city: str, residents: Sequence[str]) -> Sequence[Row]:
    """Take persons off the list; the answer is who was on it."""
    gone = [row for row in view.rows("interest", municipality=city) if row["addressee_number"] in residents]
    for row in gone:
        view.drop("interest", row)
    return columns(gone, "addressee_number")


@prefecture.name("put")
def put_identity(view: View, city: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Residents as last told, numbers sealed."""
    return _put(view, "identity", city, IDENTITY, given)


@prefecture.name("drop")
def drop_identity(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """Residents whose creation was annulled."""
    _drop(view, "identity", city, subjects)
    return ()


@prefecture.name("instruct")
def instruct_identity(view: View, city: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Residents of whom nothing new is told, and something is recalled."""
    return _instruct(view, "identity", city, given)


@prefecture.name("registered")
def registered(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """Sequences and sealed codes of these records."""
    found = []
    for row in view.rows("identity", municipality=city):
        if row["subject"] in subjects:
            items = json.loads(row["items"])
            counts = {"regular": items.get("update_sequence"), "abnormal": items.get("abnormal_update_sequence")}
            place = {"subject": row["subject"], "sequence": row["sequence"], "code": row["sealed_resident_code"]}
            found.append({**place, **counts})
    return found


@prefecture.name("closed")
def closed(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """Sequences of codes that were these persons' before."""
    rows = [row for row in view.rows("closed_code", municipality=city) if row["subject"] in subjects]
    return columns(rows, *CLOSED)


@prefecture.name("close")
def close(view: View, city: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Codes that are these persons' no more."""
    return _put(view, "closed_code", city, CLOSED, given)


@prefecture.name("marks")
def marks(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """Which of these records take no update; no process in memory marks any."""
    rows = [row for row in view.rows("record_mark", municipality=city) if row["taken_off_at"] is None]
    return columns([row for row in rows if row["subject"] in subjects], "subject", "mark")


@intermediate.name("put")
def put_secondary(view: View, city: str, *given: Any) -> Sequence[Row]:
    """Secondary copies as last told; who is gone is published for a while."""
    *told, ceased_published = given
    for values in tuples(*told):
        row = dict(zip(SECONDARY, values, strict=True))
        until = view.now() + ceased_published if row["state"] == "ceased" else None
        view.put("secondary_copy", {"municipality": city, **row, "published_from": view.now(), "published_to": until})
    return ()


@intermediate.name("drop")
def drop_secondary(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """Secondary copies that go; the answer is whose link numbers, and their versions."""
    return columns(_drop(view, "secondary_copy", city, subjects), "link_number", "version")


@intermediate.name("instruct")
def instruct_secondary(view: View, city: str, *given: Sequence[Any]) -> Sequence[Row]:
    """Secondary copies of which nothing new is told, and something is recalled; the answer is whose link numbers."""
    changed = _instructed(view, "secondary_copy", city, given, "version")
    for row in changed:
        view.change("secondary_copy", row, published_from=view.now())
    return columns(changed, "link_number")


@intermediate.name("end_registrations")
def end_registrations(view: View, city: str, link_numbers: Sequence[str]) -> Sequence[Row]:
    """What was published of these persons is published no more."""
    for row in list(view.rows("registration", municipality=city, kind="registration")):
        until = row["published_to"]
        if row["link_number"] in link_numbers and (until is None or until > view.now()):
            view.change("registration", row, published_to=view.now())
    return ()


@intermediate.name("register")
def register(view: View, city: str, subjects: Sequence[str]) -> Sequence[Row]:
    """What is published of these persons now."""
    for row in view.rows("secondary_copy", municipality=city):
        if row["subject"] in subjects:
            published = {name: row[name] for name in ("link_number", "version", "published_from", "published_to")}
            _register(view, city, "registration", published)
    return ()


@intermediate.name("delete_registrations")
def delete_registrations(view: View, city: str, link_numbers: Sequence[str], versions: Sequence[int]) -> Sequence[Row]:
    """That these versions were deleted."""
    for link_number, version in tuples(link_numbers, versions):
        moments = {"published_from": view.now(), "published_to": view.now()}
        _register(view, city, "deletion", {"link_number": link_number, "version": version, **moments})
    return ()


@codes.name("lock_codes")
def lock_codes(view: View, city: str) -> Sequence[Row]:
    """One writer at a time."""
    view.lock("link_code", city)
    return ()


@codes.name("open_epochs")
def open_epochs(view: View, city: str) -> Sequence[Row]:
    """Institutions with their present epochs."""
    rows = [row for row in view.rows("link_epoch", municipality=city) if row["valid_to"] is None]
    return columns(rows, "institution", "epoch")


@codes.name("open_epoch")
def open_epoch(view: View, city: str, institution: str, epoch: int) -> Sequence[Row]:
    """An institution's new epoch."""
    place = {"municipality": city, "institution": institution, "epoch": epoch}
    view.insert("link_epoch", {**place, "valid_from": view.now(), "valid_to": None})
    return ()


@codes.name("coded")
def coded(view: View, city: str, institutions: Sequence[str], link_numbers: Sequence[str]) -> Sequence[Row]:
    """Who has a valid code of these institutions."""
    rows = [row for row in view.rows("link_code", municipality=city) if row["valid_to"] is None]
    wanted = [r for r in rows if r["institution"] in institutions and r["link_number"] in link_numbers]
    return columns(wanted, "institution", "link_number")


@codes.name("everybody")
def everybody(view: View, city: str) -> Sequence[Row]:
    """All link numbers in the copy."""
    return columns(view.rows("secondary_copy", municipality=city), "link_number")


@codes.name("end_codes")
def end_codes(view: View, city: str, link_numbers: Sequence[str]) -> Sequence[Row]:
    """These persons' codes are valid no more."""
    for row in list(view.rows("link_code", municipality=city)):
        if row["link_number"] in link_numbers and (row["valid_to"] is None or row["valid_to"] > view.now()):
            view.change("link_code", row, valid_to=view.now())
    return ()


@codes.copy("link_code")
def copy_code(view: View, row: Row) -> None:
    """A person's code."""
    view.insert("link_code", {**row, "valid_from": view.now(), "valid_to": None})


def _put(view: View, table: str, city: str, names: Sequence[str], given: Sequence[Sequence[Any]]) -> Sequence[Row]:
    for values in tuples(*given):
        view.put(table, {"municipality": city, **dict(zip(names, values, strict=True))})
    return ()


def _register(view: View, city: str, kind: str, row: Row) -> None:
    view.insert("registration", {"id": view.identity("registration"), "municipality": city, "kind": kind, **row})


def _instruct(view: View, table: str, city: str, given: Sequence[Sequence[Any]]) -> Sequence[Row]:
    _instructed(view, table, city, given, "sequence")
    return ()


def _instructed(view: View, table: str, city: str, given: Sequence[Sequence[Any]], column: str) -> list[Row]:
    changed = []
    for subject, sequence, recalled in tuples(*given):
        row, gone = view.get(table, city, subject), json.loads(recalled)
        if row is not None:
            items = {field: value for field, value in json.loads(row["items"]).items() if field not in gone}
            sealed = {f"sealed_{field}": None for field in gone if f"sealed_{field}" in row}
            told = {column: sequence, "items": json.dumps(items, ensure_ascii=False), **sealed}
            changed.append(view.change(table, row, **told))
    return changed


def _drop(view: View, table: str, city: str, subjects: Sequence[str]) -> list[Row]:
    gone = [row for row in view.rows(table, municipality=city) if row["subject"] in subjects]
    for row in gone:
        view.drop(table, row)
    return gone
