"""What the checks look at: each part is read once, and a check that needs one which is not right waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ivr.core.content import Content
from ivr.doctor.finding import Lacking
from ivr.doctor.web import Web
from ivr.live.processes import ServingProcess, serving_processes
from ivr.proof.kept import Kept
from ivr.proof.prove import Proved, load_and_prove, prove_recordings
from ivr.settings.account import Access, read_access, read_fallback, read_public
from ivr.settings.env_file import SettingsError, gathered
from ivr.settings.read import (
    Settings,
    our_numbers,
    read_settings,
    recordings_folder,
    requires_approval,
    speech_mode,
    state_folder,
)
from ivr.speech.voices import Audio, VoiceSelector, audio_folders
from ivr.telephony.twilio.account import Account, AccountFault
from ivr.telephony.twilio.plan import Found, OurNumber
from ivr.telephony.twilio.standing import AccountState, state_of

T = TypeVar("T")
Settle = Callable[[Mapping[str, str]], T]


class Examined:
    """A line with its environment, at the moment when the checks begin. `site`: its folder, or why there is none.

    `open_account` opens the account at the provider, and `web` asks public addresses; use it as a context manager, so
    that they are closed. Whatever is not right raises Lacking where it is asked for.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        site: Path | SettingsError,
        clock: Callable[[], datetime],
        open_account: Callable[[Access], Account],
        web: Web,
    ) -> None:
        self.env, self.site, self.clock, self.web = env, site, clock, web
        self.now = clock()
        self.warnings: list[str] = []
        """What the settings warn of, once they are read."""
        self.clock_off: timedelta | None = None
        """By how much the clock here is before Twilio's, once that has told the time."""
        self._open_account = open_account
        self._opened = ExitStack()
        self._answered = False

    def __enter__(self) -> Examined:
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()

    @property
    def folder(self) -> Path:
        """The folder of the site."""
        if isinstance(self.site, SettingsError):
            raise Lacking("a site")
        return self.site

    @property
    def state(self) -> Path:
        """The folder of the state."""
        return state_folder(self.env)

    @property
    def audio(self) -> Audio:
        """The folders of clips and recordings."""
        return audio_folders(self.folder, recordings_folder(self.env))

    @cached_property
    def proved(self) -> Proved:
        """The site with the proofs of its rules; what has not changed since the last time is not proved again."""
        return load_and_prove(
            self.folder,
            self.now.date(),
            self.audio,
            require_approval=requires_approval(self.env),
            kept=Kept(self.state),
        )

    @property
    def content(self) -> Content:
        """The content."""
        if self.proved.content is None:
            raise Lacking("a site that is whole")
        return self.proved.content

    @cached_property
    def voices(self) -> VoiceSelector:
        """The voices of the content as a line would choose them now."""
        audio, required = self.audio, requires_approval(self.env)
        voices = VoiceSelector(self.content, audio, self.now.date(), speech_mode(self.env), require_approval=required)
        prove_recordings(voices, self.content, self.now.date(), audio, Kept(self.state))
        return voices

    @cached_property
    def running(self) -> tuple[ServingProcess, ...]:
        """The processes of the line that run here; none where this user may not read which there are."""
        try:
            return tuple(each for each in serving_processes(self.state) if each.is_alive)
        except OSError:
            return ()

    def faults(self) -> list[str]:
        """Every fault of the environment, in the order in which they are mended. Also fills `warnings`."""
        faults = list[str]()
        gathered(lambda: read_access(self.env), faults)
        if self._has_content():
            settings = gathered(lambda: read_settings(self.env, self.content.office), faults)
            self.warnings.extend(settings.warnings if settings else ())
        gathered(lambda: read_public(self.env), faults)
        gathered(lambda: read_fallback(self.env), faults)
        self.warnings.extend(fault.removeprefix(WARNING) for fault in faults if fault.startswith(WARNING))
        return [fault for fault in faults if not fault.startswith(WARNING)]

    def _has_content(self) -> bool:
        try:
            _ = self.content
        except Lacking:
            return False
        return True

    @cached_property
    def settings(self) -> Settings:
        """The settings of `ivr serve`."""
        office = self.content.office
        return self._setting("the settings", lambda env: read_settings(env, office))

    @cached_property
    def public(self) -> str:
        """The public address of the line."""
        return self._setting("IVR_PUBLIC_URL", read_public)

    @cached_property
    def fallback(self) -> str:
        """The address of the fallback."""
        return self._setting("IVR_FALLBACK_URL", read_fallback)

    @cached_property
    def access(self) -> Access:
        """With what the account is asked."""
        return self._setting("an API key of the account", read_access)

    def _setting(self, what: str, settle: Settle[T]) -> T:
        try:
            return settle(self.env)
        except SettingsError:
            raise Lacking(what) from None

    @cached_property
    def account_unasked(self) -> Account:
        """The account, for the first question to it; who asks it calls `answered` after that."""
        return self._opened.enter_context(self._open_account(self.access))

    def answered(self) -> None:
        """The account has answered: the other checks may ask it too."""
        self._answered = True

    @property
    def account(self) -> Account:
        """The account, once it has answered."""
        if not self._answered:
            _ = self.access
            raise Lacking("an answer of Twilio")
        return self.account_unasked

    @cached_property
    def account_state(self) -> AccountState | None:
        """How the account stands; None where the API key may not ask that."""
        try:
            return state_of(self.account)
        except AccountFault as fault:
            if fault.status in (401, 403):  # the account has answered to this key before
                return None
            raise

    @cached_property
    def found(self) -> Mapping[str, Found]:
        """Number -> what the account says of it, for each that callers dial."""
        account = self.account
        return {number: account.find(number) for number in our_numbers(self.settings, self.content.office)}

    @property
    def held(self) -> Mapping[str, OurNumber]:
        """Number -> what the account holds under it, for each that it holds once."""
        if held := {number: found.matches[0] for number, found in self.found.items() if len(found.matches) == 1}:
            return held
        raise Lacking("a number of ours in the account")

    def which(self, number: str) -> str:
        """How a number of ours is called where none is to be shown."""
        if number == self.settings.caller_id:
            return "the number of IVR_CALLER_ID"
        others = our_numbers(self.settings, self.content.office)[1:]
        return f"number {others.index(number) + 1} of languages_by_number"


WARNING = "warning: "
