"""The places of a call in words, for whoever reads of them on a page: the browser phone and the office say the same."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml


@cache
def places(interface: str) -> Mapping[str, str]:
    """Node of the standard flow -> where in a call it is, in one language of the pages. A site may have other nodes."""
    text = (files("ivr.content") / "words" / f"places.{interface}.yaml").read_text(encoding="utf-8")
    return {node: str(words) for node, words in yaml.safe_load(text).items()}
