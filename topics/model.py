"""The base of every wire model: written strictly, frozen, silent about values when it refuses."""

from pydantic import BaseModel, ConfigDict


class WireModel(BaseModel):
    """Refuses unknown fields; validation errors never quote the input."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def to_wire(self) -> bytes:
        """UTF-8 JSON without empty fields: the bytes that travel."""
        return self.model_dump_json(exclude_none=True).encode()
