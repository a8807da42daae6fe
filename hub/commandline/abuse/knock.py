"""One knock at a listener's door, below every client library: what the server says to whoever wants in."""

import socket
import ssl
import struct
from dataclasses import dataclass

from hub.commandline.abuse.link import Address

TIMEOUT_SECONDS = 5.0
CLOSED = "closed without a word"
ALERT_RECORD = 0x15
ALERTS = {10: "unexpected_message", 40: "handshake_failure", 50: "decode_error", 70: "protocol_version",
          80: "internal_error"}  # fmt: skip
WHICH_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""An ApiVersions request, which every broker answers to whomever it lets in."""


@dataclass(frozen=True, slots=True)
class Knock:
    """What came of it: `word` is empty for who was let in; `port` is our own, by which the server's log knows us."""

    word: str
    port: int


def knock(address: Address, context: ssl.SSLContext | None) -> Knock:
    """Ask for entry by TLS, or in plain text without a context."""
    with socket.create_connection(address, timeout=TIMEOUT_SECONDS) as plain:
        port = plain.getsockname()[1]
        try:
            if context is None:
                return Knock(_asked(plain), port)
            with context.wrap_socket(plain, server_hostname=address[0]) as secured:
                return Knock(_asked(secured), port)
        except ssl.SSLError as error:
            return Knock(error.reason or type(error).__name__, port)
        except ConnectionError:
            return Knock(CLOSED, port)


def _asked(door: socket.socket) -> str:
    """In TLS 1.3 the refusal of a client's certificate arrives with the first read."""
    door.sendall(WHICH_VERSIONS)
    answer = door.recv(7)
    if not answer:
        return CLOSED
    if answer[0] == ALERT_RECORD:
        return f"TLS alert {ALERTS.get(answer[-1], answer[-1])}"
    return ""
