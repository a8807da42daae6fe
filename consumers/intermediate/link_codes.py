"""Making a link code (符号): from an institution's own secret and a person's random link number. Pure.

Each institution and epoch has a secret of its own, never derived from another: who learns one learns nothing of the
other institutions' codes, and to destroy one touches one.
"""

import hmac
from base64 import b32encode
from hashlib import sha256

from topics.guarded import LinkCode

CODE_BYTES = 16


def link_code(secret: bytes, institution: str, link_number: str) -> LinkCode:
    """The institution's code of the person with this link number (団体内統合宛名番号)."""
    message = "\0".join(("kairan/link-code/1", institution, link_number)).encode("ascii")
    code = b32encode(hmac.digest(secret, message, sha256)[:CODE_BYTES])
    return LinkCode(code.decode("ascii").rstrip("=").lower())


def secret_name(institution: str, epoch: int) -> str:
    """How the secret of an institution's epoch is called among the keys."""
    return f"link-code-{institution}-{epoch}"
