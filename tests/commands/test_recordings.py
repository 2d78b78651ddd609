"""`ivr audio script | import | status --lang`, as a volunteer types it, on a copy of the content with Somali."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner, Result

from ivr.commands import main, recordings
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, take_in
from tests.content.conftest import FIRST, Prompts
from tests.speech.sounds import sentence

pytestmark = pytest.mark.usefixtures("walked_once")


class Office:
    """A folder with a site, and recordings that somebody has sent."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.prompts, self.sent = folder, Prompts.copied_to(folder, *FIRST, "so"), folder / "sent"
        self.recorded = folder / "var" / "recordings" / "so"
        self.sent.mkdir()

    def audio(self, *words: str) -> Result:
        return CliRunner().invoke(main, ["audio", *words])

    def script(self) -> dict[str, dict[str, Any]]:
        """The printed script: id -> row."""
        (printed,) = json.loads(self.audio("script", "--lang", "so", "--json").output)
        return {row["id"]: row for row in printed["sentences"]}

    def file(self, name: str, seconds: float = 4.0) -> Path:
        """A recording of something like speech."""
        path = self.sent / name
        path.parent.mkdir(exist_ok=True, parents=True)
        soundfile.write(path, sentence(16_000, seconds), 16_000, format="FLAC" if path.suffix == ".flac" else "WAV")
        return path

    def take(self, *words: object) -> Result:
        return self.audio("import", *map(str, words or [self.sent]), "--lang", "so")

    def record_all(self, recorded: Path) -> dict[str, dict[str, Any]]:
        """Put there what was taken in of all of Somali, and return the script."""
        shutil.copytree(recorded, self.recorded)
        return self.script()

    def texts(self) -> dict[str, object]:
        known: dict[str, object] = json.loads((self.recorded / "texts.json").read_text(encoding="utf-8"))
        return known

    def status(self) -> list[str]:
        return self.audio("status", "--lang", "so").output.splitlines()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of recordings after all of Somali was taken in."""
    whole = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("IVR_SITE", str(whole / "prompts"))
        patched.setenv("IVR_STATE", str(whole / "var"))
        patched.setattr(recordings, "heard_now", lambda *_: None)
        patched.setattr(recordings, "too_long", lambda *_: {})
        office = Office(whole)
        for row in office.script().values():
            office.file(str(row["file"]), seconds=0.3 + len(row["text"]) / 24)
        result = office.take()
        assert result.exit_code == 0, result.output
    return office.recorded


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv("IVR_SITE", str(tmp_path / "prompts"))
    monkeypatch.setenv("IVR_STATE", str(tmp_path / "var"))
    monkeypatch.setenv("COLUMNS", "200")
    return Office(tmp_path)


@pytest.fixture(autouse=True)
def seconds_are_not_proved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have tests of their own; the proof takes two seconds at each import."""
    if "too_long" not in request.node.name:
        monkeypatch.setattr(recordings, "heard_now", lambda *_: None)
        monkeypatch.setattr(recordings, "too_long", lambda *_: {})


