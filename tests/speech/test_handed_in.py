"""Which sentence a recording is that somebody hands in: it is never another than the one that was read (rule S4)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.content import Content
from ivr.core.script import closed_set, to_record
from ivr.speech.handed_in import NoSentence, Sentences, handed_in
from ivr.speech.recording_script import RecordingScript, keep, meanings, printed_scripts, script_of
from tests.conftest import TODAY
from tests.content.conftest import Prompts

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
NAMES = {"so": "Somali (so)", "ckb": "Central Kurdish (ckb)"}


def sentences(content: Content, *printed: RecordingScript, today: date = TODAY, code: str = "so") -> Sentences:
    now = {said.id: said for said in to_record(content, today, code)}
    return Sentences(now, script_of(content, today, code), printed, {"zzzzzz": "ckb"}, NAMES)


@pytest.fixture(scope="module")
def somali(content: Content) -> Sentences:
    return sentences(content, script_of(content, TODAY, "so"))


def refused(sentences: Sentences, name: str) -> str:
    with pytest.raises(NoSentence) as error:
        sentences.of(name)
    return str(error.value)


class TestNames:
    """Of sentences."""

    def test_no_two_sentences_of_a_language_have_one_name(self, content: Content) -> None:
        for code in content.languages.languages:
            said = to_record(content, TODAY, code)
            assert len({utterance.id.casefold() for utterance in said}) == len(said)

    def test_every_name_can_be_typed_and_kept_on_any_system(self, content: Content) -> None:
        for said in closed_set(content, TODAY):
            assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)*(\+[a-z0-9_]+)*", said.id)
            assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)\.", f"{said.id}.")

    def test_it_is_short_and_says_what_fills_it(self, content: Content) -> None:
        names = {said.id for said in to_record(content, TODAY, "so")}
        assert {"hours.phone.opens+mon+0900", "main.person+1", "safety.danger", "digit.4"} <= names
        assert max(map(len, names)) < 40

    def test_any_two_ways_to_fill_a_prompt_have_two_names(self, content: Content) -> None:
        """Whatever the office decides: each kind of slot is filled from entries whose last words differ."""
        entries = [id_ for id_ in content.catalogue.texts["en"] if not id_.startswith(("hours.", "safety."))]
        for kinds in (("day_on.", "today", "tomorrow"), ("time_at.",), ("time_until.",), ("key.",), ("digit.",)):
            fills = [id_ for id_ in entries if id_.startswith(kinds)]
            assert len(fills) > 2
            assert len({id_.rpartition(".")[2] for id_ in fills}) == len(fills)


class TestOf:
    @pytest.mark.parametrize(
        "name",
        [
            "safety.danger.wav",
            "Safety.Danger.WAV",
            "safety.danger",
            " safety.danger .m4a",
            "4-{code}.wav",
            "004-{code}.MP3",
            "safety.danger (1).wav",
            "safety.danger (12)",
            "safety.danger.wav.m4a",
            "4-{code} (1).wav",
            "4-{code}(2).m4a",
            "4-{code} 2.m4a",
            "4-{code}.wav.wav",
            "4-{code}.wav (1).m4a",
        ],
    )
    def test_a_file_is_the_sentence_it_is_named_for(self, somali: Sentences, name: str) -> None:
        assert somali.of(name.format(code=somali.script.code)).id == "safety.danger"

    @pytest.mark.parametrize("name", ["4 - {code}.wav", "4–{code}.ogg", "4_{code}.amr", "4 {code}.wav", "4{code}.wav"])
    def test_a_number_and_its_code_may_be_written_as_a_phone_does(self, somali: Sentences, name: str) -> None:
        assert somali.of(name.format(code=somali.script.code.upper())).id == "safety.danger"

    def test_what_is_added_to_a_double_is_no_other_number(self, somali: Sentences) -> None:
        for name in ("5 (1).wav", "(5).wav", "4-{code} 2 3.wav", "4-{code}2.wav", "main.hours (3).wav"):
            refused(somali, name.format(code=somali.script.code))
        assert somali.of("main.hours 3 (1).wav").id == "main.hours+3"

    def test_blanks_stand_for_plus(self, somali: Sentences) -> None:
        for name in ("hours.phone.opens mon 0900.wav", "hours.phone.opens + mon + 0900.wav"):
            assert somali.of(name).id == "hours.phone.opens+mon+0900"
            assert somali.of(unicodedata.normalize("NFD", name)).id == "hours.phone.opens+mon+0900"

    def test_every_number_of_a_script_is_its_sentence(self, somali: Sentences) -> None:
        for number, (id_, text) in enumerate(somali.script.sentences, 1):
            said = somali.of(somali.script.file_name(number))
            assert (said.id, said.text) == (id_, text)

    def test_a_number_alone_is_refused(self, content: Content, somali: Sentences) -> None:
        for name in ("5.wav", "38.m4a", "0005.wav", "٣.wav"):
            assert "The name has a number but no code" in refused(somali, name)
        assert f"as in 38-{somali.script.code}.m4a." in refused(somali, "38.m4a")
        assert "as in 38-<code>.m4a." in refused(sentences(content), "38.m4a")

    def test_a_code_that_is_not_known_is_refused_with_what_to_do(self, somali: Sentences) -> None:
        why = refused(somali, "4-bbbbbb.wav")
        assert (
            f"No page with the code bbbbbb was printed for Somali (so) on this computer (only {somali.script.code})"
            in why
        )
        assert "ask who printed it for so/scripts/bbbbbb.json in IVR_RECORDINGS there" in why

    def test_a_code_of_another_language_is_refused(self, somali: Sentences) -> None:
        assert refused(somali, "4-zzzzzz.wav") == (
            "The code zzzzzz is of a page in Central Kurdish (ckb), not in Somali (so). If you read Central Kurdish "
            "(ckb): import this file with --lang ckb. If not: correct the code in the file's name."
        )

    def test_a_number_that_the_script_lacks_is_refused(self, somali: Sentences) -> None:
        count = len(somali.script.sentences)
        for number in (0, count + 1, 999999):
            assert f"have the numbers 1 to {count}" in refused(somali, f"{number}-{somali.script.code}.wav")

    def test_a_name_like_that_of_a_sentence_is_told_by_its_number_and_code_and_not_guessed(
        self, content: Content, somali: Sentences
    ) -> None:
        """The name alone may be refused too, so it is not what is proposed."""
        why = refused(somali, "safety.dangr.wav")
        assert why.startswith("No sentence is named safety.dangr (nearest: safety.danger). Rename the file to the")
        assert f"as in 4-{somali.script.code}.wav." in why
        assert somali.of(f"4-{somali.script.code}.wav").id == "safety.danger"
        assert "on your page. No page? Print one" in refused(sentences(content), "safety.dangr.wav")

    @pytest.mark.parametrize(
        "name", ["...", "", "PTT-20261128-WA0003.opus", "danger.wav", "safety.danger 1.wav", "(1).wav", "\n.wav"]
    )
    def test_what_names_no_sentence_is_refused(self, somali: Sentences, name: str) -> None:
        assert "No sentence is named" in refused(somali, name)


class TestScript:
    def test_the_code_changes_with_language_id_text_and_order(self) -> None:
        script = RecordingScript("so", (("a", "One."), ("b", "Two.")))
        others = [
            RecordingScript("fi", script.sentences),
            RecordingScript("so", (("c", "One."), ("b", "Two."))),
            RecordingScript("so", (("a", "Once."), ("b", "Two."))),
            RecordingScript("so", script.sentences[::-1]),
            RecordingScript("so", script.sentences[:1]),
        ]
        codes = {each.code for each in (script, *others)}
        assert len(codes) == 6
        assert all(re.fullmatch("[bcdfghjkmnpqrstvwxyz]{6}", code) for code in codes)

    def test_it_is_found_again_the_last_one_printed_first(self, tmp_path: Path) -> None:
        scripts = [RecordingScript("so", ((id_, "One."),)) for id_ in "abc"]
        for minute, script in enumerate([*scripts, scripts[1]]):
            keep(script, tmp_path, NOW + timedelta(minutes=minute))
        found = printed_scripts(tmp_path)
        assert [script.code for script in found] == [scripts[place].code for place in (1, 2, 0)]
        assert found[0].printed == NOW + timedelta(minutes=3)

    def test_one_that_was_damaged_names_no_sentence(self, tmp_path: Path) -> None:
        script = RecordingScript("so", (("a", "One."), ("b", "Two.")))
        keep(script, tmp_path, NOW)
        (path,) = (tmp_path / "scripts").iterdir()
        whole = path.read_text(encoding="utf-8")
        for damaged in (whole.replace("One", "Won"), whole[:40], "[]", "{}", "[" * 100_000, '{"sentences": 1}'):
            path.write_text(damaged, encoding="utf-8")
            assert printed_scripts(tmp_path) == ()

    def test_it_says_what_each_sentence_means(self, content: Content) -> None:
        meant = meanings(content, TODAY, "so")
        assert meant["safety.danger"] == {code: content.catalogue.texts[code]["safety.danger"] for code in ("fi", "en")}
        assert "Monday" in meant["hours.phone.opens+mon+0900"]["en"]
        # Finnish has no such sentence; English tells it with the language's name.
        only_there = next(id_ for id_ in meant if "fi" not in meant[id_] and "en" in meant[id_])
        assert "{" not in meant[only_there]["en"]


class TestFolders:
    def test_all_their_files_are_looked_at_once(self, somali: Sentences, tmp_path: Path) -> None:
        deep = tmp_path / "in" / "deep"
        for name in ("a.wav", "b.M4A", "readme.txt", ".hidden.wav", "nobody_free.sorry", "deep/c.opus", ".git/d.wav"):
            path = tmp_path / "in" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"x")
        (deep / "loop").symlink_to(tmp_path / "in")
        found = handed_in([tmp_path / "in", deep / "c.opus", tmp_path / "in" / "."], somali, tmp_path / "recorded")
        assert sorted(path.name for path in found.files) == ["a.wav", "b.M4A", "c.opus", "nobody_free.sorry"]
        assert [path.name for path in found.ignored[:1]] == ["readme.txt"]
        assert any(
            "c.opus: you gave this file twice; it was used once. Nothing to do." in remark for remark in found.remarks
        )

    def test_what_a_program_keeps_beside_a_recording_is_no_second_one(self, somali: Sentences, tmp_path: Path) -> None:
        """Otherwise both were refused, as two recordings of one sentence."""
        for name in (
            "nobody_free.sorry.wav",
            "nobody_free.sorry.aup3",
            "nobody_free.sorry.wav.reapeaks",
            "safety.danger",
            "safety.free.qcp",
        ):
            (tmp_path / name).write_bytes(b"x")
        found = handed_in([tmp_path], somali, tmp_path / "recorded")
        assert [path.name for path in found.files] == ["nobody_free.sorry.wav", "safety.danger", "safety.free.qcp"]
        assert [path.name for path in found.ignored] == ["nobody_free.sorry.aup3", "nobody_free.sorry.wav.reapeaks"]

    def test_what_is_named_itself_is_looked_at_whatever_its_ending(self, somali: Sentences, tmp_path: Path) -> None:
        (path := tmp_path / "readme.txt").write_bytes(b"x")
        assert handed_in([path], somali, tmp_path / "recorded").files == (path,)

    def test_a_folder_without_sound_is_told(self, somali: Sentences, tmp_path: Path) -> None:
        found = handed_in([tmp_path], somali, tmp_path / "recorded")
        assert (found.files, "this folder has no recordings" in found.remarks[0]) == ((), True)

    def test_the_recordings_of_the_line_are_not_taken_for_new_words(self, somali: Sentences, tmp_path: Path) -> None:
        """A stale one would stand there as a recording of the words of today."""
        (path := tmp_path / "recorded" / "so" / "safety.danger.wav").parent.mkdir(parents=True)
        path.write_bytes(b"x")
        for given_ in (path, tmp_path):
            found = handed_in([given_], somali, tmp_path / "recorded")
            assert found.files == ()
            assert "this file is already in use on the phone line. Nothing to do." in found.remarks[0]


# --- whatever changes between the printing and the import ---

CLOCKS = [f"{hour:02}:{minute}" for hour in range(8, 18) for minute in ("00", "30")]
WORDS = ["Khatar", "Qof", "Taleefan", "Sug", "Riix", "Wac"]


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[str, object]]:
    """What the office, a translator or a developer does."""
    kinds = st.sampled_from(["hours", "exception", "country", "swap", "reword", "key", "order", "next year"])
    drawn = draw(st.lists(kinds, min_size=1, max_size=4))
    return [(kind, draw(st.integers(0, 10**6))) for kind in drawn]


class Scratch:
    """Content that is changed at random."""

    def __init__(self, folder: Path) -> None:
        self.prompts, self.today = Prompts.copied_to(folder, "so"), TODAY

    def content(self) -> Content:
        loaded = self.prompts.load(self.today)
        assert loaded.content, loaded.issues
        return loaded.content

    def change(self, kind: str, seed: int) -> None:
        prompts = self.prompts
        first, second = sorted((seed % len(CLOCKS), seed // 7 % len(CLOCKS)))
        match kind:
            case "hours" if first < second:
                office = prompts.read("office.yaml")
                hours = f'{{mon-fri: "{CLOCKS[first]}-{CLOCKS[second]}"}}'
                prompts.write("office.yaml", re.sub(r"(?m)^(  phone: +)\{.*?\}", rf"\g<1>{hours}", office))
            case "exception":
                day = self.today + timedelta(days=seed % 20)
                office = prompts.read("office.yaml")
                row = f"exceptions: [{{date: {day}, hours: {{phone: closed}}}}]"
                prompts.write("office.yaml", re.sub(r"(?m)^exceptions: .*$", row, office))
            case "country":
                prompts.write("office.yaml", prompts.read("office.yaml").replace("country: FI", "country: SE"))
            case "swap":
                ids = [id_ for id_ in re.findall('msgctxt "(.*)"', prompts.read("so.po")) if self._is_plain(id_)]
                one, other = ids[seed % len(ids)], ids[seed // 7 % len(ids)]
                texts = [self._text(id_) for id_ in (one, other)]
                self._say(one, texts[1])
                self._say(other, texts[0])
            case "reword":
                ids = [id_ for id_ in re.findall('msgctxt "(.*)"', prompts.read("so.po")) if self._is_plain(id_)]
                self._say(ids[seed % len(ids)], f"{WORDS[seed % 6]} {WORDS[seed // 6 % 6].casefold()}.")
            case "key":
                self._say(f"key.{seed % 4}", WORDS[seed % 6].casefold())
            case "order":
                head, *entries = prompts.read("prompts.pot").strip().split("\n\n")
                at = seed % len(entries)
                prompts.write("prompts.pot", "\n\n".join([head, *entries[at:], *entries[:at]]) + "\n")
            case "next year":
                self.today += timedelta(days=seed % 400)

    def _is_plain(self, id_: str) -> bool:
        return id_.startswith(("safety.", "main.", "health.", "services.")) and "{" not in self.prompts.entry(
            "so.po", id_
        )

    def _text(self, id_: str) -> str:
        return self.prompts.entry("so.po", id_).partition('msgstr "')[2].rstrip('"\n')

    def _say(self, id_: str, text: str) -> None:
        self.prompts.translate("so.po", id_, text)


@settings(max_examples=8)
@given(st.lists(changes(), min_size=1, max_size=2), st.data())
def test_no_file_ever_lands_on_another_sentence(
    tmp_path_factory: pytest.TempPathFactory, many: Sequence[Sequence[tuple[str, int]]], data: st.DataObject
) -> None:
    """After any change of hours, dates, holidays, texts or order between the script and the import, and any reprint."""
    folder = tmp_path_factory.mktemp("changed")
    scratch = Scratch(folder)
    for several in many:
        script = script_of(scratch.content(), scratch.today, "so")
        keep(script, folder, NOW + timedelta(minutes=len(printed_scripts(folder))))
        for kind, seed in several:
            scratch.change(kind, seed)
    read = data.draw(st.sampled_from(printed_scripts(folder)))
    found = sentences(scratch.content(), *printed_scripts(folder), today=scratch.today)
    taken = 0
    for number, (id_, words) in enumerate(read.sentences, 1):
        for name in (read.file_name(number), f"{id_}.wav"):
            try:
                said = found.of(name)
            except NoSentence:
                # Only what has changed is refused.
                still = id_ in found.now and all(page.text_of.get(id_, words) == words for page in found.printed)
                assert not still or found.now[id_].text != words
                continue
            assert (said.id, said.text) == (id_, words)
            taken += 1
    assert taken
