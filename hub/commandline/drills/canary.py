"""A resident whose number, name and address are distinctive, and the search for them where nothing may be readable."""

from collections.abc import Iterable
from pathlib import Path
from uuid import UUID

from pydantic_core import to_json

from infra.check.artefacts import Artefact, file_artefacts, log_artefacts, topic_artefacts
from infra.check.canaries import Canary, Kind, Leak, Scan
from infra.runtime.settings import Settings
from producers.register.filings import Filing, parse_filing

FILING = UUID("00000000-0000-4000-8000-00000000d111")
DAY = "2025-10-01"
VALUES = {
    Kind.MY_NUMBER: "314159265352",
    Kind.RESIDENT_CODE: "27182818289",
    Kind.NAME: "合成演習院　金糸雀",
    Kind.READING: "ゴウセイエンシュウイン　カナリア",
    Kind.ADDRESS: "合成演習台九十九丁目８１番７９号",
    Kind.DOMICILE: "合成県演習郡訓練村大字金糸雀１６１８番地",
}
"""Synthetic, with right check digits."""


def planted(municipality: str) -> Filing:
    """The canary's filing (転入届)."""
    person = {
        "name": {"text": VALUES[Kind.NAME], "kana": VALUES[Kind.READING]}, "birth_date": "1980-02-29", "sex": "1",
        "relationship": "世帯主", "my_number": VALUES[Kind.MY_NUMBER], "resident_code": VALUES[Kind.RESIDENT_CODE],
        "registered_domicile": VALUES[Kind.DOMICILE], "domicile_head": VALUES[Kind.NAME],
    }  # fmt: skip
    address = {
        "text": VALUES[Kind.ADDRESS], "municipality": municipality, "postal_code": "2430432", "town_code": "00001"
    }  # fmt: skip
    told = {
        "kind": "move-in-domestic", "filing_id": FILING, "operator": "synthetic-1", "filed_on": DAY, "changed_on": DAY,
        "origin": {"municipality": "131130", "text": "東京都渋谷区合成町１番１号"}, "address": address,
        "persons": [person],
    }  # fmt: skip
    return parse_filing(to_json(told))


def leaks(settings: Settings) -> list[Leak]:
    """Where the canary can be read: on the environment's topics and the brokers' own, or in any process's log."""
    return _found((*topic_artefacts(settings), *log_artefacts(settings.state_directory)))


def in_files(files: Iterable[Path]) -> list[Leak]:
    """Where the canary can be read in these files."""
    return _found(file_artefacts(files))


def _found(artefacts: Iterable[Artefact]) -> list[Leak]:
    scan = Scan(Canary(kind, 1, value) for kind, value in VALUES.items())
    return [leak for artefact in artefacts for leak in artefact.leaks(scan)]
