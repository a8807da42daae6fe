"""One request by somebody who is logged in, and how it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from hub.pages.desk import Desk
from hub.pages.rendering import render
from hub.pages.sessions import Session
from hub.watch.words import Language

Menu = tuple[tuple[str, str], ...]
"""Path and name of each page that somebody may see."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for which page in which language; `form` is what was posted."""

    desk: Desk
    request: Request
    language: Language
    session: Session
    menu: Menu
    form: Mapping[str, str] = field(default_factory=dict)

    def answer(self, template: str, status: int = 200, **told: Any) -> Response:
        """A page made from `template`."""
        latest = self.desk.latest
        shared = {"session": self.session, "path": self.request.url.path, "menu": self.menu, "latest": latest}
        return HTMLResponse(render(template, self.language, **shared, **told), status)
