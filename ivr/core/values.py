"""What every validated value of the content is made of."""

import re
from typing import Any

from pydantic import AfterValidator, BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable pydantic model; fields that it does not know are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def __getstate__(self) -> dict[Any, Any]:
        """What is pickled for another process: the fields, without what was worked out from them and kept."""
        state = super().__getstate__()
        fields = {name: value for name, value in state["__dict__"].items() if name in type(self).model_fields}
        return {**state, "__dict__": fields}


def written_as(pattern: str, remedy: str) -> AfterValidator:
    """Texts of one form. ValueError with the remedy, and without the text, which may be somebody's number."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(remedy)
        return text

    return AfterValidator(check)
