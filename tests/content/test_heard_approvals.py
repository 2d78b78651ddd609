"""What was approved in the listening room stands beside the recordings, and counts like what the site's file says."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from ivr.content.approval import Approval, NotSigned, approve_heard, heard_path, read_heard
from ivr.content.load import Loaded, load
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts

SO, DANGER = "so", "safety.danger"
NEW = "Halis ma ku jirtaa? Taleefanka dhig."


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    return Prompts.copied_to(tmp_path / "site", *FIRST, SO)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


def hear(prompts: Prompts, recordings: Path, *ids: str, day: date = TODAY) -> Path:
    """Approve sentences in the room, as they are written now: those named, or all safety sentences."""
    texts = prompts.load().texts
    assert texts
    signed = {}
    for id_ in ids or texts.safety(SO):
        text, english = texts.wording(SO, id_), texts.sources[id_].source
        signed[id_] = Approval.signed(SO, id_, text.translation, english, "Amina", day, text.spoken)
    return approve_heard(recordings, SO, "Soomaali", signed)


def loaded(prompts: Prompts, recordings: Path) -> Loaded:
    return load(prompts.folder, TODAY, recordings)


def unapproved(prompts: Prompts, recordings: Path) -> tuple[str, ...]:
    content = loaded(prompts, recordings).content
    assert content
    return content.safety[SO].unapproved


def test_approvals_of_the_room_are_approvals(prompts: Prompts, recordings: Path) -> None:
    assert unapproved(prompts, recordings)
    path = hear(prompts, recordings)
    assert path == heard_path(recordings, SO) == recordings / "so" / "approved.yaml"
    assert "The office's pages write this file: do not edit it" in path.read_text(encoding="utf-8")
    assert unapproved(prompts, recordings) == ()
    assert prompts.load().content.safety[SO].unapproved  # type: ignore[union-attr]
    assert not [issue for issue in loaded(prompts, recordings).issues if issue.file.startswith("recordings/")]


def test_two_presses_add_up(prompts: Prompts, recordings: Path) -> None:
    hear(prompts, recordings, DANGER)
    hear(prompts, recordings, "safety.free")
    assert set(read_heard(recordings, SO).valid) == {DANGER, "safety.free"}


def test_the_wording_approved_there_stays_until_the_next_approval(prompts: Prompts, recordings: Path) -> None:
    """As for an approval of the site's file, which a site on a read-only disk cannot have."""
    hear(prompts, recordings)
    old = loaded(prompts, recordings).said(SO, DANGER)
    prompts.translate("so.po", DANGER, NEW)
    assert loaded(prompts, recordings).said(SO, DANGER) == old
    assert unapproved(prompts, recordings) == ()
    hear(prompts, recordings, DANGER)
    assert loaded(prompts, recordings).said(SO, DANGER) == NEW


@pytest.mark.parametrize("room_is_later", [True, False])
def test_of_both_files_the_later_signature_counts(prompts: Prompts, recordings: Path, *, room_is_later: bool) -> None:
    yesterday = TODAY - timedelta(days=1)
    old = prompts.load().said(SO, DANGER)
    prompts.approve(SO, day=yesterday if room_is_later else TODAY)
    prompts.translate("so.po", DANGER, NEW)
    hear(prompts, recordings, DANGER, day=TODAY if room_is_later else yesterday)
    prompts.translate("so.po", DANGER, "Wax kale.")
    assert loaded(prompts, recordings).said(SO, DANGER) == (NEW if room_is_later else old)


@pytest.mark.parametrize("room_has_it", [True, False])
def test_of_two_of_one_day_that_of_the_words_of_now(prompts: Prompts, recordings: Path, *, room_has_it: bool) -> None:
    old = prompts.load().said(SO, DANGER)
    prompts.approve(SO)
    hear(prompts, recordings)
    prompts.translate("so.po", DANGER, NEW)
    if room_has_it:
        hear(prompts, recordings, DANGER)
    else:
        prompts.approve(SO, DANGER)
    assert old != NEW
    assert loaded(prompts, recordings).said(SO, DANGER) == NEW


def test_what_is_wrong_there_is_told_with_its_file_and_stops_nothing(prompts: Prompts, recordings: Path) -> None:
    path = hear(prompts, recordings)
    path.write_text(path.read_text(encoding="utf-8").replace('by: "Amina"', "by: [", 1), encoding="utf-8")
    issues = [issue for issue in loaded(prompts, recordings).issues if issue.file == "recordings/so/approved.yaml"]
    assert issues
    assert {issue.severity for issue in issues} == {"note"}
    assert loaded(prompts, recordings).content
    with pytest.raises(NotSigned):
        hear(prompts, recordings)


def test_what_somebody_changed_by_hand_does_not_count(prompts: Prompts, recordings: Path) -> None:
    path = hear(prompts, recordings, DANGER)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('wording: "', 'wording: "Maya. ', 1), encoding="utf-8")
    assert DANGER in unapproved(prompts, recordings)
    assert any("changed 'safety.danger' here by hand" in issue.message for issue in loaded(prompts, recordings).issues)
