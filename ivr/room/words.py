"""The words of the listening room, in each language, and the version of its consent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

OTHERWISE = "en"
"""Whose words are shown where a language has none of its own."""
CONSENT_KEYS = (
    *("consent_heard", "consent_known", "consent_kept", "consent_not", "consent_back"),
    *("consent_adult", "consent_named"),
)
"""The keys of what somebody agrees to before they record, in the order in which it is read. The last two are ticked."""


@cache
def words(language: str) -> Mapping[str, str]:
    """Every text of the room in a language, by key, its slots not filled; in English where it has no file here."""
    folder = files("ivr.room") / "words"
    own = folder / f"{language}.yaml"
    path = own if own.is_file() else folder / f"{OTHERWISE}.yaml"
    return {key: str(text) for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


@cache
def consent_version(language: str) -> str:
    """12 hexadecimal digits that change when the words of the consent do, in the language in which it is read."""
    own = words(language)
    agreed = json.dumps([own[key] for key in CONSENT_KEYS])
    return hashlib.sha256(agreed.encode()).hexdigest()[:12]
