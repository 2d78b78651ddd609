"""What was set at our numbers before we first changed it, in a file: the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ivr.files import alone, write_atomically, writing
from ivr.telephony.twilio.plan import FIELDS, OurNumber, Webhooks

NAME = "connect-before.json"


class FirstStateUnreadable(Exception):
    """The file is there and cannot be understood; the message says the remedy."""


class Before:
    """The file of a state folder. It holds addresses of the office, so only its owner may read it."""

    def __init__(self, folder: Path) -> None:
        self.path = (folder / NAME).absolute()  # a message names it for whoever is in another folder

    def read(self) -> dict[str, Webhooks]:
        """Number -> what was set at it; nothing where there is no file. Raises FirstStateUnreadable."""
        try:
            written = json.loads(self.path.read_bytes())
            return {_number(number): _webhooks(values) for number, values in written.items()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise FirstStateUnreadable(
                f"{self.path} cannot be read: {error.strerror}. Remedy: let this user read it."
            ) from None
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise FirstStateUnreadable(
                f"{self.path} is not what `ivr connect` writes. Remedy: restore it from a backup, or give it another "
                "name: then what is set now is taken for the first state."
            ) from None

    def keep(self, numbers: Iterable[OurNumber]) -> None:
        """Add what is set at numbers that are not in the file: a first state is never overwritten.

        Raises FirstStateUnreadable and NotWritten.
        """
        with writing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path):
                self._write({**{each.number: each.webhooks for each in numbers}, **self.read()})

    def forget(self, numbers: Iterable[str]) -> None:
        """Remove numbers at which the first state is set again; an empty file goes."""
        gone = set(numbers)
        with writing(self.path), alone(self.path):
            if left := {number: values for number, values in self.read().items() if number not in gone}:
                self._write(left)
            else:
                self.path.unlink(missing_ok=True)

    def _write(self, kept: Mapping[str, Webhooks]) -> None:
        values = {number: asdict(webhooks) for number, webhooks in kept.items()}
        write_atomically(self.path, (json.dumps(values, indent=2) + "\n").encode(), mode=0o600, durable=True)


def _number(written: str) -> str:
    """A number in E.164: what else stands there would be asked for, and shown."""
    if not re.fullmatch(r"\+[0-9]+", written):
        raise ValueError("no number")
    return written


def _webhooks(values: Mapping[str, Any]) -> Webhooks:
    if set(values) != set(FIELDS) or not all(isinstance(value, str) for value in values.values()):
        raise ValueError("other fields")
    return Webhooks(**values)
