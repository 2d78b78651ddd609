"""`ivr connect`, as an operator types it, against a server that checks each request by Twilio's own descriptions."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ivr.commands.connect import LOST
from ivr.telephony.twiml.urls import CONNECTION
from tests.conftest import ROOT
from tests.limits import PATIENCE
from tests.twilio_rest.conftest import ENVIRONMENT, FALLBACK, LINE, LONGER, OURS, SWEDISH, Typed
from tests.twilio_rest.provider import ACCOUNT, KEY, SECRET, TOKEN, Answer, HangUp, Provider, in_twilios_form
from tests.twilio_rest.typed import opens

WANTED = {
    "voice_url": f"{LINE}/voice{CONNECTION}",
    "voice_method": "POST",
    "voice_fallback_url": FALLBACK,
    "voice_fallback_method": "GET",
    "status_callback": f"{LINE}/voice/status",
    "status_callback_method": "POST",
}
UPDATE, FETCH, LIST = "UpdateIncomingPhoneNumber", "FetchIncomingPhoneNumber", "ListIncomingPhoneNumber"


def held(provider: Provider, number: str) -> dict[str, Any]:
    """What the account has set at a number, in the fields that are ours."""
    (found,) = (each for each in provider.numbers if each["phone_number"] == number)
    return {name: found[name] for name in WANTED}


def before(folder: Path) -> Path:
    return folder / "var" / "connect-before.json"


def told(result: Result) -> str:
    """What a fault says; it never holds an account, a key, a secret or an identifier of the provider."""
    assert result.exit_code == 1
    assert not isinstance(result.exception, Exception), result.exception
    assert "Traceback" not in result.output
    assert not any(secret in result.output for secret in (ACCOUNT, KEY, SECRET, TOKEN))
    assert not re.search(r"\b[A-Z]{2}[0-9a-f]{32}\b", result.output)
    return " ".join(result.output.split())


# --- what it does ---------------------------------------------------------------------------------------------------


def test_it_shows_asks_sets_and_reads_back(connect: Typed, provider: Provider, folder: Path) -> None:
    result = connect()
    assert result.exit_code == 0, result.output
    assert "is    https://old.example.fi/calls" in result.stdout
    assert f"to be {LINE}/voice{CONNECTION}" in result.stdout
    assert "Set this at 2 numbers?" in result.stdout
    assert f"{OURS}: set, and read back" in result.stdout
    assert held(provider, OURS) == held(provider, SWEDISH) == WANTED
    assert held(provider, LONGER)["voice_url"] == "https://other.example.org/"
    assert len(result.stdout.splitlines()) < 40


def test_it_sends_only_what_differs(connect: Typed, provider: Provider) -> None:
    connect("--yes")
    for each in provider.posts:
        assert set(each.form) == {"VoiceUrl", "VoiceFallbackUrl", "VoiceFallbackMethod", "StatusCallback"}


def test_twice_changes_nothing_the_second_time(connect: Typed, provider: Provider) -> None:
    connect("--yes")
    provider.asked.clear()
    result = connect()
    assert result.exit_code == 0
    assert f"{OURS}: as it should be" in result.stdout
    assert "Nothing was changed" in result.stdout
    assert provider.asked
    assert provider.posts == []


def test_a_dry_run_only_shows(connect: Typed, provider: Provider, folder: Path) -> None:
    result = connect("--dry-run")
    assert result.exit_code == 0
    assert f"to be {FALLBACK}" in result.stdout
    assert provider.posts == []
    assert not before(folder).exists()


@pytest.mark.parametrize("typed", ["n\n", ""], ids=["no", "nobody answers"])
def test_without_a_yes_nothing_is_set(connect: Typed, provider: Provider, folder: Path, typed: str) -> None:
    assert connect(typed=typed).exit_code == 1
    assert provider.posts == []
    assert not before(folder).exists()


def test_without_an_answer_it_says_what_to_do(connect: Typed) -> None:
    for typed in ("n\n", ""):
        assert "nothing was changed, as nobody said yes. Remedy: answer y, or run it with --yes" in told(
            connect(typed=typed)
        )


def test_without_an_input_it_says_what_to_do(provider: Provider, folder: Path) -> None:
    with typed_with(provider, stdin_closed=True) as process:
        output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "Remedy: answer y, or run it with --yes" in output
    assert "Traceback" not in output
    assert provider.posts == []


def test_what_may_be_secret_in_an_address_is_not_shown(connect: Typed, provider: Provider, folder: Path) -> None:
    secret = f"https://user:pass-word@flows.example.org/Accounts/{ACCOUNT}/f?PhoneNumber=+358409999999#rc=1"
    provider.numbers[1]["voice_url"] = secret
    for words in (("--yes",), ("--restore", "--dry-run")):
        result = connect(*words)
        assert result.exit_code == 0
        assert "https://...@flows.example.org/Accounts/AC.../f?...#rc=1" in result.stdout
        assert "... stands for what may be secret" in result.stdout
        assert not any(part in result.output for part in ("pass-word", "user", "358409999999", ACCOUNT))
    assert json.loads(before(folder).read_bytes())[OURS]["voice_url"] == secret
    assert connect("--restore", "--yes").exit_code == 0
    assert held(provider, OURS)["voice_url"] == secret


def test_a_number_that_was_never_touched_has_nulls(connect: Typed, provider: Provider) -> None:
    provider.numbers[1].update(voice_url=None, voice_method=None, status_callback=None, voice_fallback_url=None)
    result = connect("--yes")
    assert result.exit_code == 0
    assert "is    nothing" in result.stdout


def test_what_others_set_cannot_steer_the_terminal(connect: Typed, provider: Provider) -> None:
    provider.numbers[1]["voice_url"] = "https://old.example.fi/\x1b[2J\nset, and read back"
    result = connect("--dry-run")
    assert "https://old.example.fi/?[2J?set, and read back" in result.stdout


def test_the_log_of_the_client_says_nothing(
    connect: Typed, caplog: pytest.LogCaptureFixture, provider: Provider
) -> None:
    caplog.set_level("INFO")
    connect("--yes")
    assert caplog.text == ""


# --- the way back ---------------------------------------------------------------------------------------------------


def test_it_can_be_restored(connect: Typed, provider: Provider, folder: Path) -> None:
    connect("--yes")
    assert stat.S_IMODE(before(folder).stat().st_mode) == 0o600
    result = connect("--restore")
    assert result.exit_code == 0, result.output
    assert held(provider, OURS)["voice_url"] == "https://old.example.fi/calls"
    assert held(provider, OURS)["status_callback"] == "https://old.example.fi/ended"
    assert (held(provider, OURS)["voice_fallback_url"], held(provider, SWEDISH)["voice_url"]) == ("", "")
    assert not before(folder).exists()
    assert f"Nothing to restore: {before(folder)} names no number" in connect("--restore").stdout


def test_restoring_to_nothing_warns_that_nobody_answers(connect: Typed) -> None:
    connect("--yes")
    assert connect("--restore", "--dry-run").stderr.count("warning: nobody will answer calls to this number.") == 1


def test_a_number_that_is_gone_is_told_with_the_file_that_names_it(connect: Typed, provider: Provider) -> None:
    connect("--yes")
    provider.numbers.pop()
    assert "connect-before.json" in told(connect("--restore", "--yes"))


def test_the_first_state_is_kept(connect: Typed, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect("--yes")
    first = before(folder).read_bytes()
    monkeypatch.setenv("IVR_PUBLIC_URL", "https://other.example.fi")
    assert connect("--yes").exit_code == 0
    assert before(folder).read_bytes() == first


def test_restoring_needs_no_site_and_only_the_account(
    connect: Typed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect("--yes")
    for name in set(ENVIRONMENT) - {"TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET"}:
        monkeypatch.delenv(name)
    (folder / "prompts").rename(folder / "elsewhere")
    assert connect("--restore", "--yes").exit_code == 0


def test_a_dry_run_restores_and_forgets_nothing(connect: Typed, provider: Provider, folder: Path) -> None:
    connect("--yes")
    provider.asked.clear()
    assert connect("--restore", "--dry-run").exit_code == 0
    assert provider.posts == []
    assert before(folder).exists()


def test_what_was_restored_by_hand_is_forgotten_but_not_by_a_dry_run(
    connect: Typed, provider: Provider, folder: Path
) -> None:
    as_before = [dict(each) for each in provider.numbers]
    connect("--yes")
    provider.numbers[:] = as_before
    provider.asked.clear()
    assert "Everything is as it should be" in connect("--restore", "--dry-run").stdout
    assert before(folder).exists()
    assert connect("--restore").exit_code == 0
    assert not before(folder).exists()
    assert provider.posts == []


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        "{",
        '{"+358753250000": {"voice_url": 1}}',
        '{"+358753250000": null}',
        json.dumps({"\x1b[2J": WANTED}),
        json.dumps({"\ud800": WANTED}),
        json.dumps({"": WANTED}),
        json.dumps({"53250000": WANTED}),
    ],
)
@pytest.mark.parametrize("words", [("--yes",), ("--restore",)], ids=["connect", "restore"])
def test_a_file_of_the_first_state_that_is_broken_stops_it(
    connect: Typed, provider: Provider, folder: Path, written: str, words: tuple[str, ...]
) -> None:
    before(folder).parent.mkdir(exist_ok=True)
    before(folder).write_text(written, encoding="utf-8")
    assert "Remedy: restore it from a backup" in told(connect(*words))
    assert provider.posts == []
    assert before(folder).read_text(encoding="utf-8") == written


def test_where_the_first_state_cannot_be_kept_nothing_is_set(
    connect: Typed, provider: Provider, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("IVR_STATE", str(folder / "file"))
    assert "Nothing was changed" in told(connect("--yes"))
    assert provider.posts == []


# --- numbers that it does not understand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"voice_application_sid": "AP" + "e5" * 16}, "held by an application"),
        ({"trunk_sid": "TK" + "e5" * 16}, "held by a SIP trunk"),
        ({"capabilities": {"voice": False, "sms": True}}, "takes no voice calls"),
        ({"voice_receive_mode": "fax"}, "takes no voice calls"),
    ],
)
def test_a_number_that_others_hold_is_left_alone(
    connect: Typed, provider: Provider, values: dict[str, Any], says: str
) -> None:
    provider.numbers[2].update(values)
    said = told(connect("--yes"))
    assert f"{SWEDISH} " in said
    assert says in said
    assert "Remedy" in said
    assert provider.posts == []


def test_all_that_is_refused_is_told_at_once(connect: Typed, provider: Provider) -> None:
    provider.hold(OURS)
    provider.numbers.pop(2)
    provider.regions[OURS] = "ie1"
    said = told(connect("--yes"))
    assert f"{OURS} is there 2 times" in said
    assert f"{OURS} is handled in the region ie1, and TWILIO_REGION says us1" in said
    assert f"{SWEDISH} is no number of this account" in said
    assert provider.posts == []


def test_in_its_own_region_a_number_is_set(connect: Typed, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    provider.regions.update({OURS: "ie1", SWEDISH: "ie1"})
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    assert connect("--yes").exit_code == 0
    assert held(provider, OURS) == WANTED


def test_a_standard_key_is_enough(connect: Typed, provider: Provider) -> None:
    """Nothing is asked but numbers and their region: accounts and keys want a Main key."""
    connect("--yes")
    paths = {"IncomingPhoneNumbers" if "/IncomingPhoneNumbers" in each.path else each.path for each in provider.asked}
    assert paths == {"IncomingPhoneNumbers", f"/v2/PhoneNumbers/{OURS}", f"/v2/PhoneNumbers/{SWEDISH}"}


# --- settings -------------------------------------------------------------------------------------------------------


def test_without_any_setting_all_is_told_at_once(connect: Typed, provider: Provider) -> None:
    for name in ENVIRONMENT:
        os.environ.pop(name)  # the fixture puts them back
    said = told(connect())
    for name in sorted(set(ENVIRONMENT) - {"IVR_CONTACT_ON_CALL"}):  # that one has a public number in office.yaml
        assert said.count(f"{name} is missing") == 1, name
    assert provider.asked == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_API_KEY", ACCOUNT),
        ("TWILIO_API_KEY", f"'{KEY}'"),
        ("TWILIO_API_KEY", "my-key"),
        ("TWILIO_API_SECRET", KEY),
        ("TWILIO_API_SECRET", f'"{SECRET}"'),
        ("TWILIO_API_SECRET", "two words"),
        ("TWILIO_ACCOUNT_SID", KEY),
        ("TWILIO_REGION", "fi1"),
        ("IVR_PUBLIC_URL", "http://localhost:8080"),
        ("IVR_FALLBACK_URL", "http://files.example.org/fallback.xml"),
        ("IVR_FALLBACK_URL", f"{LINE}/fallback.xml"),
        ("IVR_FALLBACK_URL", "https://LINE.Example.fi:8443/fallback.xml"),
        ("IVR_FALLBACK_URL", "https://line.example.fi../fallback.xml"),
        ("IVR_FALLBACK_URL", "https://10.0.0.1/fallback.xml"),
        ("IVR_FALLBACK_URL", "https://files.example.org/fallback.xml#rc=5"),
        ("IVR_FALLBACK_URL", "fallback.xml"),
        ("IVR_FALLBACK_URL", "https://your-host.example.org/fallback.xml"),
        ("IVR_CALLER_ID", "+35840"),
    ],
)
def test_a_setting_that_cannot_work_is_named_with_its_remedy(
    connect: Typed, provider: Provider, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    said = told(connect("--yes"))
    assert f"{name} " in said
    assert "Remedy: " in said
    assert provider.asked == []


# --- faults of the provider -----------------------------------------------------------------------------------------

HTML = Answer(502, "<html>Bad gateway</html>", "text/html")
PROBLEM = Answer(400, {"type": "t", "title": "No", "status": 400, "code": 21402}, "application/problem+json")
FAULTS = {
    "a key of another account": (in_twilios_form(401, 20003), "does not know the account with this API key (HTTP 401"),
    "a key that lacks a permission": (in_twilios_form(403, 70051), "Remedy: make a Standard API key"),
    "a key of a kind that may not": (in_twilios_form(403, 20003), "only a Main key may ask of accounts and keys"),
    "a suspended account": (in_twilios_form(403, 20005), "the account is not active"),
    "an account that is not there": (in_twilios_form(404, 20404), "knows no such account or number"),
    "too often": (in_twilios_form(429, 20429), "Remedy: wait a minute and run it again"),
    "5xx": (in_twilios_form(500, 20500), "Twilio has a fault"),
    "HTML": (HTML, "Twilio has a fault, or something between us has (HTTP 502)"),
    "an empty 503": (Answer(503), "HTTP 503"),
    "HTML with 200": (Answer(200, "<html>", "text/html"), "the answer is not Twilio's"),
    "a redirect": (Answer(307, "", "text/html"), "Remedy: run it again"),
    "JSON of another kind": (Answer(200, [1]), "Remedy: run it again"),
    "a refused address": (in_twilios_form(400, 21402), "Twilio refuses an address"),
    "the other form of faults": (PROBLEM, "Twilio's code 21402"),
    "a code that nobody knows": (in_twilios_form(400, 29999), "docs/api/errors/29999"),
}


@pytest.mark.parametrize("operation", [LIST, "FetchPhoneNumber"], ids=["the list", "the region"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_before_anything_is_set(connect: Typed, provider: Provider, fault: str, operation: str) -> None:
    answer, says = FAULTS[fault]
    provider.before = lambda asked: answer if asked == operation else None
    if operation == "FetchPhoneNumber" and answer.status == 404:
        assert connect("--yes").exit_code == 0  # a number that was never routed
        return
    said = told(connect("--yes"))
    assert says in said or (answer.status, operation) == (307, "FetchPhoneNumber")
    assert "Remedy: " in said
    assert "Nothing was changed." in said
    assert provider.posts == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_between_two_numbers(connect: Typed, provider: Provider, fault: str) -> None:
    answer, says = FAULTS[fault]
    provider.before = lambda asked: answer if asked == UPDATE and len(provider.posts) == 2 else None
    said = told(connect("--yes"))
    assert f"{OURS}: set, and read back" in said
    assert f"{SWEDISH}: not set" in said
    assert says in said or answer.status == 307  # told as an answer that is not Twilio's
    assert "Run it again" in said
    provider.before = lambda _asked: None
    assert connect("--yes").exit_code == 0
    assert held(provider, OURS) == held(provider, SWEDISH) == WANTED
    of_ours = [each for each in provider.posts if each.path.endswith(f"/{provider.numbers[1]['sid']}.json")]
    assert len(of_ours) == 1


def test_a_change_whose_answer_is_lost_is_looked_up(connect: Typed, provider: Provider) -> None:
    provider.after = lambda asked: HTML if asked == UPDATE else None
    said = told(connect("--yes"))
    assert f"{OURS}: set " in said
    assert f"{SWEDISH}: not set" in said


def test_a_change_that_nobody_can_look_up_is_not_known(connect: Typed, provider: Provider) -> None:
    def hang_up(asked: str) -> Answer | None:
        if provider.posts:
            raise HangUp
        return None

    provider.before = hang_up
    said = told(connect("--yes"))
    assert f"{OURS}: not known whether it is set" in said
    assert f"{SWEDISH}: not set" in said
    assert "Twilio cannot be reached, or broke off" in said


@pytest.mark.parametrize(
    ("keeps", "state"),
    [
        (lambda value: value.partition("#")[0], "set"),
        (lambda value: "POST" if value == "GET" else value, "set only in part"),
    ],
    ids=["but for the overrides", "in part"],
)
def test_a_change_whose_answer_is_lost_and_that_came_through(
    connect: Typed, provider: Provider, keeps: Callable[[str], str], state: str
) -> None:
    provider.keeps = keeps
    provider.after = lambda asked: HTML if asked == UPDATE else None
    assert f"{OURS}: {state} {SWEDISH}: not set Error: " in told(connect("--yes"))


def test_a_change_that_only_adds_overrides_and_is_refused_is_not_set(connect: Typed, provider: Provider) -> None:
    provider.numbers[1].update(WANTED, voice_url=f"{LINE}/voice")
    provider.before = lambda asked: HTML if asked == UPDATE else None
    assert f"{OURS}: not set {SWEDISH}: not set Error: " in told(connect("--yes"))


OTHER_BODIES = {
    "nothing": {},
    "another number": {"phone_number": LONGER, "sid": "PN" + "f" * 32},
    "too deep": "[" * 100_000,
}


@pytest.mark.parametrize("body", OTHER_BODIES.values(), ids=OTHER_BODIES)
@pytest.mark.parametrize("words", [("--yes",), ("--restore", "--yes")], ids=["connect", "restore"])
def test_what_is_read_back_is_of_this_number(
    connect: Typed, provider: Provider, folder: Path, words: tuple[str, ...], body: object
) -> None:
    nothing = dict.fromkeys(("voice_url", "voice_fallback_url", "status_callback"))
    for each in provider.numbers:
        each.update(nothing)
    if "--restore" in words:
        assert connect("--yes").exit_code == 0
    provider.before = lambda asked: Answer(200, body) if asked == FETCH else None
    said = told(connect(*words))
    assert f"{OURS}: not known whether it is set {SWEDISH}: not set Error: the answer is not Twilio's" in said
    assert before(folder).exists()


@pytest.mark.parametrize("body", OTHER_BODIES.values(), ids=OTHER_BODIES)
def test_a_region_is_of_this_number(connect: Typed, provider: Provider, body: object) -> None:
    provider.before = lambda asked: Answer(200, body) if asked == "FetchPhoneNumber" else None
    assert "the answer is not Twilio's" in told(connect("--yes"))
    assert provider.posts == []


@pytest.mark.parametrize("region", [5, ["us1"], "\x1b[2J"])
def test_a_region_is_a_word(connect: Typed, provider: Provider, region: Any) -> None:
    provider.regions[OURS] = region
    assert "the answer is not Twilio's" in told(connect("--yes"))


@pytest.mark.parametrize("value", [5, [], {"a": 1}])
@pytest.mark.parametrize("name", [*WANTED, "sid"])
def test_a_value_of_another_type_is_no_state_to_keep(
    connect: Typed, provider: Provider, folder: Path, name: str, value: object
) -> None:
    provider.numbers[1][name] = value
    assert "the answer is not Twilio's" in told(connect("--yes"))
    assert provider.posts == []
    assert not before(folder).exists()


@pytest.mark.parametrize("sid", [None, "", "../Calls"])
def test_an_identifier_that_is_none_is_not_asked_for(connect: Typed, provider: Provider, sid: str | None) -> None:
    provider.numbers[1]["sid"] = sid
    assert "the answer is not Twilio's" in told(connect("--yes"))
    assert provider.posts == []


def test_a_fault_that_is_too_deep_is_told(connect: Typed, provider: Provider) -> None:
    provider.before = lambda asked: Answer(500, "[" * 100_000) if asked == LIST else None
    assert "Remedy: " in told(connect("--yes"))


def test_a_change_that_is_not_kept_is_told(connect: Typed, provider: Provider) -> None:
    provider.keeps = lambda value: "POST" if value == "GET" else value
    said = told(connect("--yes"))
    assert f"{OURS}: set only in part" in said
    assert "another value of: fallback method" in said
    assert f"{SWEDISH}: not set" in said


def test_a_provider_that_drops_the_overrides_is_a_warning(connect: Typed, provider: Provider) -> None:
    provider.keeps = lambda value: value.partition("#")[0]
    result = connect("--yes")
    assert result.exit_code == 0
    assert LOST in result.stderr
    assert held(provider, SWEDISH)["voice_url"] == f"{LINE}/voice"


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (LIST, "It was interrupted. Nothing was changed."),
        (UPDATE, f"{OURS}: not known whether it is set {SWEDISH}: not set Error: It was interrupted. Run it again"),
        (FETCH, f"{OURS}: not known whether it is set {SWEDISH}: not set Error: It was interrupted. Run it again"),
        ("SIGTERM", f"{OURS}: not known whether it is set {SWEDISH}: not set Error: It was interrupted. Run it again"),
        ("its look-up", f"{OURS}: not known whether it is set {SWEDISH}: not set Error: Twilio has a fault"),
    ],
)
def test_an_interruption_tells_what_is_set(provider: Provider, folder: Path, at: str, says: str) -> None:
    ended = threading.Event()

    def interrupt(asked: str) -> Answer | None:
        if at == "its look-up" and asked == UPDATE:
            return HTML
        if asked == {"its look-up": FETCH, "SIGTERM": UPDATE}.get(at, at):
            process.send_signal(signal.SIGTERM if at == "SIGTERM" else signal.SIGINT)
            assert ended.wait(PATIENCE)
            raise HangUp
        return None

    provider.before = interrupt
    with typed_with(provider, "--yes") as process:
        output, _ = process.communicate(timeout=PATIENCE)
        ended.set()
    assert process.returncode == 1
    assert says in " ".join(output.split())
    assert "Traceback" not in output
    assert before(folder).exists() is (at != LIST)


def typed_with(
    provider: Provider, *words: str, stdin_closed: bool = False, stderr: int = subprocess.STDOUT
) -> subprocess.Popen[str]:
    """`ivr connect` in a process of its own."""
    ivr = [sys.executable, "-m", "tests.twilio_rest.typed", provider.base, "connect", *words]
    return subprocess.Popen(
        ["/bin/sh", "-c", 'exec "$@" <&-', "sh", *ivr] if stdin_closed else ivr,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def test_an_output_that_breaks_off_between_two_numbers_is_told(provider: Provider, folder: Path) -> None:
    def leave(asked: str) -> Answer | None:
        if asked == UPDATE and process.stdout:
            process.stdout.close()
        return None

    provider.before = leave
    with typed_with(provider, "--yes", stderr=subprocess.PIPE) as process:
        assert process.stderr
        said = process.stderr.read()
    assert process.returncode == 1
    assert "the output broke off, so it stopped; not all may be set. Run it again" in said
    assert (held(provider, OURS) == WANTED, held(provider, SWEDISH) == WANTED) == (True, False)
    assert before(folder).exists()


def test_killed_between_two_numbers_it_finishes_the_next_time(provider: Provider, folder: Path) -> None:
    def kill(asked: str) -> Answer | None:
        if asked == UPDATE and len(provider.posts) == 2:
            process.send_signal(signal.SIGKILL)
            raise HangUp
        return None

    provider.before = kill
    with typed_with(provider, "--yes") as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL
    assert held(provider, OURS) == WANTED
    assert held(provider, SWEDISH) != WANTED
    kept = json.loads(before(folder).read_bytes())
    provider.before = lambda _asked: None
    provider.asked.clear()
    with typed_with(provider, "--yes") as process:
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, output
    assert f"{OURS}: as it should be" in output
    assert len(provider.posts) == 1
    assert held(provider, SWEDISH) == WANTED
    assert json.loads(before(folder).read_bytes()) == kept
    assert kept[OURS]["voice_url"] == "https://old.example.fi/calls"


def test_a_silent_provider_is_given_up(
    connect: Typed, provider: Provider, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    monkeypatch.setattr("ivr.commands.account.open_account", opens(silent, seconds=0.05))
    assert "Twilio did not answer within" in told(connect("--yes"))


def test_certificates_that_are_not_there(connect: Typed, monkeypatch: pytest.MonkeyPatch, refusing: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/not/there.pem")
    monkeypatch.setattr("ivr.commands.account.open_account", opens(refusing.replace("http:", "https:")))
    assert "Twilio cannot be reached" in told(connect("--yes"))


def test_secrets_that_others_can_read_are_told(connect: Typed, folder: Path) -> None:
    (folder / ".env").write_text("", encoding="utf-8")
    (folder / ".env").chmod(0o644)
    assert "chmod 600 .env" in connect("--dry-run").stderr


def test_a_provider_that_cannot_be_reached(connect: Typed, monkeypatch: pytest.MonkeyPatch, refusing: str) -> None:
    monkeypatch.setattr("ivr.commands.account.open_account", opens(refusing))
    assert "Twilio cannot be reached" in told(connect("--yes"))
