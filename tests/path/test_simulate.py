"""A season of a small city, by the command."""

import json
from pathlib import Path

from typer.testing import CliRunner

from hub.commandline.main import app
from topics.reasons import reasons

RESIDENTS, DAYS = 400, 120


def test_a_season_goes_through_the_whole_path_and_is_told_by_reason(tmp_path: Path) -> None:
    told = tmp_path / "season.json"
    shell = CliRunner()
    asked = ["simulate", "--residents", str(RESIDENTS), "--days", str(DAYS), "--json", str(told)]
    result = shell.invoke(app, asked)
    assert result.exit_code == 0, result.output
    season = json.loads(told.read_text(encoding="utf-8"))
    assert season["verify"]["ok"]
    assert season["residents"] == RESIDENTS
    assert set(season["reasons"]) <= {reason.code for reason in reasons()}
    assert sum(season["reasons"].values()) >= season["changes"] > 0
    assert min(season["seconds"], season["rss_mb"]) > 0
