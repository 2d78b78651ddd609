"""The environment of the process, and the `.env` file beside it."""

from __future__ import annotations

import codecs
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from dotenv.parser import parse_stream

T = TypeVar("T")
LOOSER = 0o037
"""Permissions that a file with secrets must not give: to change it, or to others to read it."""


class SettingsError(Exception):
    """The faults of the environment; the message has a line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def gathered(read: Callable[[], T], faults: list[str]) -> T | None:
    """What is read; None where it has faults, which are added to those found before, each once."""
    try:
        return read()
    except SettingsError as error:
        faults.extend(fault for fault in error.faults if fault not in faults)
        return None


def environment(folder: Path) -> dict[str, str]:
    """The environment of the process, which takes precedence over a `.env` file in a folder.

    A value of the file is taken as it is written: `${NAME}` in it is not filled in. SettingsError tells every line of
    the file that cannot be read.
    """
    return {**_variables(_text(folder / ".env")), **os.environ}


def file_warnings(folder: Path) -> tuple[str, ...]:
    """What to be shown at start about the `.env` file of a folder: whether others can read its secrets."""
    try:
        status = (folder / ".env").stat()
    except OSError:
        return ()
    if not stat.S_ISREG(status.st_mode) or not status.st_mode & LOOSER:
        return ()
    return (".env: others can read or change the secrets in it. Remedy: chmod 600 .env",)


def _text(path: Path) -> str:
    try:
        written = path.read_bytes()
    except FileNotFoundError:
        return ""
    except IsADirectoryError:
        raise SettingsError([".env is a folder. Remedy: make it a file, or give it another name."]) from None
    except OSError as error:
        raise SettingsError([f".env cannot be read: {error.strerror}. Remedy: let this user read it."]) from None
    if written.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in written:
        raise SettingsError([".env is written in UTF-16. Remedy: save it as UTF-8."])
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = written.count(b"\n", 0, error.start) + 1
        raise SettingsError([f".env: line {line} is not UTF-8. Remedy: save the file as UTF-8."]) from None


def _variables(text: str) -> dict[str, str]:
    """The variables of a `.env` file. By its parser: `dotenv_values` would drop a wrong line and only log that."""
    found = list(parse_stream(io.StringIO(text)))
    if wrong := [binding.original for binding in found if binding.error]:
        raise SettingsError(
            [
                f".env: line {original.line + _empty_lines_before(original.string)} is not understood. Remedy: write "
                "NAME=value, with quotes around all of the value or none."
                for original in wrong
            ]
        )
    return {binding.key: binding.value or "" for binding in found if binding.key}


def _empty_lines_before(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")
