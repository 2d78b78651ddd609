"""The settings of `ivr serve`, from the environment and a `.env` file: secrets, address, and the numbers to dial.

Every fault is reported at once, each with its remedy.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import phonenumbers
from dotenv import dotenv_values
from phonenumbers import PhoneNumberType

from ivr.core.office import ON_CALL, Office
from ivr.core.utterance import SpeechMode

CONTACT = "IVR_CONTACT_"
"""Prefix of the variable with the numbers of a contact."""
COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
HARD_TO_REACH = (PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN)
"""Kinds of number that may not be reachable from abroad, where the provider dials."""


class SettingsError(Exception):
    """The faults of the environment; the message has a line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """The validated settings.

    `contacts`: the E.164 numbers of each contact, rung in turn. `log`: the file of the journal, or `-` for standard
    output. `warnings`: shown at start and by `/health`.
    """

    public_url: str
    caller_id: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    contacts: Mapping[str, tuple[str, ...]] = field(repr=False)
    speech: SpeechMode = "auto"
    log: str = "-"
    warnings: tuple[str, ...] = ()


def environment(folder: Path) -> dict[str, str]:
    """The environment of the process, which takes precedence over a `.env` file in a folder."""
    return {**{k: v or "" for k, v in dotenv_values(folder / ".env").items()}, **os.environ}


def site_folder(named: str | None, env: Mapping[str, str]) -> Path:
    """The folder of the site: `--site`, else `IVR_SITE`, else `prompts/` in the working folder.

    `IVR_CONTENT` is the name of `IVR_SITE` in version 0.1. SettingsError if the folder does not exist.
    """
    variable = env.get("IVR_SITE") or env.get("IVR_CONTENT")
    folder = Path(named or variable or "prompts")
    if not folder.is_dir():
        source = "--site" if named else "IVR_SITE" if variable else "the default"
        raise SettingsError(
            [
                f"there is no site: the folder {folder} ({source}) is not there. Remedy: name one by --site DIR or by "
                "IVR_SITE, or run this beside a folder prompts/. `ivr new DIR` makes one from the example."
            ]
        )
    return folder


def read_settings(env: Mapping[str, str], office: Office) -> Settings:
    """Read and validate the settings for an office; SettingsError lists every fault."""
    reader = _SettingsReader(env, office)
    settings = reader.settings()
    if reader.faults:
        raise SettingsError(reader.faults)
    return settings


def refusal(number: str, country: str) -> str | None:
    """Why the line may not dial a number, or None if it may: an ordinary, valid phone number in E.164.

    `country`: of a number without +, in two letters (ISO 3166-1).
    """
    try:
        parsed = phonenumbers.parse(number, None if number.startswith("+") else country)
    except phonenumbers.NumberParseException:
        return "is not a phone number"
    national = phonenumbers.national_significant_number(parsed)
    for written in (national, number):
        if phonenumbers.connects_to_emergency_number(written, country):
            return "is an emergency number; the caller dials those, never the line"
    if phonenumbers.is_possible_short_number(parsed) and not phonenumbers.is_valid_number(parsed):
        return "is a short number"
    if number != phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164):
        return "is not in international form; write it as +358..."
    if not phonenumbers.is_valid_number(parsed):
        return "is not a number that exists"
    if phonenumbers.number_type(parsed) in COSTLY:
        return "is a premium number"
    return None


def to_e164(spoken: str, country: str) -> str:
    """A number as the office writes it, in E.164: `0400 291 141` -> `+358400291141`; any other text is unchanged."""
    try:
        parsed = phonenumbers.parse(spoken, country)
    except phonenumbers.NumberParseException:
        return spoken
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def public_number(office: Office) -> str | None:
    """The public number of on-call in E.164, or None where the line may not dial it."""
    number = to_e164(office.contacts[ON_CALL].number or "", office.country)
    return None if refusal(number, office.country) else number


