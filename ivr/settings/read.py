"""The settings of `ivr serve`: secrets, address, and the numbers to dial.

Every fault is reported at once, each with its remedy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import chain
from pathlib import Path

from ivr.core.office import ON_CALL, Office
from ivr.core.utterance import SpeechMode
from ivr.settings.env_file import SettingsError
from ivr.settings.numbers import is_hard_to_reach, refusal, to_e164
from ivr.settings.twilio import COPY, IN_QUOTES, QUOTES, doubtful_token, unfit_account, unfit_address, unfit_token

CONTACT = "IVR_CONTACT_"
"""Prefix of the variable with the numbers of a contact."""
SPARE = "IVR_SPARE_"
"""Prefix of the variable with the numbers that are prepared for a contact, each with its label."""
LONGEST_LABEL, MOST_DIGITS = 30, 4
"""Of the label of a prepared number: one with more digits is a number itself."""
OUR_NUMBER = "write the number that you have at Twilio, without spaces, such as +358931234567"
OTHER_NUMBER = "write another number that you have at Twilio, or one that is verified there, such as +358931234568"
PREFIXES = (CONTACT, SPARE, "IVR_SECONDS_")
"""What the names of settings begin with that are read elsewhere."""
ALL = (
    "IVR_CALLER_ID",
    "IVR_CONTENT",
    "IVR_COUNTS",
    "IVR_DATABASE_URL",
    "IVR_FALLBACK_URL",
    "IVR_LOG",
    "IVR_OFFICE_URL",
    "IVR_PROBE_NUMBER",
    "IVR_PUBLIC_URL",
    "IVR_RECORDINGS",
    "IVR_REQUIRE_APPROVAL",
    "IVR_ROOM_DATABASE_URL",
    "IVR_ROOM_URL",
    "IVR_SITE",
    "IVR_SPEECH",
    "IVR_STATE",
    "IVR_TRUSTED_PROXY",
)
"""The other settings; `TWILIO_AUTH_TOKEN` is one, and each contact has one."""


@dataclass(frozen=True)
class Settings:
    """The validated settings.

    `contacts`: the E.164 numbers of each contact, rung in turn. `spares`: contact -> label -> a number that the office
    may choose to ring in place of them for a time. `log`: the file of the journal, or `-` for standard
    output. `state`: the folder where the processes of a machine keep what they share. `require_approval`: whether every
    language waits for the approval of its safety sentences. `account`: the account at Twilio whose calls are ours, if
    it is told. `probe_number`: the number, not the line's, from which `ivr probe` calls. `warnings`: shown at start and
    by `/health`.
    """

    public_url: str
    caller_id: str
    auth_tokens: tuple[str, ...] = field(repr=False)
    contacts: Mapping[str, tuple[str, ...]] = field(repr=False)
    spares: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    speech: SpeechMode = "auto"
    log: str = "-"
    state: Path = Path("var")
    require_approval: bool = False
    account: str | None = field(default=None, repr=False)
    probe_number: str | None = field(default=None, repr=False)
    warnings: tuple[str, ...] = ()


def state_folder(env: Mapping[str, str]) -> Path:
    """Where the processes of a machine keep what they share (`IVR_STATE`)."""
    return Path(env.get("IVR_STATE") or "var")


def recordings_folder(env: Mapping[str, str]) -> Path:
    """Where the recordings of people are kept (`IVR_RECORDINGS`), else `recordings/` in the state folder."""
    named = env.get("IVR_RECORDINGS", "").strip()
    return Path(named) if named else state_folder(env) / "recordings"


def speech_mode(env: Mapping[str, str]) -> SpeechMode:
    """Whose sounds a line uses (`IVR_SPEECH`); one that is unknown is told by `read_settings`."""
    return "say" if env.get("IVR_SPEECH") == "say" else "auto"


def requires_approval(env: Mapping[str, str]) -> bool:
    """Whether every language waits for the approval of its safety sentences (`IVR_REQUIRE_APPROVAL`).

    A value that is neither 1 nor 0 is told by `read_settings`; until it is corrected, they wait.
    """
    return env.get("IVR_REQUIRE_APPROVAL", "").strip() not in ("", "0")


def approval_fault(env: Mapping[str, str]) -> str | None:
    """What is wrong with `IVR_REQUIRE_APPROVAL`, with its remedy."""
    if env.get("IVR_REQUIRE_APPROVAL", "").strip() in ("", "0", "1"):
        return None
    return (
        "IVR_REQUIRE_APPROVAL must be 1 or 0. Remedy: write 1 to offer only languages whose safety sentences are "
        "approved, 0 to offer all."
    )


def counts_calls(env: Mapping[str, str]) -> bool:
    """Whether a line counts its calls (`IVR_COUNTS`); a value that is neither on nor off is told by `read_settings`."""
    return env.get("IVR_COUNTS", "").strip() in ("", "on")


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
    """Read and validate the settings for an office; SettingsError lists every fault, and then every warning.

    What is missing may be there under a name with a slip in it, and only a warning tells that.
    """
    reader = _SettingsReader(env, office)
    settings = reader.settings()
    if reader.faults:
        raise SettingsError([*reader.faults, *(f"warning: {warning}" for warning in settings.warnings)])
    return settings


def our_numbers(settings: Settings, office: Office) -> tuple[str, ...]:
    """The numbers that callers dial, in E.164: that of the line, then those of a language."""
    written = (to_e164(number, office.country) for number in office.languages_by_number)
    return tuple(dict.fromkeys((settings.caller_id, *written)))


def public_number(office: Office) -> str | None:
    """The public number of on-call in E.164, or None where the line may not dial it."""
    number = to_e164(office.contacts[ON_CALL].number or "", office.country)
    return None if refusal(number, office.country) else number


class _SettingsReader:
    def __init__(self, env: Mapping[str, str], office: Office) -> None:
        self._env, self._office = dict(env), office
        self.faults: list[str] = []
        self._warnings: list[str] = []

    def settings(self) -> Settings:
        self._leave_out_quotes()
        caller_id = self._caller_id()
        contacts = {name: self._contact(name, caller_id) for name in self._office.contacts}
        spares = {name: found for name in contacts if (found := self._spares(name, contacts[name], caller_id))}
        self._no_unknown_contacts()
        self._no_unknown_variables()
        rung = {*chain(*contacts.values()), *chain(*(each.values() for each in spares.values()))}
        self._languages_by_number(rung)
        probe_number = self._probe_number(caller_id, rung)
        if fault := approval_fault(self._env):
            self.faults.append(fault)
        if self._env.get("IVR_COUNTS", "").strip() not in ("", "on", "off"):
            self._fault("IVR_COUNTS", "must be on or off", "write off to count no calls, or leave it out")
        return Settings(
            public_url=self._public_url(),
            caller_id=caller_id,
            auth_tokens=self._tokens(),
            contacts=contacts,
            spares=spares,
            speech=self._speech(),
            log=self._env.get("IVR_LOG") or "-",
            state=self._state(),
            require_approval=requires_approval(self._env),
            account=self._account(),
            probe_number=probe_number,
            warnings=tuple(self._warnings),
        )

    def _tokens(self) -> tuple[str, ...]:
        variable = "TWILIO_AUTH_TOKEN"
        written = self._env.get(variable, "").strip()
        tokens = tuple(token.strip() for token in written.split(",")) if written else ()
        if not tokens:
            self._fault(variable, "is missing", COPY)
        if len(tokens) > 2:
            self._fault(variable, "has more than two tokens", "keep the old and the new one while rotating")
        for place, token in enumerate(tokens, 1):
            which = variable if len(tokens) == 1 else f"{variable} (token {place})"
            if unfit := unfit_token(token):
                self._fault(which, *unfit)
            elif doubtful := doubtful_token(token):
                self._warn(which, *doubtful)
        return tokens

    def _account(self) -> str | None:
        account = self._env.get("TWILIO_ACCOUNT_SID", "").strip()
        if account and (unfit := unfit_account(account)):
            self._fault("TWILIO_ACCOUNT_SID", *unfit)
        return account or None

    def _state(self) -> Path:
        """The folder of the state. One that cannot be written stops no call, so it is a warning."""
        folder = state_folder(self._env)
        there = next((place for place in (folder, *folder.absolute().parents) if os.access(place, os.F_OK)), folder)
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            self._warn(
                "IVR_STATE",
                "cannot be written: two processes name the same call differently in the journal",
                "name a folder that this user can write to",
            )
        return folder

    def _public_url(self) -> str:
        url = self._env.get("IVR_PUBLIC_URL", "").strip()
        if unfit := unfit_address(url):
            self._fault("IVR_PUBLIC_URL", *unfit)
        return url.rstrip("/")

    def _caller_id(self) -> str:
        number = "".join(self._env.get("IVR_CALLER_ID", "").split())
        if not number:
            self._fault("IVR_CALLER_ID", "is missing", OUR_NUMBER)
        elif why := refusal(number, self._office.country):
            self._fault("IVR_CALLER_ID", why, OUR_NUMBER)
        return number

    def _contact(self, name: str, caller_id: str) -> tuple[str, ...]:
        variable = CONTACT + name.upper()
        public = self._office.contacts[name].number
        numbers = tuple(self._list(variable)) or ((to_e164(public, self._office.country),) if public else ())
        if not numbers:
            self._fault(variable, "is missing", "write the number that is rung: +358..., several with commas")
        for place, number in enumerate(numbers, 1):
            which = variable if len(numbers) == 1 else f"{variable} (number {place})"
            self._rung(which, number, numbers[: place - 1], caller_id)
        return numbers

    def _rung(self, which: str, number: str, before: tuple[str, ...], caller_id: str) -> None:
        """Tell what is wrong with a number that is rung; `before`: those that stand before it."""
        if why := refusal(number, self._office.country):
            self._fault(which, why, "write a number such as +358401234567, and a comma between two")
        elif number == caller_id:
            self._fault(which, "is our own number", "the line would ring itself; write another number")
        elif number in before:
            self._warn(
                which, "is the same number again", "leave it out: the numbers of a contact ring in turn, each once"
            )
        elif is_hard_to_reach(number):
            self._warn(which, "is a service number, and may not be reachable from abroad", "ring it once")

    def _spares(self, name: str, contact: tuple[str, ...], caller_id: str) -> Mapping[str, str]:
        """The numbers that are prepared for a contact, by label."""
        variable, spares = SPARE + name.upper(), dict[str, str]()
        for place, written in enumerate(filter(str.strip, self._env.get(variable, "").split(",")), 1):
            which = f"{variable} (number {place})"
            label, colon, digits = (part.strip() for part in written.partition(":"))
            number = "".join(digits.split())
            if not colon or ":" in number:
                self._fault(
                    which, "is no label and number", "write a label, a colon and a number: deputy:+358401234567"
                )
            elif not (label and label.isprintable() and len(label) <= LONGEST_LABEL):
                self._fault(
                    which, "has a label that cannot be shown", f"write 1 to {LONGEST_LABEL} letters before the colon"
                )
            elif sum(map(str.isdigit, label)) > MOST_DIGITS:
                self._fault(which, "has a number for its label, which is shown and kept", "write whom it rings instead")
            elif label in spares:
                self._fault(which, "has a label that stands there already", "give each number a label of its own")
            else:
                if number in (*contact, *spares.values()):
                    self._warn(which, "is the same number again", "leave it out, or write another number")
                else:
                    self._rung(which, number, (), caller_id)
                spares[label] = number
        return spares

    def _leave_out_quotes(self) -> None:
        """Quotes that were taken as a part of a value are one fault, and not what follows from them as well."""
        for variable in [each for each in self._env if each in ALL or each.startswith((CONTACT, SPARE))]:
            value = self._env[variable].strip()
            if value and {value[0], value[-1]} & set(QUOTES):
                self._fault(variable, *IN_QUOTES)
                self._env[variable] = value.strip(QUOTES)

    def _no_unknown_variables(self) -> None:
        """A slip in a name is told: what it should have said is read nowhere."""
        own = [prefix + name.upper() for prefix in (CONTACT, SPARE) for name in self._office.contacts]
        known = [*ALL, "TWILIO_AUTH_TOKEN", *own]
        for variable in sorted(self._env):
            if variable.upper().startswith("IVR_") and variable not in known and not variable.startswith(PREFIXES):
                meant = get_close_matches(variable.upper(), known, n=1, cutoff=0.7)
                remedy = f"write {meant[0]}" if meant else "remove it, or look up its name in docs/operators.md"
                self._warn(variable, "is no setting, and changes nothing", remedy)

    def _no_unknown_contacts(self) -> None:
        for prefix in (CONTACT, SPARE):
            known = {prefix + name.upper() for name in self._office.contacts}
            for variable in sorted(self._env):
                if variable.startswith(prefix) and variable not in known:
                    self._fault(variable, "names no contact of office.yaml", f"use one of {', '.join(sorted(known))}")

    def _languages_by_number(self, rung: set[str]) -> None:
        rung = {to_e164(number, self._office.country) for number in rung}
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

    def _probe_number(self, caller_id: str, rung: set[str]) -> str | None:
        """It must be a stranger's to the line: a call from a number of ours is rejected, one from a contact rings
        nobody (rule T7), and neither shows that callers are answered.
        """
        variable = "IVR_PROBE_NUMBER"
        number = "".join(self._env.get(variable, "").split())
        written = self._office.languages_by_number
        public = (contact.number for contact in self._office.contacts.values() if contact.number)
        rung = {*rung, *(to_e164(each, self._office.country) for each in public)}
        if not number:
            return None
        if why := refusal(number, self._office.country):
            self._fault(variable, why, OTHER_NUMBER)
        elif number == caller_id or number in {to_e164(each, self._office.country) for each in written}:
            self._fault(variable, "is a number of the line, whose own calls it rejects", OTHER_NUMBER)
        elif number in rung:
            self._fault(
                variable, "is the number of a contact, for whom the line does not answer as usual", OTHER_NUMBER
            )
        return number

    def _speech(self) -> SpeechMode:
        if self._env.get("IVR_SPEECH") not in (None, "", "auto", "say"):
            self._fault(
                "IVR_SPEECH", "has a value that is not known", "write auto, or say for the voices of Twilio only"
            )
        return speech_mode(self._env)

    def _list(self, variable: str) -> Iterator[str]:
        return (part for raw in self._env.get(variable, "").split(",") if (part := "".join(raw.split())))

    def _fault(self, variable: str, what: str, remedy: str) -> None:
        # The value itself is never shown: it may be a secret or a number.
        self.faults.append(f"{variable} {what}. Remedy: {remedy}.")

    def _warn(self, variable: str, what: str, remedy: str) -> None:
        self._warnings.append(f"{variable} {what}. Remedy: {remedy}")
