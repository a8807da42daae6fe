"""The base of every wire model: written strictly, frozen, silent about values when it refuses."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from topics.strict_json import unambiguous


class WireModel(BaseModel):
    """Refuses unknown fields; validation errors never quote the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def to_wire(self) -> bytes:
        """UTF-8 JSON without empty fields: the bytes that travel."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_wire(cls, value: bytes) -> Self:
        """The model in bytes that travelled; raises ValueError, also for JSON that readers would read differently."""
        return cls.model_validate_json(unambiguous(value))