class TestScript:
    def test_every_page_has_the_code_and_every_sentence_its_number_meaning_and_file(self, office: Office) -> None:
        pages = office.audio("script", "--lang", "so", "--print").output.split("\f")
        rows = office.script()
        codes = {re.search(r"code ([a-z]{6})   page", page)[1] for page in pages}  # type: ignore[index]
        assert codes == {str(row["code"]) for row in rows.values()}
        assert len(pages) == -(-len(rows) // 12)
        read = "".join(pages)
        for row in rows.values():
            assert f"{row['number']:>4}.  {row['text']}\n" in read
            assert f"file: {row['file']}   ({row['id']})\n" in read
            assert all(f"       {code}: {words}\n" in read for code, words in row["meaning"].items())
        assert [row["number"] for row in rows.values()] == list(range(1, len(rows) + 1))

    def test_a_program_is_told_what_fills_each_sentence_and_what_it_means(self, office: Office) -> None:
        row = office.script()["hours.phone.opens+mon+0900"]
        assert (row["prompt"], row["slots"]) == ("hours.phone.opens", ["day_on.mon", "time_at.0900"])
        assert "Monday" in str(row["meaning"]["en"])
        assert "maanantaina" in str(row["meaning"]["fi"])

    def test_the_list_has_every_sentence_and_no_code_to_lose(self, office: Office) -> None:
        shown = office.audio("script", "--lang", "so").output
        assert "safety.danger" in shown
        assert not office.recorded.exists()

    def test_a_language_that_is_not_whole_is_told(self, office: Office) -> None:
        office.prompts.cut("so.po", "nobody_free.sorry")
        for result in (
            office.audio("script", "--lang", "so", "--print"),
            office.take(office.file("nobody_free.sorry.wav")),
        ):
            assert result.exit_code == 1
            assert (
                "Somali (so) is not fully translated yet, so it is not known which sentences to record."
                in result.output
            )
        assert "there are fi, sv, en, so" in office.audio("script", "--lang", "xx").output

    def test_a_script_that_cannot_be_kept_is_not_shown(self, office: Office) -> None:
        (office.folder / "var").write_bytes(b"no folder")
        result = office.audio("script", "--lang", "so", "--print")
        assert (result.exit_code, "its numbers would mean nothing" in result.output) == (1, True)
        assert ".json could not be written: Not a directory. See that" in result.output


class TestImport:
    def test_a_folder_is_taken_in_and_each_file_is_told_with_its_words(self, office: Office) -> None:
        rows = office.script()
        office.file(str(rows["safety.danger"]["file"]))
        office.file("deep/Nobody_Free.Sorry.WAV")
        office.file("deep/hours.phone.opens mon 0900.flac")
        (office.sent / "notes.txt").write_text("Hello.")
        result = office.audio("import", str(office.sent), "--lang", "so", "--by", " Amina  A ")
        assert result.exit_code == 0, result.output
        for id_ in ("safety.danger", "nobody_free.sorry", "hours.phone.opens+mon+0900"):
            assert f': TAKEN as {id_}: "{rows[id_]["text"]}"\n' in result.output
            assert (office.recorded / f"{id_}.wav").is_file()
            spoken = office.texts()[id_]
            assert isinstance(spoken, dict)
            assert (spoken["text"], spoken["by"]) == (rows[id_]["text"], "Amina A")
            assert re.fullmatch(r"\d{4}-\d\d-\d\d", spoken["on"])
        assert "notes.txt: not used, as it is not a sound. Nothing to do." in result.output
        assert result.output.endswith("3 recordings taken in, 0 refused\n")

    def test_what_cannot_be_taken_is_told_with_the_reason_and_the_rest_is_taken(self, office: Office) -> None:
        (office.sent / "safety.danger.wav").write_bytes(b"not a sound")
        for name in ("nobody_free.sorry.wav", "no.such.sentence.wav", "9.wav", "...wav"):
            office.file(name)
        result = office.take()
        assert result.exit_code == 1
        assert "1 recordings taken in, 3 refused" in result.output
        assert "The name has a number but no code." in result.output
        assert list(office.texts()) == ["nobody_free.sorry"]

    def test_two_files_for_one_sentence_are_both_refused(self, office: Office) -> None:
        files = [office.file("nobody_free.sorry.wav"), office.file("deep/nobody_free.sorry.flac")]
        result = office.take(*files)
        assert result.exit_code == 1
        for path, other in (files, files[::-1]):
            told = f"{path}: REFUSED. This and {other} are the same sentence (nobody_free.sorry), and none was taken."
            assert told in result.output
        assert not office.recorded.exists()

    def test_one_file_named_twice_is_told_and_taken_once(self, office: Office) -> None:
        path = office.file("nobody_free.sorry.wav")
        result = office.take(path, path, office.sent)
        assert result.exit_code == 0
        assert result.output.count("you gave this file twice; it was used once. Nothing to do.") == 2
        assert result.output.endswith("1 recordings taken in, 0 refused\n")

    def test_another_recording_of_the_same_words_is_told_with_who_spoke_it(self, office: Office) -> None:
        """Two volunteers read the same page."""
        path, told = office.file("nobody_free.sorry.wav"), "(instead of the recording by Amina that was there)\n"
        for _ in range(2):  # the same sound again is no other recording
            assert told not in office.take(path, "--by", "Amina").output
        office.file("nobody_free.sorry.wav", seconds=1.3)
        for more in (["--dry-run"], ["--by", "Hodan"]):
            assert told in office.take(path, *more).output
        assert "by Hodan" in next(line for line in office.status() if " nobody_free.sorry" in line)

    def test_one_that_is_not_there_is_told(self, office: Office) -> None:
        for name in ("nobody_free.sorry.wav", "nowhere"):
            result = office.take(office.folder / name)
            assert (result.exit_code, "There is no such file. Check its name" in result.output) == (1, True)

    def test_a_trial_changes_nothing(self, office: Office) -> None:
        result = office.take(office.file("nobody_free.sorry.wav"), "--dry-run")
        assert result.output.endswith("1 recordings would be taken in, 0 refused\n")
        assert not office.recorded.exists()

    def test_a_printed_script_is_valid_when_the_line_has_moved_since(self, office: Office) -> None:
        """Fault E1: hours changed, and every file from 10 on landed one sentence off."""
        rows = office.script()
        office.prompts.edit("office.yaml", 'phone:   {mon-fri: "09:00-15:00"}', 'phone:   {mon-wed: "09:00-15:00"}')
        office.prompts.translate("so.po", "nobody_free.sorry", "Riix, ama sug.")
        assert office.script()["services.child"]["number"] != rows["services.child"]["number"]
        for id_ in ("services.child", "nobody_free.sorry"):
            office.file(str(rows[id_]["file"]))
        result = office.take()
        assert list(office.texts()) == ["services.child"]
        assert f'"{rows["nobody_free.sorry"]["text"]}" is now "Riix, ama sug."' in result.output
        assert "--print), and record it" in result.output

    def test_new_words_do_not_stand_under_the_approved_ones_that_callers_hear(self, office: Office) -> None:
        """Whoever reads the new text, and names the file by its sentence, has not read what the line says."""
        signed = CliRunner().invoke(main, ["texts", "review", "so", "--safety", "--by", "Hodan"])
        assert signed.exit_code == 0, signed.output
        approved = office.script()["safety.danger"]
        office.prompts.translate("so.po", "safety.danger", "Halis ma ku jirtaa? Wac hal hal laba.")
        path = office.file("safety.danger.wav")
        result = office.take(path)
        assert result.exit_code == 1
        assert f'"{approved["text"]}", until a native speaker approves "Halis ma ku jirtaa?' in result.output
        assert not (office.recorded / "texts.json").exists()
        office.file(str(approved["file"]))
        assert office.take(office.sent / str(approved["file"])).exit_code == 0
        assert office.texts()["safety.danger"] == approved["text"]
        CliRunner().invoke(main, ["texts", "review", "so", "safety.danger", "--by", "Hodan"])
        (office.recorded / "scripts" / f"{approved['code']}.json").unlink()  # no page has other words
        assert office.take(path).exit_code == 0
        assert office.texts()["safety.danger"] == "Halis ma ku jirtaa? Wac hal hal laba."

    def test_a_table_that_is_broken_is_told(self, office: Office) -> None:
        office.recorded.mkdir(parents=True)
        (office.recorded / "texts.json").write_text("{")
        result = office.take(office.file("nobody_free.sorry.wav"))
        assert result.exit_code == 1
        assert "texts.json is no table of texts, so nothing was written" in result.output

    def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(self, office: Office) -> None:
        (office.folder / "var").write_bytes(b"no folder")
        result = office.take(office.file("nobody_free.sorry.wav"))
        assert result.exit_code == 1
        assert "texts.json could not be written: Not a directory. See that the disk has room" in result.output
        assert "Then run the same command again" in result.output

    def test_printed_scripts_that_cannot_be_read_stop_it(self, office: Office) -> None:
        """Without them nobody knows whether a page had other words under the same name."""
        office.recorded.mkdir(parents=True)
        (office.recorded / "scripts").symlink_to("scripts")  # to itself
        result = office.take(office.file("nobody_free.sorry.wav"))
        assert result.exit_code == 1
        assert "scripts cannot be read (Too many levels of symbolic links), so what was printed" in result.output
        assert [path.name for path in office.recorded.iterdir()] == ["scripts"]

    def test_a_name_that_no_file_can_hold_is_refused_before_anything_is_written(self, office: Office) -> None:
        """As a terminal hands on a name whose letters are not in UTF-8."""
        result = office.take(office.file("nobody_free.sorry.wav"), "--by", "J\udce4rvi")
        assert (result.exit_code, "--by: write the name" in result.output) == (2, True)
        assert not office.recorded.exists()

    def test_one_that_is_too_long_is_refused_with_the_most_seconds(self, office: Office) -> None:
        """Rule M0; F1 allows a language 3 s for its name."""
        rows = office.script()
        name = next(id_ for id_ in rows if id_.startswith("choose_language.choice"))
        office.file(str(rows[name]["file"]), seconds=3.5)
        office.file("nobody_free.sorry.wav", seconds=1.3)
        result = office.take()
        assert (result.exit_code, list(office.texts())) == (1, ["nobody_free.sorry"])
        told = re.search(
            r"It takes ([\d.]+) s; ([\d.]+) s is the most \(ivr rules F1\)\. Record it again, faster\.", result.output
        )
        assert told, result.output
        takes, most = map(float, told.groups())
        assert takes > 3.5
        assert 2.9 <= most <= 3.0


class TestStatus:
    def test_one_changed_word_of_a_safety_sentence_and_it_alone_falls(self, office: Office, recorded: Path) -> None:
        """Fault E3: all of Somali left, and nothing named the sentence."""
        rows = office.record_all(recorded)
        assert office.status()[:2] == [
            "Somali (so): heard by recordings",
            f"{len(rows)} sentences: {len(rows)} recorded",
        ]
        office.prompts.translate("so.po", "safety.danger", "Khatarta ma ku jirtaa? Taleefanka dhig. Wac hal hal laba.")
        status = office.status()
        assert status[0] == "Somali (so): heard by recordings"
        (stale,) = [line for line in status if line.startswith("old ")]
        assert "safety.danger" in stale
        assert "Callers do not hear it. Record it again: ivr audio script --lang so --print" in stale
        assert not any(line.startswith("missing") for line in status)
        assert all("nobody has approved" in line for line in status if line.startswith("not offered"))
        office.prompts.translate("so.po", "nobody_free.sorry", "Riix, ama sug.")
        checked = CliRunner().invoke(main, ["check"]).output
        assert "callers cannot choose Somali (so) yet:" not in checked, "it has a voice, and waits for approval alone"
        told = "Somali (so): the recording of safety.danger has other words than the text of today, and callers do"
        assert told in checked
        assert (
            "not hear it; the recording of nobody_free.sorry has other words than the text of today, and callers"
            in checked
        )
        assert "still hear it. Print the page and record it: ivr audio script --lang so --print." in checked

    def test_a_safety_sentence_that_was_approved_goes_on_in_its_recording(self, office: Office, recorded: Path) -> None:
        office.record_all(recorded)
        content = office.prompts.load().content
        assert content
        office.prompts.approve("so", *(id_ for id_ in content.catalogue.texts["so"] if id_.startswith("safety.")))
        office.prompts.translate("so.po", "safety.danger", "Khatarta ma ku jirtaa? Taleefanka dhig. Wac hal hal laba.")
        assert not any(line.startswith("old ") for line in office.status())
        checked = CliRunner().invoke(main, ["check"]).output
        assert "callers cannot choose Somali (so) yet" not in checked
        assert "callers still hear the old safety.danger in Somali (so)" in checked

    def test_recordings_of_a_language_whose_code_has_changed_are_told(self, office: Office) -> None:
        office.take(office.file("nobody_free.sorry.wav"))
        assert "nobody hears" not in CliRunner().invoke(main, ["check"]).output
        office.recorded.rename(office.recorded.with_name("som"))
        assert "nobody hears the recordings in var/recordings/som" in CliRunner().invoke(main, ["check"]).output

    def test_the_summary_tells_whose_voice_is_heard_and_how_long(self, office: Office, recorded: Path) -> None:
        """Fault E7: a whole recorded language spoke by "nobody" for 0 minutes."""
        rows = office.record_all(recorded)
        table = office.audio("status").output.splitlines()
        (line,) = [line for line in table if line.startswith("so ")]
        cells = [cell.strip() for cell in line.split("│")]
        assert cells[1] == "recordings"
        assert cells[5:7] == [f"{len(rows)} of {len(rows)}", "0"]
        seconds = sum(0.3 + len(str(row["text"])) / 24 for row in rows.values())
        assert float(cells[7]) == pytest.approx(seconds / 60, rel=0.2)

    def test_what_is_missing_lost_unknown_and_who_spoke_is_named(self, office: Office) -> None:
        for name in ("nobody_free.sorry.wav", "main.person 1.wav", "safety.danger.wav"):
            office.file(name)
        office.take(office.sent, "--by", "Amina")
        (office.recorded / "nobody_free.sorry.wav").write_bytes(b"spoilt")
        (office.recorded / "main.calm.wav").write_bytes(b"by hand")
        status = office.status()
        assert status[0] == "Somali (so): heard by nobody"
        assert any(re.fullmatch(r"recorded  safety\.danger by Amina, \d{4}-\d\d-\d\d", line) for line in status)
        assert "lost      nobody_free.sorry: its file is gone or spoilt; import it again" in status
        assert any(line.startswith("missing   main.calm: ") for line in status)
        assert any(line.startswith("unused    main.calm.wav: nobody knows what it says") for line in status)

    @pytest.mark.long
    def test_one_that_was_copied_by_hand_and_is_too_long_is_told(self, office: Office) -> None:
        """Rule M0: it costs itself, and not the content."""
        row = office.script()["welcome.machine"]
        clip = to_wav(np.full(9 * 8000, 0.1, np.float32))
        take_in(office.recorded, {"welcome.machine": (RecordedText(str(row["text"])), clip)})
        why = "so/welcome.machine is not spoken. It takes 9.0 s"
        status = office.status()
        assert any(line.startswith(why) for line in status)
        assert "too long  welcome.machine: it is not spoken" in status
        checked = CliRunner().invoke(main, ["check"])
        assert why in checked.output
        assert "broken" not in checked.output


class TestMove:
    """What an earlier version kept in the site."""

    def test_is_told_heard_and_moved_by_one_command(self, office: Office) -> None:
        office.file("safety.danger.wav")
        office.take(office.sent, "--by", "Amina")
        before = office.folder / "audio" / "recorded" / "so"
        before.parent.mkdir(parents=True)
        shutil.move(office.recorded, before)
        for told in (CliRunner().invoke(main, ["check"]).output, office.audio("status").output):
            assert "the recordings of so are still in the site" in told
            assert "ivr audio move" in told
        assert any(line.startswith("recorded  safety.danger by Amina") for line in office.status())
        refused = office.take(office.sent)
        assert (refused.exit_code, "Move them first: ivr audio move" in refused.output) == (1, True)

        moved = office.audio("move")
        assert (moved.exit_code, moved.output) == (0, f"so: 1 recordings moved to {office.recorded.resolve()}\n")
        assert any(line.startswith("recorded  safety.danger by Amina") for line in office.status())
        assert office.audio("move").output == "nothing to move: there are no recordings in the site\n"

    def test_what_is_in_the_way_is_told(self, office: Office) -> None:
        office.file("safety.danger.wav")
        office.take(office.sent)
        before = office.folder / "audio" / "recorded" / "so"
        shutil.copytree(office.recorded, before)
        (before / "safety.danger.wav").write_bytes(b"another")
        stuck = office.audio("move")
        assert stuck.exit_code == 1
        assert "so: nothing was moved" in stuck.output
        assert "safety.danger.wav" in stuck.output
        assert (before / "safety.danger.wav").read_bytes() == b"another"
