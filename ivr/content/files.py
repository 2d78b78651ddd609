"""The files of a site. Issues name them as below `prompts/`, whatever folder the site is in."""

from __future__ import annotations

import re

from ivr.core.issue import Issue
from ivr.core.languages import Languages

FLOW, OFFICE, LANGUAGES = "prompts/flow.yaml", "prompts/office.yaml", "prompts/languages.yaml"
SOURCE = "prompts/prompts.pot"
APPROVED = ".approved.yaml"
"""Ending of the files with what native speakers have approved. They belong to one office, and are not copied."""
OF_RECORDINGS = "recordings/"
"""How issues begin to name a file beside the recordings of people, wherever these are."""
RESTORE = "Restore it from version control, or from another copy"
MISSING_FILE = "the file is missing, or cannot be read"
"""The message of an issue about a file that is not there, or is a folder, or is not ours to read."""

MERGE_MARK = re.compile(r"(<{7}|\|{7}|={7}|>{7})( |$)")
"""Begins a line that git leaves where two people have changed the same ones."""
TWO_VERSIONS = (
    "git has left two versions of these lines here",
    "Keep one of them, and delete the lines that begin with <<<<<<<, ======= and >>>>>>>",
)


def po_name(language: str) -> str:
    """The PO file of a translation."""
    return f"prompts/{language}.po"


def approvals_name(language: str) -> str:
    """The file with what native speakers have approved in a language."""
    return f"prompts/{language}{APPROVED}"


def heard_name(language: str) -> str:
    """The file with the safety sentences of a language that were approved in the listening room."""
    return f"{OF_RECORDINGS}{language}/approved.yaml"


def letters_name(language: str) -> str:
    """The file that says how a draft voice reads the letters of a language."""
    return f"prompts/{language}.letters.yaml"


def file_of(languages: Languages, language: str) -> str:
    """The file with the texts of a language: prompts.pot for the source language, else its PO file."""
    return SOURCE if language == languages.source else po_name(language)


def unreadable(name: str, line: int, message: str, remedy: str) -> Issue:
    """An issue about a line that cannot be read. It concerns the file, so its `where` is empty."""
    return Issue("broken", name, (), message, remedy, line=line)
