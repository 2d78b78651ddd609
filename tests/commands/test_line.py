"""The commands, as a stranger types them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.core.content import Content
from ivr.proof.registry import rules
from tests.calls.golden import read_golden
from tests.conftest import ROOT
from tests.content.conftest import FIRST, Prompts


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    """The real content in the first languages and in one that has no voice."""
    return Prompts.copied_to(tmp_path_factory.mktemp("few"), *FIRST, "so")


@pytest.fixture(autouse=True)
def _in_the_project(few: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("IVR_SITE", str(few.folder))
    monkeypatch.delenv("IVR_LOG", raising=False)


def ivr(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def said(*words: str) -> str:
    """What `ivr call` shows, on one line."""
    result = ivr("call", *words)
    assert result.exit_code == 0, result.output
    return re.sub(r"\s+", " ", result.output)


class TestVoices:
    """A content whose first languages have no voice that can be used is told by every command, and served by none."""

    @pytest.fixture
    def mute(self, few: Prompts, tmp_path: Path) -> Prompts:
        prompts = Prompts(shutil.copytree(few.folder, tmp_path / "prompts"))
        prompts.edit("languages.yaml", "provider: {voice: Polly.Suvi-Neural}", "polly: {voice: Suvi}")
        return prompts

    @pytest.mark.parametrize("command", [["check"], ["call", "--keys", "1"], ["phone", "--port", "0", "--no-open"]])
    def test_is_told_by_its_line(self, mute: Prompts, command: list[str]) -> None:
        result = ivr("--site", str(mute.folder), *command)
        assert result.exit_code == 1
        place = f"{mute.path('languages.yaml')}:"
        assert f"{place}{mute.line('languages.yaml', 'Suvi')}: broken: 'polly' gives no voices" in result.output
        assert (
            f"{place}{mute.line('languages.yaml', '  fi:')}: broken: Finnish (fi) has no voice of the provider"
            in result.output
        )


class TestCall:
    @pytest.mark.parametrize(
        ("at", "sentence"),
        [
            ("2026-11-24 08:59", "Our phone service is closed. It opens today at nine in the morning."),
            ("2026-11-24 09:00", "Our phone service is open until three in the afternoon."),
            ("2026-11-24 14:59", "Our phone service is open until three in the afternoon."),
            ("2026-11-24 15:00", "Our phone service is closed. It opens tomorrow at nine in the morning."),
            ("2026-11-27 15:00", "Our phone service is closed. It opens on Monday at nine in the morning."),
            # Thursday, Christmas Eve: the next day that is open is Monday.
            ("2026-12-24 10:00", "Our phone service is closed. It opens on Monday at nine in the morning."),
            # Friday, Midsummer Eve.
            ("2026-06-19 10:00", "Our phone service is closed. It opens on Monday at nine in the morning."),
            # The nights in which the clock changes, both from Saturday to Sunday, and the hour that is there twice.
            ("2026-03-28 23:30", "Our phone service is closed. It opens on Monday at nine in the morning."),
            ("2026-03-29 02:59", "Our phone service is closed. It opens tomorrow at nine in the morning."),
            ("2026-03-29 04:00", "Our phone service is closed. It opens tomorrow at nine in the morning."),
            ("2026-10-24 23:30", "Our phone service is closed. It opens on Monday at nine in the morning."),
            ("2026-10-25 03:30", "Our phone service is closed. It opens tomorrow at nine in the morning."),
            ("2026-10-25 03:30+02:00", "Our phone service is closed. It opens tomorrow at nine in the morning."),
            ("2026-10-25 03:30+03:00", "Our phone service is closed. It opens tomorrow at nine in the morning."),
        ],
    )
    def test_says_the_right_hours(self, at: str, sentence: str) -> None:
        assert sentence in said("--at", at, "--lang", "en", "--keys", "hang up after 40")

    def test_the_clock_change_in_the_middle_of_a_call_costs_no_minute(self) -> None:
        shown = said("--at", "2026-10-25 03:59:30+03:00", "--lang", "en", "--keys", "wait", "--contact", "on_call=busy")
        assert " 0:00 fi: Kemin sosiaalitoimisto." in shown
        assert "rings on_call" in shown
        assert "60:" not in shown

    def test_shows_who_speaks_and_who_rings(self) -> None:
        shown = said("--at", "2026-11-24 10:00", "--keys", "1,1", "--contact", "social_instructor=answers after 3")
        for words in ("caller presses 1", "rings social_instructor", "whisper: Paina", "the line ends the call"):
            assert words in shown

    def test_without_a_terminal_an_event_is_one_line_however_long(self) -> None:
        lines = ivr("call", "--at", "2026-11-24 22:00", "--contact", "on_call=no_answer").stdout.splitlines()
        assert all(re.match(r" \d:\d\d  ", line) for line in lines)
        assert max(map(len, lines)) > 80

    def test_without_keys_and_without_a_terminal_the_caller_is_silent(self) -> None:
        assert "caller has pressed nothing for 5 s" in said("--at", "2026-11-24 10:00")

    @pytest.mark.parametrize("code", ["fi", "sv", "en"])
    def test_lang_chooses_the_language(self, code: str, content: Content) -> None:
        shown = said("--at", "2026-11-24 10:00", "--lang", code, "--keys", "1")
        assert content.catalogue.texts[code]["welcome.machine"] in shown

    def test_prints_itself_as_a_golden_call(self, tmp_path: Path) -> None:
        result = ivr("call", "--at", "2026-11-24 22:00", "--keys", "2,early 0", "--contact", "on_call=busy", "--golden")
        file = tmp_path / "call.yaml"
        file.write_text(result.output, encoding="utf-8")
        golden, issues = read_golden(file)
        assert not issues
        assert golden
        assert (golden.caller, golden.contacts) == (("2", "early 0"), {"on_call": ("busy",)})
        assert [ring.split()[0] for ring in golden.must.rings] == 5 * ["on_call"]
        assert golden.heard.endswith("the line ends the call\n")

    @pytest.mark.parametrize(
        ("words", "heard", "told"),
        [
            ((), False, "This call offers the same as a real line; --waiting adds the others."),
            (("--waiting",), True, "This call offers those too."),
            (("--lang", "so"), True, "This call offers Somali too, as you named it."),
            (("--lang", "sv"), False, "--waiting adds the others."),
        ],
    )
    def test_offers_what_a_real_line_does_unless_more_is_asked_for(
        self, words: tuple[str, ...], heard: bool, told: str
    ) -> None:
        result = ivr("call", *words)
        (line,) = result.stderr.splitlines()
        assert line.startswith(
            "A real line offers 3 languages today: Finnish, Swedish and English. Waiting: Somali (nobody "
        )
        assert line.endswith(told)
        assert ("so: Af-Soomaali: riix siddeed." in result.stdout) == heard

    def test_a_golden_call_offers_all_as_the_tests_do_and_says_nothing_else(self) -> None:
        result = ivr("call", "--golden")
        assert "so: Af-Soomaali: riix siddeed." in result.stdout
        assert "without" not in result.stdout
        assert result.stderr == ""

    @pytest.mark.parametrize(
        ("words", "remedy"),
        [
            (("--at", "tomorrow"), 'write "2026-12-24 10:00"'),
            (("--at", "2026-11-24"), 'write "2026-12-24 10:00"'),
            (("--keys", "press one"), "a step is one of"),
            (("--lang", "xx"), "write one of en, fi, so, sv"),
            (("--contact", "on_call"), "NAME=WHAT"),
            (("--contact", "mother=busy"), "NAME is one of on_call, social_instructor"),
            (("--contact", "on_call=asleep"), "it can do one of"),
        ],
    )
    def test_a_wrong_option_is_told_with_its_remedy(self, words: tuple[str, ...], remedy: str) -> None:
        result = ivr("call", *words)
        assert result.exit_code == 2
        assert remedy in result.output


class TestPhone:
    def test_says_what_it_does_from_the_first_moment_until_the_page_is_there(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def served(_app: object, _port: int, ready: Callable[[str], None]) -> None:
            ready("http://127.0.0.1:1/")

        monkeypatch.setattr("ivr.phone.browser.app.serve_page", served)
        monkeypatch.setattr("ivr.phone.clip_builder.ClipBuilder.start", lambda _builder: None)
        result = ivr("phone", "--no-open")
        assert result.exit_code == 0, result.output
        first, second, offer, making, *_, last = result.stderr.splitlines()
        assert first.startswith("reading the site ")
        assert second.startswith("looking at the voices ")
        assert offer.startswith("A real line offers 3 languages today: ")
        assert re.match(r"making \d+ of \d+ sentences by the offline voice: about a minute", making)
        assert last.startswith("the phone is at http://127.0.0.1:1/ ")

    def test_make_says_what_it_does_before_each_thing_that_takes_long(self) -> None:
        make = ["make", "--dry-run", "--always-make", "phone"]
        steps = subprocess.run(make, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        before, *_ = steps.split("-m venv .venv")
        assert 'echo "making .venv' in before
        before, *_ = steps.split("pip install")
        assert 'echo "fetching and installing what the line needs, once (about a minute;' in before
        before, *_ = steps.split("ivr phone")
        assert 'echo "starting the phone (some seconds' in before


class TestCheck:
    def test_the_content_is_whole_and_every_rule_is_told(self) -> None:
        result = ivr("check")
        assert result.exit_code == 0
        issues, _, proofs = result.output.partition("walked ")
        *notes, last = issues.splitlines()
        assert {line.split(":")[2] for line in notes} == {" note"}
        assert last == "Notes do not stop the phone."
        assert proofs.splitlines()[-1] == "languages offered: en, fi, sv"
        told = [line.split()[0] for line in result.output.splitlines() if re.match(r"[A-Z]\d  ", line)]
        assert told == list(rules())

    def test_says_what_was_proved_now_and_proves_all_of_it_if_asked(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST)
        monkeypatch.setenv("IVR_SITE", str(prompts.folder))
        monkeypatch.setenv("IVR_STATE", str(tmp_path / "state"))
        all_now, words_now = (
            "all of it was walked and proved now",
            "where calls go was proved before and has not changed",
        )
        first = ivr("check", "--all").output
        assert all_now in first
        assert not (tmp_path / "state").exists()
        assert ivr("check").output == first
        then = ivr("check").output
        assert words_now in then
        assert [line for line in then.splitlines() if words_now not in line] == [
            line for line in first.splitlines() if all_now not in line
        ]
        assert ivr("check", "--all").output == first

    def test_faults_are_told_with_file_line_and_remedy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST)
        prompts.edit("sv.po", "Vid fara, ring ett ett två.", "Vid fara, ring 112.")
        monkeypatch.setenv("IVR_SITE", str(prompts.folder))
        result = ivr("check")
        assert result.exit_code == 1
        assert re.search(
            r"prompts/sv\.po:\d+: broken: 'safety\.opening' has digits\. Write them as words\.", result.output
        )
        issues = json.loads(ivr("check", "--json").output)["issues"]
        worst = [(issue["severity"], issue["file"]) for issue in issues if issue["severity"] != "note"]
        assert worst == [("broken", str(prompts.folder / "sv.po"))]
        for command in (("call",), ("flow",)):
            refused = ivr(*command)
            assert refused.exit_code == 1
            assert "safety.opening" in refused.output

    def test_says_what_would_be_offered_where_approval_is_required(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        prompts = Prompts.copied_to(tmp_path, *FIRST, "ru")
        monkeypatch.setenv("IVR_SITE", str(prompts.folder))
        waits = "callers cannot choose Russian (ru) yet. After a native speaker has read its safety sentences: "
        for required, approved, offered in (("0", False, True), ("1", False, False), ("1", True, True)):
            monkeypatch.setenv("IVR_REQUIRE_APPROVAL", required)
            if approved:
                prompts.approve("ru")
            result = ivr("check")
            assert result.exit_code == 0
            assert result.output.splitlines()[-1] == f"languages offered: en, fi, {'ru, ' if offered else ''}sv"
            assert (f'{waits}ivr texts review ru --safety --by "NAME".' in result.output) is not offered
            assert "\nNotes do not stop the phone.\n" in result.output
        monkeypatch.setenv("IVR_REQUIRE_APPROVAL", "yes")
        refused = ivr("check")
        assert (refused.exit_code, "Remedy: write 1 to offer only" in refused.output) == (1, True)


def test_flow_draws_every_node(content: Content) -> None:
    drawn = ivr("flow").output
    assert drawn.startswith("flowchart TD\n")
    for name in content.flow.nodes:
        assert f"  {name}" in drawn
    assert "  choose_language -->|chosen| welcome\n" in drawn
    assert "  on_call -->|answered| after_talk\n" in drawn
