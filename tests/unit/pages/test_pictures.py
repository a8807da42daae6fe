"""Every page is shown in the documentation, in both languages, by a picture that is not heavy."""

from pathlib import Path

import pytest

from hub.pages.views import pages
from hub.pages.words import LANGUAGES
from hub.watch.words import Language

ROOT = Path(__file__).parents[3]
LARGEST_BYTES = 150 * 1024


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [page.name for page in pages()])
def test_a_page_has_a_light_picture_that_is_shown(name: str, language: Language) -> None:
    picture = ROOT / "docs/pages" / f"{name}-{language}.png"
    assert 0 < picture.stat().st_size <= LARGEST_BYTES
    assert f"](../pages/{picture.name})" in (ROOT / "docs/how-to/pages.md").read_text(encoding="utf-8")


def test_every_picture_is_of_a_page() -> None:
    expected = {f"{page.name}-{language}.png" for page in pages() for language in LANGUAGES}
    assert {picture.name for picture in (ROOT / "docs/pages").iterdir()} == expected
