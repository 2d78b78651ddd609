"""The base of every validated value of the content."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable pydantic model; fields that it does not know are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
