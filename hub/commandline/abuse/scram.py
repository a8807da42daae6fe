"""Two requests that the client library does not know: user credentials of Kafka's SCRAM (KIP-554), version 0."""

from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import CompactArray, CompactString, Int8, Int16, Int32, Schema, TaggedFields

SHA_512 = 2
_TAGS = ("tags", TaggedFields)
_TEXT = CompactString("utf-8")


class _Described(Response):  # type: ignore[misc]
    API_KEY = 50
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", _TEXT),
        (
            "results",
            CompactArray(
                ("user", _TEXT),
                ("error_code", Int16),
                ("error_message", _TEXT),
                ("credentials", CompactArray(("mechanism", Int8), ("iterations", Int32), _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class _Describe(RequestStruct):  # type: ignore[misc]
    API_KEY = 50
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Described
    SCHEMA = Schema(("users", CompactArray(("name", _TEXT), _TAGS)), _TAGS)


class DescribeCredentials(Request[_Describe]):  # type: ignore[misc]
    """Asks for a user's credentials."""

    API_KEY = 50

    def __init__(self, user: str) -> None:
        self._user = user

    def build(self, request_struct_class: type[_Describe]) -> Any:
        """The request on the wire."""
        return request_struct_class([(self._user, {})], {})


class _Altered(Response):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", CompactArray(("user", _TEXT), ("error_code", Int16), ("error_message", _TEXT), _TAGS)),
        _TAGS,
    )


class _Alter(RequestStruct):  # type: ignore[misc]
    API_KEY = 51
    API_VERSION = 0
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _Altered
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", _TEXT), ("mechanism", Int8), _TAGS)),
        ("upsertions", CompactArray(("name", _TEXT), ("mechanism", Int8), _TAGS)),
        _TAGS,
    )


class DeleteCredentials(Request[_Alter]):  # type: ignore[misc]
    """Deletes a user's credentials: the alteration that breaks nothing where there are none."""

    API_KEY = 51

    def __init__(self, user: str) -> None:
        self._user = user

    def build(self, request_struct_class: type[_Alter]) -> Any:
        """The request on the wire."""
        return request_struct_class([(self._user, SHA_512, {})], [], {})
