"""The words of the listening room, in each language, and the version of its consent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from ivr.records.room import Kind

OTHERWISE = "en"
"""Whose words are shown where a language has none of its own."""
CONSENT_READ = ("consent_heard", "consent_known", "consent_kept", "consent_not", "consent_back")
"""The keys of what somebody reads before they agree, in this order."""
CONSENT_TICKED = ("consent_adult", "consent_named")
"""The keys of what they tick, or do not."""
NOT_OF_READERS = ("consent_heard",)
"""What is not true of readers: no caller hears them."""


@cache
def words(language: str) -> Mapping[str, str]:
    """Every text of the room in a language, by key, its slots not filled; in English where it has no file here."""
    folder = files("ivr.room") / "words"
    own = folder / f"{language}.yaml"
    path = own if own.is_file() else folder / f"{OTHERWISE}.yaml"
    return {key: str(text) for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


def consent_read(kind: Kind) -> tuple[str, ...]:
    """The keys of what somebody of a kind reads before they agree."""
    return tuple(key for key in CONSENT_READ if kind != "reader" or key not in NOT_OF_READERS)


@cache
def consent_version(language: str, kind: Kind) -> str:
    """12 hexadecimal digits that change when the words of the consent do, in the language in which it is read."""
    own = words(language)
    agreed = json.dumps([own[key] for key in (*consent_read(kind), *CONSENT_TICKED)])
    return hashlib.sha256(agreed.encode()).hexdigest()[:12]
