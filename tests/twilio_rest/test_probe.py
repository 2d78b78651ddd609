"""`ivr probe`, as an operator types it: Twilio stands on this machine, and asks a real line what the keys say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.commands.hourly import HOUR, Hourly
from ivr.commands.probe import as_served
from ivr.commands.site import Site
from ivr.core.call import Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.live.prepared import key_of, site_files
from ivr.live.state import Stamp, StateFolder
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from ivr.telephony.twilio.calls import LOOK
from tests.conftest import TODAY
from tests.content.conftest import Prompts
from tests.twilio_rest.conftest import ENVIRONMENT, LINE, OURS, SWEDISH, Typed
from tests.twilio_rest.phones import PROBE, Phones
from tests.twilio_rest.provider import ACCOUNT, KEY, SECRET, TOKEN, Answer, HangUp, Provider, in_twilios_form
from tests.twilio_rest.typed import opens

ON_CALL = ENVIRONMENT["IVR_CONTACT_ON_CALL"]
NUMBERS = [OURS, PROBE, SWEDISH, ON_CALL, ENVIRONMENT["IVR_CONTACT_SOCIAL_INSTRUCTOR"]]


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def probe(
    provider: Provider, phones: Phones, slept: list[float], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> Iterator[Typed]:
    """`ivr probe` as an operator types it. Nothing that it says is a number, a secret or an identifier."""
    monkeypatch.setenv("IVR_PROBE_NUMBER", PROBE)
    monkeypatch.setattr("ivr.commands.account.open_account", opens(provider.base))
    monkeypatch.setattr("ivr.commands.probe.sleep", slept.append)
    said = list[str]()

    def typed(*words: str, typed: str = "y\n") -> Result:
        result = CliRunner().invoke(main, ("probe", *words), input=typed)
        assert not isinstance(result.exception, Exception), result.exception
        said.append(result.output)
        return result

    yield typed
    whole = "".join(said)
    assert not any(secret in whole for secret in (ACCOUNT, KEY, SECRET, TOKEN, *NUMBERS))
    assert not any(number.removeprefix("+358") in whole for number in NUMBERS)
    assert not re.search(r"\b[A-Z]{2}[0-9a-f]{32}\b", whole)
    assert "Traceback" not in whole


def told(result: Result) -> str:
    """What a run that failed says."""
    assert result.exit_code == 1, result.output
    return " ".join(result.output.split())


def last(folder: Path) -> Path:
    return folder / "var" / "probe-last"


# --- what it does ---------------------------------------------------------------------------------------------------


def test_it_says_asks_calls_and_sees_that_the_line_answers(probe: Typed, phones: Phones, folder: Path) -> None:
    result = probe()
    assert result.exit_code == 0, result.output
    assert "warning" not in result.output
    words = " ".join(result.output.split())
    assert "presses 3, 3 for the opening hours in English (en), and hangs up after 7 s" in words
    assert "charges two calls, one out and one in, each as a whole minute, at the prices of your account" in words
    assert "Call now?" in words
    assert "The call is ringing. The call is in-progress. The call is completed." in words
    assert "It came in at our number, and lasted 7 s. What was asked of the line, Twilio lists 15 minutes" in words
    assert "/voice: 200 /voice/at/choose_language, key 3: 200 /voice/at/main_" in words
    assert words.endswith("Passed: the line answered, and did what the keys say.")
    assert last(folder).read_text().strip().isdigit()


def test_it_calls_one_number_from_another_and_asks_for_nothing_else(probe: Typed, phones: Phones) -> None:
    probe("--yes")
    (form,) = phones.forms
    assert {name: form[name] for name in ("To", "From", "Timeout", "TimeLimit")} == {
        "To": OURS, "From": PROBE, "Timeout": "20", "TimeLimit": "10",
    }  # fmt: skip
    assert form.keys() == {"To", "From", "Timeout", "TimeLimit", "Twiml"}
    verbs = [(verb.tag, dict(verb.attrib)) for verb in ElementTree.fromstring(form["Twiml"])]  # noqa: S314
    pause, key = ("Pause", {"length": "2"}), ("Play", {"digits": "3"})
    assert verbs == [pause, key, pause, key, pause, ("Hangup", {})]


def test_the_line_counts_nothing_of_it(probe: Typed, phones: Phones) -> None:
    assert probe("--yes").exit_code == 0
    phones.app.test_client().get("/live")
    assert phones.journal.getvalue() == ""


def test_a_dry_run_calls_nobody(probe: Typed, provider: Provider, folder: Path) -> None:
    result = probe("--dry-run")
    assert result.exit_code == 0
    assert "Nobody was called: this was a dry run." in result.output
    assert provider.asked == []
    assert not last(folder).exists()


@pytest.mark.parametrize("typed", ["n\n", ""], ids=["no", "nobody answers"])
def test_without_a_yes_nobody_is_called(probe: Typed, provider: Provider, folder: Path, typed: str) -> None:
    assert "nobody was called, as nobody said yes. Remedy: " in told(probe(typed=typed))
    assert provider.asked == []
    assert not last(folder).exists()


@pytest.mark.parametrize(("language", "contact"), [("fi", "social_instructor"), ("sv", "on_call")])
def test_a_language_whose_key_could_ring_somebody_is_refused(
    probe: Typed, provider: Provider, language: str, contact: str
) -> None:
    said = told(probe("--yes", "--lang", language))
    assert f"could ring {contact}" in said or "could ring social_instructor" in said
    assert "Remedy: name another language by --lang." in said
    assert provider.asked == []


@pytest.mark.parametrize("language", ["ar", "xx", "../en"])
def test_a_language_that_is_not_offered_is_refused(probe: Typed, provider: Provider, language: str) -> None:
    assert "is not offered now. Remedy: name another language by --lang." in told(probe("--yes", "--lang", language))
    assert provider.asked == []


# --- once an hour ---------------------------------------------------------------------------------------------------


def test_it_calls_once_an_hour(probe: Typed, phones: Phones) -> None:
    assert probe("--yes").exit_code == 0
    assert "it has called less than an hour ago. Remedy: run it again in 60 min." in told(probe("--yes"))
    assert len(phones.forms) == 1


def test_an_hour_later_it_calls_again(tmp_path: Path) -> None:
    now = [1_000_000.0]
    hourly = Hourly(tmp_path / "state" / "last", lambda: now[0])
    assert hourly.take() == 0
    now[0] += HOUR - 1
    assert hourly.take() == 1
    now[0] += 1
    assert hourly.take() == 0
    assert hourly.take() == HOUR


@pytest.mark.parametrize("written", ["", "soon", "99999999999", "-5", "\x00" * 9])
def test_what_is_no_time_or_one_to_come_keeps_nobody_waiting(tmp_path: Path, written: str) -> None:
    (tmp_path / "last").write_text(written)
    assert Hourly(tmp_path / "last", lambda: 1_000_000.0).take() == 0


def test_of_two_at_once_one_calls(tmp_path: Path) -> None:
    together = Barrier(8)

    def take(_place: int) -> int:
        together.wait()
        return Hourly(tmp_path / "last", lambda: 1_000_000.0).take()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(take, range(8))) == [0, *[HOUR] * 7]


def test_what_was_not_done_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "last").write_text("1000\n")
    hourly = Hourly(tmp_path / "last", lambda: 1_000_000.0)
    assert hourly.take() == 0
    hourly.give_back()
    assert (tmp_path / "last").read_text() == "1000\n"
    new = Hourly(tmp_path / "new", lambda: 1_000_000.0)
    assert new.take() == 0
    new.give_back()
    assert not new.path.exists()


def test_a_folder_that_cannot_be_written_is_told_and_nobody_is_called(
    probe: Typed, provider: Provider, folder: Path
) -> None:
    (folder / "var").write_text("a file")
    said = told(probe("--yes"))
    assert "nobody was called: " in said
    assert "probe-last could not be written" in said
    assert provider.asked == []


# --- what it finds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hears", "says"),
    [
        ("", "key 3 was not heard (key 1 of 2). Remedy: "),
        ("3", "key 3 was not heard (key 2 of 2). Remedy: "),
        ("333", "a key was heard twice. Remedy: "),
        ("34", "key 4 was heard at /voice/at/main_"),
        ("2", "key 2 was heard at /voice/at/choose_language, where 3 was expected. Remedy: "),
    ],
)
def test_keys_that_do_not_pass_are_told(probe: Typed, phones: Phones, hears: str, says: str) -> None:
    phones.hears = lambda _sent: hears
    assert says in told(probe("--yes"))


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_is_not_completed_is_told(probe: Typed, phones: Phones, status: str) -> None:
    phones.ends = {OURS: status}
    said = told(probe("--yes"))
    assert f"The call is {status}." in said
    assert "the probe has failed: " in said
    assert "Twilio lists no call that came in at our number. Remedy: run `ivr connect --dry-run`" in said


def legs(phones: Phones, provider: Provider, change: Callable[[list[Any]], None]) -> None:
    """The legs of the next call, changed."""

    def rings(form: dict[str, str]) -> list[Any]:
        made = phones(form)
        change(made)
        return made

    provider.rings = rings


@pytest.mark.parametrize("leg", [0, 1], ids=["out", "in"])
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("11200", "the line gave no usable answer (11200). Remedy: open /live"),
        ("11217", "the line answered with a fault (11217). Remedy: 403: see that TWILIO_AUTH_TOKEN"),
        ("99999", "Twilio's error 99999 (99999). Remedy: look it up at www.twilio.com/docs/api/errors/99999"),
    ],
)
def test_an_error_of_either_leg_is_told(
    probe: Typed, phones: Phones, provider: Provider, leg: int, code: str, says: str
) -> None:
    legs(phones, provider, lambda made: made[leg].notifications.append(("0", code)))
    assert says in told(probe("--yes"))


def test_a_warning_is_told_and_is_no_error(probe: Typed, phones: Phones, provider: Provider) -> None:
    legs(phones, provider, lambda made: made[1].notifications.append(("1", "12999")))
    result = probe("--yes")
    assert result.exit_code == 0
    assert "warning: Twilio's error 12999" in result.stderr


def test_requests_may_be_listed_the_newest_first(probe: Typed, phones: Phones, provider: Provider) -> None:
    legs(phones, provider, lambda made: made[1].events.reverse())
    assert probe("--yes").exit_code == 0


def test_keys_may_be_told_in_capital_letters(probe: Typed, phones: Phones, provider: Provider) -> None:
    def rename(made: list[Any]) -> None:
        for event in made[1].events:
            told = event["request"]["parameters"]
            event["request"]["parameters"] = {name.title(): value for name, value in told.items()}

    legs(phones, provider, rename)
    assert probe("--yes").exit_code == 0


def test_answers_that_are_not_kept_prove_nothing_and_break_nothing(
    probe: Typed, phones: Phones, provider: Provider
) -> None:
    def forget(made: list[Any]) -> None:
        for event in made[1].events:
            event["response"] = {"response_code": event["response"]["response_code"]}

    legs(phones, provider, forget)
    result = probe("--yes")
    assert result.exit_code == 0
    assert "warning: Twilio has kept no answers of the line, so what the last key led to is not known." in result.stderr


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_line_that_fails_is_told_and_not_taken_for_lost_keys(
    probe: Typed, phones: Phones, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    steps = count(1)

    def breaks(*asked: Any) -> Step:
        if next(steps) == failing:
            raise LookupError
        return step(*asked)

    monkeypatch.setattr("ivr.telephony.web.step", breaks)
    said = told(probe("--yes"))
    assert (
        "was answered by the emergency words: the line has failed there. Remedy: look at the log of the line." in said
    )
    assert "heard" not in said.partition("the probe has failed: ")[2]


def test_another_answer_to_the_last_key_is_told(probe: Typed, phones: Phones, provider: Provider) -> None:
    def change(made: list[Any]) -> None:
        made[1].events[-1]["response"]["response_body"] = (
            f'<Response><Gather action="{LINE}/voice/at/main?lang=en"/></Response>'
        )

    legs(phones, provider, change)
    assert "the last key did not lead to the opening hours. Remedy: look at the log" in told(probe("--yes"))


def test_a_refusal_of_the_line_is_told(probe: Typed, phones: Phones, provider: Provider) -> None:
    def refuse(made: list[Any]) -> None:
        del made[1].events[1:]
        made[1].events[0]["response"] |= {"response_code": 403, "response_body": ""}

    legs(phones, provider, refuse)
    assert "/voice was answered with 403. Remedy: look at the log of the line." in told(probe("--yes"))


@pytest.mark.parametrize(
    ("url", "says"),
    [(None, "no address was"), ("https://other.example.org/voice?secret=1", "another address was")],
    ids=["nobody", "another"],
)
def test_a_number_that_leads_elsewhere_is_told_without_its_address(
    probe: Typed, phones: Phones, provider: Provider, url: str | None, says: str
) -> None:
    def elsewhere(made: list[Any]) -> None:
        del made[1].events[1 if url else 0 :]
        for event in made[1].events:
            event["request"]["url"] = url

    legs(phones, provider, elsewhere)
    said = told(probe("--yes"))
    assert f"the line was not asked at all, {says}. Remedy: run `ivr connect --dry-run`" in said
    assert "secret" not in said
    assert "other.example.org" not in said


def test_an_older_call_is_not_taken_for_this_one(probe: Typed, phones: Phones, provider: Provider) -> None:
    def older(made: list[Any]) -> None:
        made[1].values["start_time"] = "Tue, 24 Nov 2020 10:00:00 +0000"

    legs(phones, provider, older)
    assert "Twilio lists no call that came in" in told(probe("--yes"))


def test_a_call_that_is_listed_late_is_waited_for(
    probe: Typed, phones: Phones, provider: Provider, slept: list[float]
) -> None:
    late = [2]

    def not_yet(operation: str) -> Answer | None:
        if operation == "ListCall" and late[0]:
            late[0] -= 1
            return Answer(200, {"calls": [], "next_page_uri": None})
        return None

    provider.before = not_yet
    assert probe("--yes").exit_code == 0
    assert late == [0]
    assert slept


@pytest.mark.parametrize("before", [None, Answer(200, {"events": [], "next_page_uri": None}), Answer(503)])
def test_what_was_asked_is_waited_for_until_twilio_lists_it(
    probe: Typed, phones: Phones, provider: Provider, slept: list[float], before: Answer | None
) -> None:
    """It says 15 minutes; what an earlier look finds, no page says."""
    looks = [31]

    def not_yet(operation: str) -> Answer | None:
        if operation == "ListCallEvent" and looks[0]:
            looks[0] -= 1
            return before or in_twilios_form(404, 20404)
        return None

    provider.before = not_yet
    assert probe("--yes").exit_code == 0
    assert 15 * 60 < sum(slept) < 18 * 60


def test_what_is_never_listed_is_told(probe: Typed, phones: Phones, provider: Provider, slept: list[float]) -> None:
    legs(phones, provider, lambda made: made[1].events.clear())
    assert "the line was not asked at all, no address was" in told(probe("--yes"))
    assert 20 * 60 <= sum(slept) < 22 * 60


def test_what_is_listed_in_part_is_looked_at_once_more(probe: Typed, phones: Phones, provider: Provider) -> None:
    looks, whole = iter([1]), list[Any]()

    def once_cut(operation: str) -> Answer | None:
        if operation == "ListCallEvent" and next(looks, None):
            return Answer(200, {"events": whole[:1], "next_page_uri": None})
        return None

    legs(phones, provider, lambda made: whole.extend(made[1].events))
    provider.before = once_cut
    assert probe("--yes").exit_code == 0


@pytest.mark.parametrize(("seconds", "passes"), [("4", True), ("3", False), (None, False)])
def test_a_call_that_ended_before_its_keys_is_told(
    probe: Typed, phones: Phones, provider: Provider, seconds: str | None, passes: bool
) -> None:
    legs(phones, provider, lambda made: made[1].values.update(duration=seconds))
    result = probe("--yes")
    assert (result.exit_code == 0) is passes
    assert ("before its last key. Remedy: look at the log of the line." in result.output) is not passes


def test_a_call_that_never_ends_is_given_up(
    probe: Typed, phones: Phones, provider: Provider, slept: list[float]
) -> None:
    legs(phones, provider, lambda made: made[0].statuses.__delitem__(slice(2, None)))
    assert "Twilio tells no end of the call. Remedy: look at it in the Twilio console." in told(probe("--yes"))
    assert 60 < sum(slept) < 120


# --- what stops it --------------------------------------------------------------------------------------------------


def test_one_look_that_fails_does_not_end_it(probe: Typed, phones: Phones, provider: Provider) -> None:
    looks = iter(["HTTP 503"])
    provider.before = lambda asked: Answer(503) if asked == "FetchCall" and next(looks, None) else None
    assert probe("--yes").exit_code == 0


def test_a_provider_that_is_not_there_any_more_is_told(probe: Typed, phones: Phones, provider: Provider) -> None:
    provider.before = lambda asked: Answer(503) if asked == "FetchCall" else None
    assert "What the line answered is not known. A call ends by itself after 10 s." in told(probe("--yes"))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (in_twilios_form(401, 20003), "Twilio does not know the account with this API key"),
        (in_twilios_form(400, 21210), "the number that is shown is not ours (21210). Remedy: see that IVR_CALLER_ID"),
        (in_twilios_form(403, 21215), "the account may not ring this country (21215). Remedy: allow the low-risk"),
    ],
)
def test_a_call_that_is_refused_is_told_and_does_not_count(
    probe: Typed, phones: Phones, provider: Provider, folder: Path, answer: Answer, says: str
) -> None:
    provider.before = lambda asked: answer if asked == "CreateCall" else None
    said = told(probe("--yes"))
    assert f"nobody was called: {says}" in said
    assert not last(folder).exists()


def test_a_call_that_may_have_been_made_counts(probe: Typed, phones: Phones, provider: Provider, folder: Path) -> None:
    def cut(asked: str) -> Answer | None:
        if asked == "CreateCall":
            raise HangUp
        return None

    provider.before = cut
    assert "It is not known whether the call was made." in told(probe("--yes"))
    assert last(folder).exists()


@pytest.mark.parametrize(
    ("at", "says"),
    [("look", "A call ends by itself after 10 s."), ("start", "It is not known whether the call was made.")],
)
def test_an_interruption_says_what_is_not_known(
    probe: Typed, phones: Phones, monkeypatch: pytest.MonkeyPatch, at: str, says: str
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if at == "look":
        monkeypatch.setattr("ivr.commands.probe.sleep", interrupted)
    else:
        monkeypatch.setattr("ivr.telephony.twilio.calls.Calls.start", interrupted)
    assert f"It was interrupted. What the line answered is not known. {says}" in told(probe("--yes"))


def test_an_interruption_while_it_waits_tells_what_was_found_until_then(
    probe: Typed, phones: Phones, provider: Provider, slept: list[float]
) -> None:
    def interrupt(operation: str) -> Answer | None:
        return Answer(200, {"events": [], "next_page_uri": None}) if operation == "ListCallEvent" else None

    class Impatient(list[float]):
        def append(self, seconds: float) -> None:
            if seconds == LOOK:
                raise KeyboardInterrupt

    provider.before = interrupt
    legs(phones, provider, lambda made: made[0].notifications.append(("0", "11200")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ivr.commands.probe.sleep", Impatient().append)
        said = told(probe("--yes"))
    assert "It was interrupted. What the line answered is not known." in said
    assert "the line gave no usable answer (11200)" in said


def test_an_address_that_is_none_is_not_the_lines(probe: Typed, phones: Phones, provider: Provider) -> None:
    def odd(made: list[Any]) -> None:
        made[1].events.insert(
            1, {"request": {"method": "GET", "url": "http://[", "parameters": None}, "response": None}
        )

    legs(phones, provider, odd)
    assert probe("--yes").exit_code == 0


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("IVR_PROBE_NUMBER", "", "IVR_PROBE_NUMBER is missing. Remedy: write IVR_PROBE_NUMBER: another number"),
        ("IVR_PROBE_NUMBER", OURS, "IVR_PROBE_NUMBER is a number of the line"),
        ("IVR_PROBE_NUMBER", SWEDISH, "IVR_PROBE_NUMBER is a number of the line"),
        ("IVR_PROBE_NUMBER", ON_CALL, "IVR_PROBE_NUMBER is the number of a contact"),
        ("TWILIO_API_KEY", "", "TWILIO_API_KEY is missing"),
        ("IVR_PUBLIC_URL", "http://127.0.0.1:8080", "is no address that Twilio can reach"),
        ("IVR_CALLER_ID", "0401234567", "IVR_CALLER_ID is not in international form"),
    ],
)
def test_settings_that_cannot_work_are_told_and_nobody_is_called(
    probe: Typed, provider: Provider, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    monkeypatch.setenv(name, value)
    said = told(probe("--yes"))
    assert "nobody was called: " in said
    assert says in said
    assert provider.asked == []


def test_a_content_that_is_broken_calls_nobody(probe: Typed, provider: Provider, folder: Path) -> None:
    (folder / "prompts" / "flow.yaml").write_text("nodes: {}\n")
    assert "the content is broken" in told(probe("--yes"))
    assert provider.asked == []


def proved(folder: Path, without_times: frozenset[str] = frozenset()) -> None:
    """A line here has proved the site as it is now."""
    files = site_files(folder / "prompts")
    StateFolder(folder / "var").proved(key_of(files), Stamp(TODAY, without_times), files)


def test_it_calls_no_line_that_answers_by_other_files(probe: Typed, provider: Provider, folder: Path) -> None:
    """Its keys may lead elsewhere there, and ring somebody."""
    proved(folder)
    Prompts(folder / "prompts").edit("office.yaml", "0400 291 141", "0400 291 142")
    said = told(probe("--yes"))
    assert "nobody was called: the line here has not proved these files of the site" in said
    assert "Remedy: wait a minute; if it stays, run `ivr check`" in said
    assert provider.asked == []
    assert not last(folder).exists()


def test_a_state_that_cannot_be_looked_at_is_told(
    probe: Typed, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IVR_STATE", 300 * "x")
    assert "nobody was called: " in told(probe("--yes"))
    assert provider.asked == []


def test_it_calls_a_line_that_has_proved_the_files(probe: Typed, folder: Path) -> None:
    proved(folder)
    assert probe("--yes").exit_code == 0


def test_hours_are_as_long_as_the_line_says_them(folder: Path) -> None:
    site = Site(folder / "prompts", TODAY, "ivr", folder / "var" / "recordings")
    proved(folder)
    assert not as_served(site, folder / "var").plain
    proved(folder, frozenset({"en"}))
    assert {code for _, _, code in as_served(site, folder / "var").plain} == {"en"}


def test_a_recording_that_the_line_does_not_speak_makes_no_call_seem_longer(
    probe: Typed, site: Content, folder: Path
) -> None:
    """Rule M0: it is too long, so another voice says its sentence, and phones ring as early as before."""
    before = told(probe("--dry-run", "--lang", "sv"))
    text = site.catalogue.utter("child.calling", "sv", {}).text
    clip = to_wav(np.full(30 * 8000, 0.1, np.float32))
    take_in(folder / "var" / "recordings" / "sv", {"child.calling": (RecordedText(text), clip)})
    assert "could ring" in before
    assert told(probe("--dry-run", "--lang", "sv")) == before


@pytest.mark.parametrize("body", ["<html>", "[]", "{}", '{"sid": "CA1"}', '{"sid": 5}', "null"])
def test_what_is_not_twilios_answer_is_told(probe: Typed, provider: Provider, body: str) -> None:
    provider.before = lambda asked: Answer(201, body) if asked == "CreateCall" else None
    assert "the answer is not Twilio's" in told(probe("--yes"))


@pytest.mark.parametrize("operation", ["FetchCall", "ListCall", "ListCallEvent", "ListCallNotification"])
@pytest.mark.parametrize("body", ["<html>", "[]", "{}", "null", '{"calls": [5], "events": [5], "notifications": [5]}'])
def test_what_is_not_twilios_list_is_told(probe: Typed, provider: Provider, operation: str, body: str) -> None:
    provider.before = lambda asked: Answer(200, body) if asked == operation else None
    told(probe("--yes"))


def test_the_moment_of_a_call_is_read_as_twilio_writes_it() -> None:
    """The client reads it; one that it could not read would be left as text."""
    from twilio.base.deserialize import rfc2822_datetime

    assert rfc2822_datetime("Fri, 18 Oct 2019 17:00:00 +0000") == datetime(2019, 10, 18, 17, tzinfo=UTC)
