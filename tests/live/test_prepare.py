"""A content is read, checked and proved once, whatever asks for it, and only what holds is kept."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ivr.content.files import OF_RECORDINGS
from ivr.core.content import Content
from ivr.live.intervals import Intervals
from ivr.live.prepare import prepare
from ivr.live.prepared import Prepared, Proving, Wanted, key_of, site_files
from ivr.live.state import StateFolder
from ivr.proof.kept import Kept
from ivr.proof.prove import Settled, settle, walk_all
from ivr.proof.registry import By
from ivr.proof.walk import Walk
from ivr.settings.env_file import SettingsError
from ivr.speech.voices import NO_AUDIO, Audio
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts
from tests.speech.test_clip_header import wav

pytestmark = pytest.mark.usefixtures("walked_once")

PHONE = 'phone:   {mon-fri: "09:00-15:00"}'


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    return Prompts.copied_to(tmp_path, *FIRST)


@pytest.fixture
def wanted(prompts: Prompts, tmp_path: Path) -> Wanted:
    return Wanted(prompts.folder, NO_AUDIO, TODAY, "auto", tmp_path / "var", "never")


def proving(wanted: Wanted, how: Proving, days: int = 0) -> Prepared:
    return prepare(replace(wanted, proving=how, today=TODAY + timedelta(days=days)))


class Counted:
    """How often a content was proved."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        monkeypatch.setattr("ivr.live.prepare.settle", self._settle)

    def _settle(self, content: Content, today: date, _rendered: None, *by: By, kept: Kept) -> Settled:
        self.times += 1
        return settle(content, today, None, *by, kept=kept)


def test_what_is_not_to_be_proved_is_read_only(wanted: Wanted) -> None:
    prepared = proving(wanted, "never")
    assert prepared.usable
    assert prepared.proved_on is None
    assert not wanted.state.exists()


def test_approvals_are_part_of_what_is_proved_and_kept(prompts: Prompts, wanted: Wanted) -> None:
    """So a restart with a broken site goes on with the approved wordings too."""
    first = proving(wanted, "if_new")
    prompts.approve("fi")
    then = proving(wanted, "if_new")
    assert then.key != first.key
    assert then.content
    assert then.content.safety["fi"].unapproved == ()
    kept = StateFolder(wanted.state).last_good / "fi.approved.yaml"
    assert kept.read_bytes() == prompts.path("fi.approved.yaml").read_bytes()


