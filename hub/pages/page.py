"""What a page is: one module in `views` with a `PAGE`, and one template. Adding one is adding these two files."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from hub.pages.accounts import Role
from hub.pages.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]

EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path, its name (words.yaml has `page-<name>`), where it stands in the menu, whose it is.

    `show` answers GET; `parts` are further paths below it that are asked in the background and are no action of a
    person; `forms` are what may be posted, each with the session's word.
    """

    path: str
    name: str
    order: int
    show: Handler
    roles: frozenset[Role] = EVERYBODY
    parts: Mapping[str, Handler] = field(default_factory=dict)
    forms: Mapping[str, Handler] = field(default_factory=dict)
