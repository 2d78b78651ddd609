"""A contact is rung by an administrator: Twilio stands on this machine, and asks a real line for the whisper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.commands.ring import Rung, ring_contact
from ivr.core.content import Content
from ivr.settings.read import Settings, read_settings
from ivr.telephony.twilio.account import Account, AccountFault, Http
from ivr.telephony.twilio.calls import Calls
from ivr.telephony.twiml.urls import CONNECTION
from tests.twilio_rest.conftest import ENVIRONMENT, LINE, OURS
from tests.twilio_rest.phones import Phones
from tests.twilio_rest.provider import ACCOUNT, KEY, SECRET, TOKEN, Answer, Provider, in_twilios_form
from tests.twilio_rest.typed import opens

FIRST, SECOND = "+358400291141", "+358402222222"


@pytest.fixture
def settings(site: Content) -> Settings:
    return read_settings({**ENVIRONMENT, "IVR_CONTACT_ON_CALL": f"{FIRST},{SECOND}"}, site.office)


class Ring:
    """Rings a contact; what it says has no number, no secret and no identifier of the provider."""

    def __init__(self, provider: Provider, settings: Settings, site: Content) -> None:
        self.provider, self.settings, self.site = provider, settings, site
        self.sleep: Callable[[float], None] = lambda _seconds: None
        self.rung: tuple[Rung, ...] = ()

    def __call__(self, contact: str = "on_call", *, yes: bool = True, typed: str = "") -> Result:
        account = Account(ACCOUNT, KEY, SECRET, None, Http(self.provider.base))

        @click.command()
        def command() -> None:
            with account:
                self.rung = ring_contact(Calls(account, self.sleep), self.settings, self.site, contact, yes=yes)

        result = CliRunner().invoke(command, [], input=typed)
        assert not any(secret in result.output for secret in (ACCOUNT, KEY, SECRET, TOKEN, FIRST, SECOND, OURS))
        assert not any(number[4:] in result.output for number in (FIRST, SECOND, OURS))
        assert not re.search(r"\b[A-Z]{2}[0-9a-f]{32}\b", result.output)
        return result

    def outcomes(self) -> list[tuple[str, bool]]:
        return [(rung.outcome, rung.good) for rung in self.rung]


@pytest.fixture
def ring(provider: Provider, phones: Phones, settings: Settings, site: Content) -> Iterator[Ring]:
    return Ring(provider, settings, site)  # type: ignore[return-value]


def test_each_number_is_rung_in_turn_and_a_key_is_heard(ring: Ring, phones: Phones) -> None:
    result = ring()
    assert result.exit_code == 0, result.output
    assert ring.outcomes() == [("key heard", True)] * 2
    assert [form["To"] for form in phones.forms] == [FIRST, SECOND]
    assert "on_call, number 1 of 2: key heard." in result.output
    assert "on_call, number 2 of 2: key heard." in result.output


def test_it_shows_our_number_and_says_what_a_call_of_the_line_says(ring: Ring, phones: Phones) -> None:
    ring()
    for form in phones.forms:
        assert form.pop("To") in (FIRST, SECOND)
        assert form == {
            "From": OURS, "Timeout": "25", "TimeLimit": "60", "Method": "POST",
            "Url": f"{LINE}/voice/whisper?lang=fi&matter=guidance{CONNECTION}",
        }  # fmt: skip


def test_the_line_counts_nothing_of_it(ring: Ring, phones: Phones) -> None:
    ring()
    assert phones.journal.getvalue() == ""


def test_it_asks_first_and_names_the_contact(ring: Ring, phones: Phones) -> None:
    result = ring(yes=False, typed="y\n")
    assert (
        "on_call: 2 phones ring now, one after the other, each for 25 s at most. A real person answers" in result.output
    )
    assert "at the prices of your account" in result.output
    assert "Ring on_call now? [y/N]: y" in result.output
    assert len(phones.forms) == 2


@pytest.mark.parametrize("typed", ["n\n", ""], ids=["no", "nobody answers"])
def test_without_a_yes_nobody_is_rung(ring: Ring, provider: Provider, typed: str) -> None:
    result = ring(yes=False, typed=typed)
    assert result.exit_code == 1
    assert "nobody was rung, as nobody said yes" in result.output
    assert provider.asked == []


def test_whoever_is_no_contact_is_not_rung(ring: Ring, provider: Provider) -> None:
    result = ring("on_duty")
    assert result.exit_code == 1
    assert "'on_duty' is no contact. Remedy: name one of on_call, social_instructor." in result.output
    assert provider.asked == []


@pytest.mark.parametrize(
    ("status", "outcome"), [("busy", "busy"), ("no-answer", "no answer"), ("failed", "failed"), ("canceled", "failed")]
)
def test_a_number_that_is_not_reached_is_told_and_the_next_is_rung(
    ring: Ring, phones: Phones, status: str, outcome: str
) -> None:
    phones.ends = {FIRST: status}
    result = ring()
    assert ring.outcomes() == [(outcome, False), ("key heard", True)]
    assert f"on_call, number 1 of 2: {outcome}. Remedy: " in result.output


def test_who_answers_and_presses_no_key_would_not_get_a_call(ring: Ring, phones: Phones) -> None:
    phones.presses = ""
    assert "no key. Remedy: ask whoever answered to press a key" in ring().output
    assert ring.outcomes() == [("no key", False)] * 2


def test_a_contact_that_is_connected_at_once_needs_no_key(ring: Ring, phones: Phones, site: Content) -> None:
    contacts = {
        **site.office.contacts,
        "on_call": site.office.contacts["on_call"].model_copy(update={"accept": "at_once"}),
    }
    ring.site = replace(site, office=site.office.model_copy(update={"contacts": contacts}))
    phones.presses = ""
    assert "on_call, number 1 of 2: no key.\n" in ring().output
    assert ring.outcomes() == [("no key", True)] * 2


@pytest.mark.parametrize(("code", "says"), [(21215, "allow the low-risk numbers"), (21211, "look it up")])
def test_a_number_that_twilio_refuses_is_told_with_its_code(
    ring: Ring, provider: Provider, code: int, says: str
) -> None:
    provider.before = lambda asked: in_twilios_form(400, code) if asked == "CreateCall" else None
    result = ring()
    assert f"on_call, number 1 of 2: failed ({code}). Remedy: " in result.output
    assert says in result.output
    assert ring.outcomes() == [("failed", False)] * 2


def test_an_account_that_is_refused_is_no_fault_of_the_number(ring: Ring, provider: Provider) -> None:
    provider.before = lambda asked: in_twilios_form(401, 20003) if asked == "CreateCall" else None
    assert isinstance(ring().exception, AccountFault)


@pytest.mark.parametrize("status", ["failed", "completed"])
def test_an_error_of_the_call_is_told_with_its_code(
    ring: Ring, phones: Phones, provider: Provider, status: str
) -> None:
    phones.ends = {FIRST: status}

    def rings(form: dict[str, str]) -> list[object]:
        made = phones(form)
        if form["To"] == FIRST:
            made[0].notifications.append(("0", "11217"))
        return [*made]

    provider.rings = rings  # type: ignore[assignment]
    result = ring()
    assert "number 1 of 2: failed (11217). Remedy: the line answered with a fault: 403: see that" in result.output
    assert ring.outcomes() == [("failed", False), ("key heard", True)]


def test_a_key_that_the_line_did_not_answer_is_no_key(ring: Ring, phones: Phones, provider: Provider) -> None:
    def rings(form: dict[str, str]) -> list[object]:
        made = phones(form)
        for event in made[0].events:
            event["response"]["response_code"] = 502
        return [*made]

    provider.rings = rings  # type: ignore[assignment]
    ring()
    assert ring.outcomes() == [("no key", False)] * 2


def test_a_call_whose_end_is_not_told_is_not_known(ring: Ring, phones: Phones, provider: Provider) -> None:
    provider.after = lambda asked: Answer(200, {"status": "in-progress"}) if asked == "FetchCall" else None
    assert "not known. Remedy: look at the call in the Twilio console." in ring().output


def test_an_interruption_is_told(ring: Ring) -> None:
    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    ring.sleep = interrupt
    result = ring()
    assert result.exit_code == 1
    assert "It was interrupted. What is not told above is not known; a call ends by itself after 60 s." in result.output


def test_a_twilio_that_is_gone_while_a_phone_rings_is_told_with_what_is_not_known(
    ring: Ring, provider: Provider
) -> None:
    provider.before = lambda asked: Answer(503) if asked == "FetchCall" else None
    said = ring().output
    assert "Error: Twilio has a fault" in said
    assert "What is not told above is not known; a call ends by itself after 60 s." in said


def test_a_line_that_asks_for_no_key_is_no_fault_of_whoever_answers(
    ring: Ring, phones: Phones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it fails it connects the two at once, so a call without a second leg ends."""

    def broken(*_: object) -> None:
        raise LookupError

    monkeypatch.setattr("ivr.telephony.web.whisper", broken)
    phones.presses = ""
    said = ring().output
    assert "number 1 of 2: failed. Remedy: the line did not ask for a key: look at the log of the line." in said
    assert ring.outcomes() == [("failed", False)] * 2


def test_doctor_rings_a_contact_in_place_of_its_checks(
    phones: Phones, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ivr.commands.account.open_account", opens(provider.base))
    monkeypatch.setattr("ivr.commands.doctor.Calls", lambda account: Calls(account, lambda _seconds: None))
    phones.presses = ""

    result = CliRunner().invoke(main, ["doctor", "--ring", "on_call", "--yes"])

    assert result.exit_code == 1
    assert "on_call: no key. Remedy: " in result.output
    assert "To do" not in result.output


def test_doctor_rings_nobody_before_the_settings_are_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWILIO_API_KEY")

    result = CliRunner().invoke(main, ["doctor", "--ring", "on_call", "--yes"])

    assert result.exit_code == 1
    assert result.output == ("Error: nobody was rung: it needs an API key of the account. Remedy: run `ivr doctor`.\n")