def test_it_is_proved_once_and_again_on_a_new_day_if_asked(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted(monkeypatch)
    first = proving(wanted, "if_new")
    assert (first.proved_on, counted.times) == (TODAY, 1)
    assert proving(wanted, "if_new").proved_on == TODAY
    assert proving(wanted, "today").proved_on == TODAY
    assert proving(wanted, "if_new", days=1).proved_on == TODAY
    assert counted.times == 1
    assert proving(wanted, "today", days=1).proved_on == TODAY + timedelta(days=1)
    assert counted.times == 2


def test_what_breaks_a_rule_is_neither_stamped_nor_kept(wanted: Wanted, prompts: Prompts) -> None:
    proving(wanted, "if_new")
    kept = site_files(StateFolder(wanted.state).last_good)
    prompts.edit("flow.yaml", "    rounds: 3", "    rounds: 2")
    prepared = proving(wanted, "if_new")
    assert (prepared.usable, prepared.proved_on) == (None, None)
    assert "rule T4" in prepared.worst
    assert site_files(StateFolder(wanted.state).last_good) == kept


def test_what_cannot_be_read_says_where(wanted: Wanted, prompts: Prompts) -> None:
    prompts.edit("office.yaml", "hours:\n", "hours\n")
    prepared = proving(wanted, "if_new")
    assert (prepared.content, prepared.usable) == (None, None)
    assert prepared.worst.startswith("prompts/office.yaml:")


def test_a_folder_that_is_not_there_is_broken_too(wanted: Wanted) -> None:
    assert prepare(replace(wanted, folder=wanted.folder / "nowhere")).worst


def test_the_key_changes_with_every_byte_of_the_site_and_with_nothing_else(wanted: Wanted, prompts: Prompts) -> None:
    before = proving(wanted, "never").key
    prompts.write("README.md", "Other words.")
    assert proving(wanted, "never").key == before
    for name in sorted(site_files(prompts.folder)):
        text = prompts.read(name)
        prompts.write(name, f"{text}\n")
        assert key_of(site_files(prompts.folder)) != before
        prompts.write(name, text)
    assert key_of(site_files(prompts.folder)) == before
    assert key_of({"a": b"bc"}) != key_of({"ab": b"c"})


def test_hours_that_are_said_without_their_times_are_so_at_the_next_start_too(wanted: Wanted, prompts: Prompts) -> None:
    more = "It is the door on the left of the house. " * 4
    exact = prompts.entry("prompts.pot", "hours.door.week").split('msgid "')[1].split('"')[0]
    prompts.reword("hours.door.week", more + exact)
    first = proving(wanted, "if_new")
    assert first.content
    assert first.content.plain
    again = proving(wanted, "never")
    assert again.content
    assert (again.proved_on, again.content.plain) == (TODAY, first.content.plain)


def test_the_serving_process_is_spared_the_calendar(wanted: Wanted) -> None:
    """The days of the next 400 come with the content: their library takes 60 ms and 17 MB."""
    prepared = pickle.loads(pickle.dumps(proving(wanted, "never")))  # noqa: S301 - our own
    days = prepared.content.office.schedules["phone"]._days
    assert len(days) > 400


@pytest.mark.parametrize("written", ["0", "-1", "soon", "1e9", "nan"])
def test_an_interval_that_is_none_is_told(written: str) -> None:
    with pytest.raises(SettingsError, match="IVR_SECONDS_STEP is no number of seconds"):
        Intervals.read({"IVR_SECONDS_STEP": written})


def test_an_interval_can_be_shortened() -> None:
    assert Intervals.read({"IVR_SECONDS_LOOK": "0.1"}) == Intervals(look=0.1)


@pytest.mark.parametrize("how", ["never", "if_new"])
def test_a_content_that_cannot_speak_in_an_emergency_is_told_and_not_used(
    prompts: Prompts, wanted: Wanted, how: Proving
) -> None:
    prompts.edit("languages.yaml", "provider: {voice: Polly.Suvi-Neural}", "polly: {voice: Suvi}")
    prepared = proving(wanted, how)
    assert prepared.content is None
    assert [issue.line for issue in prepared.issues if issue.severity == "broken"] == [
        prompts.line("languages.yaml", "  fi:"),
        prompts.line("languages.yaml", "Suvi"),
    ]


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[Content]:
    """The contents whose calls were walked."""
    walks = list[Content]()

    def counted(content: Content, today: date) -> Walk:
        walks.append(content)
        return walk_all(content, today)

    monkeypatch.setattr("ivr.proof.prove.walk_all", counted)
    return walks


def test_where_nothing_can_be_kept_calls_are_walked_once_all_the_same(
    wanted: Wanted, tmp_path: Path, walks: list[Content]
) -> None:
    """The rules are proved of what is written, and then of what people have recorded."""
    recording = tmp_path / "recorded" / "fi" / "welcome.machine.wav"
    recording.parent.mkdir(parents=True)
    recording.write_bytes(wav(b"\xff", 1))
    (tmp_path / "file").touch()
    audio = Audio(tmp_path / "rendered", tmp_path / "recorded")
    prepared = proving(replace(wanted, audio=audio, state=tmp_path / "file"), "if_new")
    assert prepared.voices
    assert prepared.voices.unproved == frozenset()
    assert len(walks) == 1


def test_after_a_changed_sentence_or_hour_calls_are_not_walked_again(
    prompts: Prompts, wanted: Wanted, walks: list[Content]
) -> None:
    assert proving(wanted, "today").proved_on == TODAY
    prompts.translate("sv.po", "nobody_free.sorry", "Tyvärr är ingen ledig.")
    assert proving(wanted, "today").proved_on == TODAY
    prompts.write("office.yaml", prompts.read("office.yaml").replace("15:00", "14:30"))
    assert proving(wanted, "today").proved_on == TODAY
    assert proving(wanted, "today", days=1).proved_on == TODAY + timedelta(days=1)
    assert len(walks) == 1
    prompts.edit("flow.yaml", "rounds: 3", "rounds: 4")
    assert proving(wanted, "today").proved_on == TODAY
    assert len(walks) == 2


def test_what_was_approved_in_the_room_is_a_part_of_the_content_and_of_the_last_good_one(
    wanted: Wanted, prompts: Prompts, tmp_path: Path
) -> None:
    heard = tmp_path / "recordings"
    wanted = replace(wanted, heard=heard)
    before = proving(wanted, "never").key
    prompts.approve("sv")
    (heard / "sv").mkdir(parents=True)
    (prompts.folder / "sv.approved.yaml").rename(heard / "sv" / "approved.yaml")
    prepared = proving(wanted, "if_new")
    assert (prepared.key != before, prepared.proved_on) == (True, TODAY)
    assert prepared.content
    assert prepared.content.safety["sv"].unapproved == ()
    good = StateFolder(wanted.state).last_good
    again = replace(wanted, folder=good, heard=good / OF_RECORDINGS)
    (heard / "sv" / "approved.yaml").unlink()  # what is approved in the last good content stays approved in it
    assert proving(again, "never").key == prepared.key
    found = proving(again, "never").content
    assert found
    assert found.safety["sv"].unapproved == ()
