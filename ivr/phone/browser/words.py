"""The texts of the pages, in each language of their interface."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

INTERFACES = {"en": "English", "fi": "suomi", "sv": "svenska"}


@cache
def words(interface: str, page: str = "") -> Mapping[str, str]:
    """All texts of the phone, or of another page that is named, in one language, by key."""
    name = f"{page}.{interface}.yaml" if page else f"{interface}.yaml"
    text = (files("ivr.phone.browser") / "words" / name).read_text(encoding="utf-8")
    return {key: str(value) for key, value in yaml.safe_load(text).items()}
