"""The settings of `ivr serve`, from the environment and a `.env` file: secrets, address, and the numbers to dial.

Every fault is reported at once, each with its remedy.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import phonenumbers
from dotenv.parser import parse_stream
from phonenumbers import PhoneNumberType

from ivr.core.office import ON_CALL, Office
from ivr.core.utterance import SpeechMode

CONTACT = "IVR_CONTACT_"
"""Prefix of the variable with the numbers of a contact."""
COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
HARD_TO_REACH = (PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN)
"""Kinds of number that may not be reachable from abroad, where the provider dials."""
SHORTEST_TOKEN = 6
"""Shorter text is a slip: Twilio's own tokens are far longer."""
PLACEHOLDERS = {
    "authtoken", "authtokenhere", "changeme", "changethis", "example", "fillme", "insertme", "myauthtoken", "mytoken",
    "none", "null", "password", "placeholder", "replaceme", "replacethis", "secret", "thetoken", "todo", "token",
    "tokenhere", "twilioauthtoken", "twiliotoken",
}  # fmt: skip
"""Words that stand in a guide or a template where the token belongs, without what is not a letter."""
QUOTES = "'\"`\u2018\u2019\u201c\u201d"
LOOSER = 0o037
"""Permissions that a file with secrets must not give: to change it, or to others to read it."""


class SettingsError(Exception):
    """The faults of the environment; the message has a line for each."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Settings:
    """The validated settings.

    `contacts`: the E.164 numbers of each contact, rung in turn. `log`: the file of the journal, or `-` for standard
    output. `state`: the folder where the processes of a machine keep what they share. `require_approval`: whether every
    language waits for the approval of its safety sentences. `account`: the account at Twilio whose calls are ours, if
    it is told. `warnings`: shown at start and by `/health`.
    """

    public_url: str
    caller_id: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    contacts: Mapping[str, tuple[str, ...]] = field(repr=False)
    speech: SpeechMode = "auto"
    log: str = "-"
    state: Path = Path("var")
    require_approval: bool = False
    account: str | None = field(default=None, repr=False)
    warnings: tuple[str, ...] = ()


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


def state_folder(env: Mapping[str, str]) -> Path:
    """Where the processes of a machine keep what they share (`IVR_STATE`)."""
    return Path(env.get("IVR_STATE") or "var")


def speech_mode(env: Mapping[str, str]) -> SpeechMode:
    """Whose sounds a line uses (`IVR_SPEECH`); one that is unknown is told by `read_settings`."""
    return "say" if env.get("IVR_SPEECH") == "say" else "auto"


def requires_approval(env: Mapping[str, str]) -> bool:
    """Whether every language waits for the approval of its safety sentences (`IVR_REQUIRE_APPROVAL`).

    A value that is neither yes nor no is told by `read_settings`; until it is mended, they wait.
    """
    return env.get("IVR_REQUIRE_APPROVAL", "").strip() not in ("", "0")


def approval_fault(env: Mapping[str, str]) -> str | None:
    """What is wrong with `IVR_REQUIRE_APPROVAL`, with its remedy."""
    if env.get("IVR_REQUIRE_APPROVAL", "").strip() in ("", "0", "1"):
        return None
    return (
        "IVR_REQUIRE_APPROVAL is neither yes nor no. Remedy: write 1 to offer only languages whose safety sentences a "
        "native reader has approved, or 0."
    )


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
    countries = {country, *phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(parsed.country_code or 0, ())}
    if any(phonenumbers.is_emergency_number(national, its) for its in countries):
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


def _is_placeholder(token: str) -> bool:
    """Whether a token was never filled in: `your_auth_token`, `<token>`, `${TOKEN}`, `xxxxxxxx`."""
    letters = re.sub("[^a-z]", "", token.lower())
    return token[0] in "$%<{[" or letters in PLACEHOLDERS or letters.startswith("your") or len(set(token.lower())) == 1


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
        if fault := approval_fault(self._env):
            self.faults.append(fault)
        return Settings(
            public_url=self._public_url(),
            caller_id=caller_id,
            auth_tokens=self._tokens(),
            contacts=contacts,
            speech=self._speech(),
            log=self._env.get("IVR_LOG") or "-",
            state=self._state(),
            require_approval=requires_approval(self._env),
            account=self._account(),
            warnings=tuple(self._warnings),
        )

    def _tokens(self) -> tuple[str, ...]:
        variable, copy = "TWILIO_AUTH_TOKEN", "copy the auth token from the Twilio console"
        written = self._env.get(variable, "").strip()
        tokens = tuple(token.strip() for token in written.split(",")) if written else ()
        if not tokens:
            self._fault(variable, "is missing", copy)
        if len(tokens) > 2:
            self._fault(variable, "has more than two tokens", "keep the old and the new one while rotating")
        for place, token in enumerate(tokens, 1):
            which = variable if len(tokens) == 1 else f"{variable} (token {place})"
            if not token:
                self._fault(which, "is empty", "write one token, or two with one comma between them")
            elif token[0] in QUOTES or token[-1] in QUOTES:
                self._fault(which, "stands in quotes, which are taken as a part of it", "leave out the quotes")
            elif re.fullmatch("[A-Z]{2}[0-9a-fA-F]{32}", token):
                self._fault(which, "is the SID of an account, a key or the like, and no token", copy)
            elif _is_placeholder(token):
                self._fault(which, "is a placeholder", copy)
            elif not re.fullmatch("[!-~]+", token):
                self._fault(which, "has a space or a letter that no token has", copy)
            elif len(token) < SHORTEST_TOKEN:
                self._fault(which, "is too short", copy)
        return tokens

    def _account(self) -> str | None:
        account = self._env.get("TWILIO_ACCOUNT_SID", "").strip()
        if account and not re.fullmatch("AC[0-9a-f]{32}", account):
            self._fault(
                "TWILIO_ACCOUNT_SID",
                "is no account SID",
                "copy it from the Twilio console: AC and 32 digits or letters from a to f, without quotes",
            )
        return account or None

    def _state(self) -> Path:
        """The folder of the state. One that cannot be written stops no call, so it is a warning."""
        folder = state_folder(self._env)
        there = next((place for place in (folder, *folder.absolute().parents) if os.access(place, os.F_OK)), folder)
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            self._warnings.append(
                "IVR_STATE cannot be written: two processes name the same call differently in the journal. "
                "Remedy: name a folder that this user can write to"
            )
        return folder

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
        rung = {to_e164(number, self._office.country) for numbers in contacts.values() for number in numbers}
        seen = set[str]()
        for place, written in enumerate(self._office.languages_by_number, 1):
            number = to_e164(written, self._office.country)
            which = f"office.yaml: languages_by_number (number {place})"
            if why := refusal(number, self._office.country):
                self._fault(which, why, "write a number of ours, such as +358401234567")
            elif number in rung:
                self._fault(which, "is the number of a contact", "write a number that callers dial")
            elif number in seen:
                self._fault(which, "stands there already in another spelling", "leave one of the two")
            seen.add(number)

    def _speech(self) -> SpeechMode:
        if self._env.get("IVR_SPEECH") not in (None, "", "auto", "say"):
            self._fault("IVR_SPEECH", "is unknown", "write auto or say")
        return speech_mode(self._env)

    def _list(self, variable: str) -> Iterator[str]:
        return (part for raw in self._env.get(variable, "").split(",") if (part := raw.strip().replace(" ", "")))

    def _fault(self, variable: str, what: str, remedy: str) -> None:
        # The value itself is never shown: it may be a secret or a number.
        self.faults.append(f"{variable} {what}. Remedy: {remedy}.")
