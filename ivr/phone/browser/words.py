"""The texts of the page, in each language of its interface."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

INTERFACES = {"en": "English", "fi": "suomi", "sv": "svenska"}


@cache
def words(interface: str) -> Mapping[str, str]:
    """All texts of the page in one language, by key."""
    text = (files("ivr.phone.browser") / "words" / f"{interface}.yaml").read_text(encoding="utf-8")
    return {key: str(value) for key, value in yaml.safe_load(text).items()}
