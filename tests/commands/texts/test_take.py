"""`ivr texts take`: what an editor has accepted is written, shown and told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.records.room import Room
from tests.commands.texts.helpers import assert_refused, chosen, done, files, texts
from tests.content.conftest import Prompts
from tests.listening.suggesting import NOW, accepted, accepted_unchecked, texts_of_site

SORRY, DANGER, MONDAY = "nobody_free.sorry", "safety.danger", "day_on.mon"
NEW, NEW_DANGER = "Qofna hadda ma banaana.", "Haddii aad khatar ku jirto, wac kow kow laba."


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    """The content in Finnish, Swedish, English and Somali."""
    monkeypatch.setenv("IVR_RECORDINGS", str(tmp_path / "recordings"))
    return chosen(Prompts.copied_to(tmp_path, "so"), monkeypatch)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room.open({"IVR_RECORDINGS": str(tmp_path / "recordings")})


def texts_only(site: Prompts) -> dict[str, bytes]:
    return {path: data for path, data in files(site).items() if Path(path).parent == site.folder}


class TestTake:
    def test_the_text_is_written_shown_and_noted_and_an_update_keeps_it(self, room: Room, site: Prompts) -> None:
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        before = texts_only(site)
        shown = done("take", "so", "--dry-run")
        assert texts_only(site) == before
        told = done("take", "so")
        for output, ending in ((shown, "would be written"), (told, "written")):
            assert f'+msgstr "{NEW}"\n' in output
            assert f"so.po: 1 text {ending}: {SORRY}\n" in output
        assert [(event.deed, event.about) for event in room.events(NOW) if event.deed == "take"] == [("take", SORRY)]
        assert done("update", "so") == "prompts/so.po: up to date\n"
        assert texts_of_site(site).wording("so", SORRY).translation == NEW
        assert done("take", "so") == "Somali (so): nothing to take. All that was accepted is in the texts.\n"

    def test_one_that_is_refused_is_told_and_the_others_are_written(self, room: Room, site: Prompts) -> None:
        accepted_unchecked(room, texts_of_site(site), "so", DANGER, "Wac 112.")
        accepted_unchecked(room, texts_of_site(site), "so", SORRY, NEW)
        result = texts("take", "so")
        assert result.exit_code == 1
        assert f"{DANGER} in so is NOT WRITTEN: '{DANGER}' has digits. Write them as words." in result.output
        assert f"so.po: 1 text written: {SORRY}\n" in result.output

    def test_what_was_approved_is_said_until_the_new_words_are(self, room: Room, site: Prompts) -> None:
        for approved, told in (
            (False, "nobody has approved other words"),
            (True, "callers hear the words approved last"),
        ):
            if approved:
                site.approve("so")
            accepted(room, site, "so", DANGER, {DANGER: NEW_DANGER})
            output = done("take", "so", "--dry-run")
            assert f"{DANGER}: nobody has approved the new words; " in output
            assert told in output
            assert f'ivr texts review so {DANGER} --by "NAME"' in output

    def test_recordings_of_the_old_words_are_named(self, room: Room, site: Prompts, tmp_path: Path) -> None:
        opens = "hours.phone.opens+mon+0900"
        folder = tmp_path / "recordings" / "so"
        folder.mkdir(parents=True)
        (folder / "texts.json").write_text(json.dumps({SORRY: "old", opens: "old", DANGER: "old"}))
        accepted(room, site, "so", opens, {MONDAY: "Isniinta"})
        assert f"Record anew, as these are recordings of the old words: {opens}\n" in done("take", "so", "--dry-run")

    def test_another_site_is_named_as_for_every_command(self, room: Room, site: Prompts, tmp_path: Path) -> None:
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        other = Prompts.copied_to(tmp_path / "other", "so")
        before = texts_only(site)
        result = CliRunner().invoke(main, ["--site", str(other.folder), "texts", "take", "so"])
        assert result.exit_code == 0, result.output
        assert f"{other.path('so.po')}: 1 text written" in result.output
        assert texts_of_site(other).wording("so", SORRY).translation == NEW
        assert texts_only(site) == before

    def test_what_cannot_be_done_is_told(self, room: Room, site: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
        assert_refused(texts("take", "xx"), "'xx' is no language of the line; there are fi, sv, en, so")
        accepted(room, site, "en", SORRY, {SORRY: "Nobody can answer just now."})
        assert_refused(texts("take", "en"), "a change of it makes all of them stale", exit_code=1)
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        monkeypatch.setenv("IVR_ROOM_DATABASE_URL", "postgresql://localhost:1/room")
        assert_refused(texts("take", "so"), "Remedy: ", exit_code=1)
        monkeypatch.delenv("IVR_ROOM_DATABASE_URL")
        site.translate("fi.po", DANGER, "")
        assert_refused(texts("take", "so"), "the content is broken", exit_code=1)
