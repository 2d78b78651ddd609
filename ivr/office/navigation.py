"""Where the links in the header of every page lead."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app, request

from ivr.records.people import Person


class Link(NamedTuple):
    """A link of the header; `key`: its text in words/. `here`: whether it leads to this page."""

    key: str
    path: str
    here: bool


PAGES = {
    "today": "/",
    "calendar": "/calendar",
    "contacts": "/contacts",
    "people": "/people",
    "languages": "/languages",
    "counts": "/counts",
    "me": "/me",
}
FOR_LEADERS = ("people", "languages", "counts")


def navigation(person: Person) -> tuple[Link, ...]:
    """The links for somebody, to the pages that this application has."""
    there = {rule.rule for rule in current_app.url_map.iter_rules()}
    return tuple(
        Link(f"to_{key}", path, request.path == path)
        for key, path in PAGES.items()
        if path in there and (person.role == "leader" or key not in FOR_LEADERS)
    )


def first_page(person: Person) -> str:
    """Where somebody begins who has just logged in."""
    return navigation(person)[0].path
