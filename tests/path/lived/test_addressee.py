"""The in-house office's files from a deployment that has lived: everybody is in them, and no number is."""

import csv
import json
from pathlib import Path

from hub.commandline.deployment import grants_now
from infra.check.sources import read_copy, read_register
from tests.path.deployment import Deployment
from tests.path.shell import done, typed

CITY = "142158"


async def test_a_full_file_has_everybody_and_a_difference_nobody_twice(lived: Deployment, tmp_path: Path) -> None:
    full, difference = tmp_path / "full.csv", tmp_path / "difference.csv"
    told = json.loads((await done(lived.settings, "addressee", "export", str(full), "--full", "--json")).stdout)
    grant = next(grant for grant in grants_now(lived.settings) if grant.recipient == "addressee")
    copy = await read_copy(lived.settings, CITY, grant)
    rows = _rows(full)
    assert len(rows) == told["rows"] == len(copy)
    assert {row["宛名番号"] for row in rows} == {row.items["addressee_number"] for row in copy.values()}
    numbers = (await read_register(lived.settings, CITY)).numbers.values()
    text = full.read_text(encoding="utf-8")
    assert not [number for number in numbers if number in text]
    await done(lived.settings, "addressee", "export", str(difference), "--since", str(told["until"]))
    assert _rows(difference) == []


async def test_neither_both_nor_none_may_be_asked(lived: Deployment, tmp_path: Path) -> None:
    for asked in (("--full", "--since", "1"), ()):
        result = await typed(lived.settings, "addressee", "export", str(tmp_path / "file.csv"), *asked)
        assert (result.exit_code, "ADDRESSEE-KIND" in result.stderr) == (1, True)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
