"""The pages: every module here that has a `PAGE` is one."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from hub.pages.page import Page


@cache
def pages() -> tuple[Page, ...]:
    """All pages, in the menu's order."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    return tuple(sorted((module.PAGE for module in modules), key=lambda page: page.order))
