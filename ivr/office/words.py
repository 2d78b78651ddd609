"""The texts of the pages, in each language in which they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from flask import g, request

from ivr.office.cookies import get_cookie

INTERFACES = {"fi": "suomi", "sv": "svenska", "en": "English"}
DEFAULT = "fi"


@cache
def words(interface: str) -> Mapping[str, str]:
    """All texts in one language, by key: of every file `words/<area>.<language>.yaml`."""
    found = dict[str, str]()
    for path in sorted((files("ivr.office") / "words").iterdir(), key=lambda path: path.name):
        if path.name.endswith(f".{interface}.yaml"):
            read = {key: str(value) for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
            if twice := found.keys() & read.keys():
                raise ValueError(f"{path.name}: {', '.join(sorted(twice))} stand in another file too")
            found |= read
    return found


def interface() -> str:
    """The language of this page: chosen by a link here or before, else as the browser prefers, else Finnish."""
    if "interface" not in g:
        preferred = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
        wanted = (request.args.get("ui"), get_cookie("language"), *preferred)
        g.interface = next((each for each in wanted if each in INTERFACES), DEFAULT)
    found: str = g.interface
    return found


def t(key: str, **slots: object) -> str:
    """A text in the language of this page, with its slots filled. It is no markup, and is escaped where it is shown."""
    return words(interface())[key].format(**slots)
