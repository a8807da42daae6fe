"""``kairan docs recipients | schema | asyncapi``: the pages in the repository are what is declared."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from hub.commandline.docs_recipients import recipients_page
from hub.commandline.docs_schema import asyncapi_page
from hub.commandline.main import app
from topics.catalogue import access_windows_topic, desired
from topics.declared import declared_by_recipient, grants_in_force
from topics.institutions import institutions_on
from topics.scope import CATALOGUES

ROOT = Path(__file__).parents[3]
GRANTS = grants_in_force(date(2026, 11, 24))
ASKING = institutions_on(date(2026, 11, 24))
PAGE = asyncapi_page(GRANTS, asking=ASKING)
DOCUMENT = yaml.safe_load(PAGE)


def test_the_page_of_recipients_is_up_to_date() -> None:
    """Otherwise: kairan docs recipients --markdown > docs/reference/recipients.md"""
    assert (ROOT / "docs/reference/recipients.md").read_text(encoding="utf-8") == recipients_page(GRANTS)


def test_the_asyncapi_document_is_up_to_date() -> None:
    """Otherwise: kairan docs asyncapi > docs/reference/asyncapi.yaml"""
    assert (ROOT / "docs/reference/asyncapi.yaml").read_text(encoding="utf-8") == PAGE


@pytest.mark.parametrize("recipient", declared_by_recipient())
def test_a_recipients_section_names_every_item_and_where_it_comes_from(recipient: str) -> None:
    grant = declared_by_recipient()[recipient]
    page = recipients_page([grant])
    assert f"`out.{recipient}.v1`" in page
    assert f"`in.{recipient}.v1`: acknowledgement" in page
    assert ("interest" in page.partition("`in.")[2].partition("\n")[0]) == (grant.population == "interest")
    for number in grant.items:
        assert f"| {number} | {CATALOGUES[grant.catalogue].by_number[number].name_ja} |" in page


def test_recipients_are_told_to_programs_and_people() -> None:
    told = json.loads(CliRunner().invoke(app, ["docs", "recipients", "--json"]).output)
    assert {name: len(each["items"]) for name, each in told.items()} == {g.recipient: len(g.items) for g in GRANTS}
    assert "welfare" in CliRunner().invoke(app, ["docs", "recipients"]).output


def test_a_schema_is_printed_and_an_unknown_recipient_refused() -> None:
    told = json.loads(CliRunner().invoke(app, ["docs", "schema", "welfare"]).output)
    assert told["properties"]["recipient"] == {"const": "welfare"}
    assert CliRunner().invoke(app, ["docs", "schema", "library"]).exit_code == 1


def test_the_document_has_the_shape_of_asyncapi_3() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert set(DOCUMENT) <= {
        "asyncapi", "id", "info", "servers", "defaultContentType", "channels", "operations", "components",
    }  # fmt: skip
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert all({"host", "protocol"} <= set(server) for server in DOCUMENT["servers"].values())
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        channel = _found(operation["channel"]["$ref"])
        assert {message["$ref"].rpartition("/")[2] for message in operation["messages"]} == set(channel["messages"])


def test_every_reference_leads_somewhere() -> None:
    references = list(_references(DOCUMENT))
    assert len(references) > 50
    assert all(_found(reference) for reference in references)


def test_channels_and_operations_are_the_brokers_topics_and_rights() -> None:
    wanted, own = (
        desired(GRANTS, "", 1, ASKING),
        {access_windows_topic("")},
    )  # the analysis's own state is a message to nobody
    assert {each["address"] for each in DOCUMENT["channels"].values()} == {topic.name for topic in wanted.topics} - own
    told = {
        (each["tags"][0]["name"], each["action"], _found(each["channel"]["$ref"])["address"])
        for each in DOCUMENT["operations"].values()
    }
    words = {"READ": "receive", "WRITE": "send"}
    rights = {(acl.principal, words[acl.operation], acl.name) for acl in wanted.acls
              if acl.resource == "TOPIC" and acl.operation in words and acl.name not in own}  # fmt: skip
    assert told == rights


def test_no_example_and_no_value_stands_in_the_document() -> None:
    assert not {"example", "examples", "default"} & set(_keys(DOCUMENT["components"]))


def _found(reference: str) -> Any:
    node: Any = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
    for each in _inside(node):
        yield from _references(each)


def _keys(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from node
    for each in _inside(node):
        yield from _keys(each)


def _inside(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []
