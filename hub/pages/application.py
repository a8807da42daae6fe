"""The pages as one application: who may see what, and a clear page for everything that goes wrong."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from hub.pages.desk import Desk
from hub.pages.forms import WORD, read_form
from hub.pages.headers import STATIC, Guarded
from hub.pages.page import Handler, Page
from hub.pages.rendering import render
from hub.pages.sessions import UNANSWERED, Session, ThrottledError
from hub.pages.views import pages
from hub.pages.visit import Visit
from hub.pages.words import LANGUAGES, preferred, words
from infra.runtime.log import Logger
from infra.runtime.refusals import Refusal
from topics.broker import BrokerError

COOKIE = "__Host-kairan"
LANGUAGE_COOKIE = "__Host-language"
HOME, LOGIN = "/", "/login"
SEE_OTHER = HTTPStatus.SEE_OTHER
YEAR_SECONDS = 31_536_000
STATUSES = MappingProxyType({"KRN-DATABASE": HTTPStatus.SERVICE_UNAVAILABLE, "PAGES-ROLE": HTTPStatus.FORBIDDEN})

Answer = Callable[[Request], Awaitable[Response]]


class Application:
    """The routes of all pages, and what stands before each: session, role, form."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._log: Logger = structlog.get_logger()

    def routes(self) -> list[Route | Mount]:
        """Log-in and log-out, language, scripts and styles, and every page."""
        return [
            Route(HOME, _home),
            Route(LOGIN, self._answered(self._show_login)),
            Route(LOGIN, self._answered(self._log_in), methods=["POST"]),
            Route("/logout", self._answered(self._log_out), methods=["POST"]),
            Route("/language/{language}", _choose_language),
            Mount(STATIC.rstrip("/"), StaticFiles(directory=Path(str(files("hub.pages").joinpath("static"))))),
            *(route for page in pages() for route in self._of_page(page)),
        ]

    def _of_page(self, page: Page) -> list[Route]:
        def route(path: str, handler: Handler, *, acts: bool = True, method: str = "GET") -> Route:
            return Route(path, self._answered(partial(self._visit, page, handler, acts)), methods=[method])

        return [
            route(page.path, page.show),
            *(route(f"{page.path}/{part}", handler, acts=False) for part, handler in page.parts.items()),
            *(route(f"{page.path}/{form}", handler, method="POST") for form, handler in page.forms.items()),
        ]

    def _answered(self, handler: Answer) -> Answer:
        """What goes wrong becomes a page that says so, and a line in the log without anybody's data."""

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except HTTPException:
                raise
            except ThrottledError as throttled:
                return failure(request, HTTPStatus.TOO_MANY_REQUESTS, "throttled", seconds=round(throttled.seconds) + 1)
            except Refusal as refusal:
                status = STATUSES.get(refusal.code, HTTPStatus.BAD_REQUEST)
                return failure(request, status, "refused", code=refusal.code, sentence=refusal.sentence)
            except (*UNANSWERED, BrokerError) as error:
                self._log.warning("a server does not answer", code="PAGES-UNANSWERED", error=error)
                return failure(request, HTTPStatus.SERVICE_UNAVAILABLE, "unanswered")
            except Exception as error:
                self._log.error("a page failed", code="PAGES-FAILED", error=error)
                return failure(request, HTTPStatus.INTERNAL_SERVER_ERROR, "failed")

        return answered

    async def _visit(self, page: Page, handler: Handler, acts: bool, request: Request) -> Response:  # noqa: FBT001
        session = await self._desk.sessions.of(request.cookies.get(COOKIE, ""), acts=acts)
        if session is None:
            return RedirectResponse(f"{LOGIN}?ended", SEE_OTHER) if acts else Response(status_code=401)
        if session.role not in page.roles:
            return failure(request, HTTPStatus.FORBIDDEN, "role")
        form = await self._form(request, session) if request.method == "POST" else {}
        menu = tuple((each.path, each.name) for each in pages() if session.role in each.roles)
        return await handler(Visit(self._desk, request, language_of(request), session, menu, form))

    async def _form(self, request: Request, session: Session) -> Any:
        form = await read_form(request)
        if not session.brings(form.get(WORD, "")):
            raise HTTPException(HTTPStatus.FORBIDDEN)
        return form

    async def _show_login(self, request: Request) -> Response:
        return _login(request, ended="ended" in request.query_params)

    async def _log_in(self, request: Request) -> Response:
        form = await read_form(request)
        name, password = form.get("name", ""), form.get("password", "")
        address = request.client.host if request.client else ""
        token = await self._desk.sessions.log_in(name, password, address)
        if token is None:
            self._log.warning("a log-in failed", code="PAGES-LOGIN")
            return _login(request, wrong=True, status=HTTPStatus.UNAUTHORIZED)
        response = RedirectResponse(HOME, SEE_OTHER)
        response.set_cookie(COOKIE, token, secure=True, httponly=True, samesite="strict", path="/")
        return response

    async def _log_out(self, request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        session = await self._desk.sessions.of(token, acts=False)
        if session is not None:
            await self._form(request, session)
            await self._desk.sessions.log_out(token)
        response = RedirectResponse(LOGIN, SEE_OTHER)
        response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="strict", path="/")
        return response


def application(desk: Desk) -> ASGIApp:
    """The application for `desk`."""
    missing = {HTTPException: _http_failure}
    return Guarded(Starlette(routes=Application(desk).routes(), exception_handlers=missing))  # type: ignore[arg-type]


def language_of(request: Request) -> Any:
    """The language in which a request is answered."""
    return preferred(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language", ""))


def failure(request: Request, status: int, key: str, **figures: object) -> Response:
    """A page that says what went wrong, and what to do."""
    told = {"key": f"failure-{key}", "figures": figures, "session": None, "path": request.url.path, "menu": ()}
    return HTMLResponse(render("message.html", language_of(request), **told), status)


async def _http_failure(request: Request, error: HTTPException) -> Response:
    key = f"failure-{error.status_code}"
    return failure(request, error.status_code, str(error.status_code) if key in words() else "failed")


async def _home(_request: Request) -> Response:
    return RedirectResponse(pages()[0].path, SEE_OTHER)


async def _choose_language(request: Request) -> Response:
    """Back to where somebody came from, which is one of our own paths, in another language."""
    language, back = request.path_params["language"], request.query_params.get("back", HOME)
    known = {HOME, LOGIN, *(page.path for page in pages())}
    response = RedirectResponse(quote(back if back in known else HOME), SEE_OTHER)
    if language in LANGUAGES:
        options: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "strict", "path": "/"}
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, **options)
    return response


def _login(request: Request, *, ended: bool = False, wrong: bool = False, status: int = 200) -> Response:
    told = {"ended": ended, "wrong": wrong, "session": None, "path": LOGIN, "menu": ()}
    return HTMLResponse(render("login.html", language_of(request), **told), status)