def _address(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not re.search(r"\s", url)
    except ValueError:
        return None
    return parts if whole else None


class _SettingsReader:
    def __init__(self, env: Mapping[str, str], office: Office) -> None:
        self._env, self._office = env, office
        self.faults: list[str] = []
        self._warnings: list[str] = []

    def settings(self) -> Settings:
        caller_id = self._caller_id()
        contacts = {name: self._contact(name, caller_id) for name in self._office.contacts}
        self._no_unknown_contacts()
        self._languages_by_number(contacts)
        return Settings(
            public_url=self._public_url(),
            caller_id=caller_id,
            auth_tokens=self._tokens(),
            contacts=contacts,
            speech=self._speech(),
            log=self._env.get("IVR_LOG") or "-",
            warnings=tuple(self._warnings),
        )

    def _tokens(self) -> tuple[str, ...]:
        tokens = tuple(self._list("TWILIO_AUTH_TOKEN"))
        if not tokens:
            self._fault("TWILIO_AUTH_TOKEN", "is missing", "copy the auth token from the Twilio console")
        if len(tokens) > 2:
            self._fault("TWILIO_AUTH_TOKEN", "has more than two tokens", "keep the old and the new one while rotating")
        return tokens

    def _public_url(self) -> str:
        url = self._env.get("IVR_PUBLIC_URL", "").strip()
        parts = _address(url)
        if not url:
            self._fault("IVR_PUBLIC_URL", "is missing", "write the address that Twilio calls: https://line.example.fi")
        elif parts is None:
            self._fault("IVR_PUBLIC_URL", "is not an address", "write it in full: https://line.example.fi")
        elif set(url) & set("?#@") or not url.isascii():
            self._fault("IVR_PUBLIC_URL", "has more than an address", "leave out user, query and #; use ASCII letters")
        elif parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            self._fault("IVR_PUBLIC_URL", "is not https", "calls carry private matters: use https")
        return url.rstrip("/")

    def _caller_id(self) -> str:
        number = self._env.get("IVR_CALLER_ID", "").replace(" ", "")
        if not number:
            self._fault("IVR_CALLER_ID", "is missing", "write our own number at Twilio: +358...")
        elif why := refusal(number, self._office.country):
            self._fault("IVR_CALLER_ID", why, "write our own number at Twilio: +358...")
        return number

    def _contact(self, name: str, caller_id: str) -> tuple[str, ...]:
        variable = CONTACT + name.upper()
        public = self._office.contacts[name].number
        numbers = tuple(self._list(variable)) or ((to_e164(public, self._office.country),) if public else ())
        if not numbers:
            self._fault(variable, "is missing", "write the number that is rung: +358..., several with commas")
        for place, number in enumerate(numbers, 1):
            which = variable if len(numbers) == 1 else f"{variable} (number {place})"
            if why := refusal(number, self._office.country):
                self._fault(which, why, "write a number such as +358401234567")
            elif number == caller_id:
                self._fault(which, "is our own number", "the line would ring itself; write another number")
            elif phonenumbers.number_type(phonenumbers.parse(number)) in HARD_TO_REACH:
                self._warnings.append(f"{which} is a service number; it may not be reachable from abroad: ring it once")
        return numbers

    def _no_unknown_contacts(self) -> None:
        known = {CONTACT + name.upper() for name in self._office.contacts}
        for variable in sorted(self._env):
            if variable.startswith(CONTACT) and variable not in known:
                self._fault(variable, "names no contact of office.yaml", f"use one of {', '.join(sorted(known))}")

    def _languages_by_number(self, contacts: Mapping[str, tuple[str, ...]]) -> None:
        rung = {number for numbers in contacts.values() for number in numbers}
        for place, written in enumerate(self._office.languages_by_number, 1):
            number = to_e164(written, self._office.country)
            which = f"office.yaml: languages_by_number (number {place})"
            if why := refusal(number, self._office.country):
                self._fault(which, why, "write a number of ours, such as +358401234567")
            elif number in rung:
                self._fault(which, "is the number of a contact", "write a number that callers dial")

    def _speech(self) -> SpeechMode:
        match self._env.get("IVR_SPEECH") or "auto":
            case "auto" | "say" as speech:
                return speech
            case _:
                self._fault("IVR_SPEECH", "is unknown", "write auto or say")
                return "auto"

    def _list(self, variable: str) -> Iterator[str]:
        return (part for raw in self._env.get(variable, "").split(",") if (part := raw.strip().replace(" ", "")))

    def _fault(self, variable: str, what: str, remedy: str) -> None:
        # The value itself is never shown: it may be a secret or a number.
        self.faults.append(f"{variable} {what}. Remedy: {remedy}.")
