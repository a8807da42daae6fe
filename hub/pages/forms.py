"""What is posted: small, of our own pages, text alone."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST_BYTES = 16 * 1024
MOST_FIELDS = 20
WORD = "csrf"
"""The field by which a form brings the session's word back."""


async def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form; HTTPException when it is large, from elsewhere, or not a form."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST_BYTES:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not _from_here(request):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _from_here(request: Request) -> bool:
    """Browsers tell from which page a form came; whoever does not is asked for the session's word anyway."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
