"""The words of the interface, in the languages of those who work with the line."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

INTERFACES = {"en": "English", "fi": "suomi", "sv": "svenska"}


@cache
def words(interface: str) -> Mapping[str, str]:
    """Every word of the page in one language."""
    text = (files("ivr.phone.browser") / "words" / f"{interface}.yaml").read_text(encoding="utf-8")
    return {key: str(value) for key, value in yaml.safe_load(text).items()}
