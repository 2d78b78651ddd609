"""Translations are brought up to date with their source: back is back, byte for byte, and nothing is ever lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import polib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.content.merge import Merged, merge, open_po, save
from tests.content.conftest import Prompts

HEADER = """msgid ""
msgstr ""
"Language: fi\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""
SOURCE = {
    "hello": "Good morning.",
    "wait": "Please wait.",
    "empty": "Nobody has translated this.",
    "stale": "Goodbye now.",
    "doubtful": "Hold the line.",
    "elsewhere": "One more thing.",
    "last": "That is all.",
}
FINNISH = f"""#  Finnish. A draft.
{HEADER}
# spoken: huomenta
#. About hello.
msgctxt "hello"
msgid "Good morning."
msgstr "Huomenta."

#. About wait.
msgctxt "wait"
msgid "Please wait."
msgstr "Odottakaa: \\"hetki\\"."

#. About empty.
msgctxt "empty"
msgid "Nobody has translated this."
msgstr ""

#. About stale.
#, fuzzy
#| msgid "Goodbye."
msgctxt "stale"
msgid "Goodbye now."
msgstr "Näkemiin."

#. About doubtful.
#, fuzzy
msgctxt "doubtful"
msgid "Hold the line."
msgstr "Pitäkää viiva."

#. About elsewhere.
msgctxt "elsewhere"
msgid "One more thing."
msgstr "Vielä yksi asia."

#. About last.
msgctxt "last"
msgid "That is all."
msgstr "Siinä kaikki."

#~ msgctxt "retired"
#~ msgid "Old."
#~ msgstr "Vanha."
"""
TRANSLATED_FROM = {
    **{id_: SOURCE[id_] for id_ in ("hello", "wait", "doubtful", "elsewhere", "last")},
    "stale": "Goodbye.",
    "retired": "Old.",
}


@dataclass(frozen=True)
class Desk:
    """A source and its translation, as files in a folder of their own."""

    folder: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Desk:
        desk = cls(folder)
        desk.write(FINNISH)
        return desk

    @property
    def finnish(self) -> str:
        return (self.folder / "fi.po").read_text(encoding="utf-8")

    def write(self, finnish: str) -> None:
        (self.folder / "fi.po").write_text(finnish, encoding="utf-8")

    def update(self, sentences: Mapping[str, str], unneeded: str = "") -> tuple[Merged, bool]:
        """Write a source of these sentences, and bring the translation up to date with it."""
        entries = [f'#. About {id_}.\nmsgctxt "{id_}"\nmsgid "{text}"\nmsgstr ""\n' for id_, text in sentences.items()]
        (self.folder / "prompts.pot").write_text("\n".join([HEADER, *entries]), encoding="utf-8")
        file = open_po(self.folder / "fi.po")
        merged = merge(open_po(self.folder / "prompts.pot"), file, lambda id_: id_ != unneeded)
        return merged, save(file, self.folder / "fi.po")

    def entry(self, id_: str) -> polib.POEntry:
        (found,) = (entry for entry in polib.pofile(self.finnish) if entry.msgctxt == id_)
        return found

    def translations(self) -> set[tuple[str, str]]:
        """Every translation with its id, in use or kept aside."""
        return {(entry.msgctxt, entry.msgstr) for entry in polib.pofile(self.finnish) if entry.msgstr}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.in_folder(tmp_path)


def without(*ids: str) -> dict[str, str]:
    return {id_: text for id_, text in SOURCE.items() if id_ not in ids}


class TestChange:
    def test_an_untouched_source_changes_nothing_and_writes_nothing(self, desk: Desk) -> None:
        assert desk.update(SOURCE) == (Merged((), (), (), ()), False)
        assert desk.finnish == FINNISH

    def test_a_changed_sentence_marks_its_translation_stale_and_keeps_what_it_was_made_from(self, desk: Desk) -> None:
        assert desk.update(SOURCE | {"wait": "Wait."}) == (Merged((), ("wait",), (), ()), True)
        assert desk.finnish == FINNISH.replace(
            'msgctxt "wait"\nmsgid "Please wait."', '#, fuzzy\n#| msgid "Please wait."\nmsgctxt "wait"\nmsgid "Wait."'
        )

    def test_a_sentence_that_changes_twice_keeps_the_one_that_was_translated(self, desk: Desk) -> None:
        desk.update(SOURCE | {"wait": "Wait."})
        assert desk.update(SOURCE | {"wait": "Wait now."}) == (Merged((), (), (), ()), True)
        assert desk.entry("wait").previous_msgid == "Please wait."

    @pytest.mark.parametrize("id_", SOURCE)
    def test_a_sentence_that_is_changed_and_changed_back_leaves_no_trace(self, desk: Desk, id_: str) -> None:
        desk.update(SOURCE | {id_: "Something else."})
        assert desk.entry(id_).msgid == "Something else."
        desk.update(SOURCE)
        assert desk.finnish == FINNISH

    def test_a_stale_text_is_fresh_when_its_own_sentence_is_back(self, desk: Desk) -> None:
        assert desk.update(SOURCE | {"stale": "Goodbye."}) == (Merged((), (), ("stale",), ()), True)
        assert not desk.entry("stale").fuzzy

    def test_an_untranslated_text_is_never_stale(self, desk: Desk) -> None:
        assert desk.update(SOURCE | {"empty": "Still nobody."}) == (Merged((), (), (), ()), True)
        assert not desk.entry("empty").fuzzy

    def test_the_doubt_of_a_translator_outlives_a_change_of_the_sentence(self, desk: Desk) -> None:
        desk.update(SOURCE | {"doubtful": "Stay on the line."})
        assert desk.entry("doubtful").fuzzy
        desk.update(SOURCE)
        assert desk.entry("doubtful").fuzzy

    def test_a_stale_mark_removed_by_hand_counts_for_the_new_sentence(self, desk: Desk) -> None:
        """Who edits by hand removes the fuzzy mark, as `ivr check` says, and leaves the old sentence below it."""
        by_hand = FINNISH.replace('#, fuzzy\n#| msgid "Goodbye."\n', '#| msgid "Goodbye."\n')
        desk.write(by_hand.replace('msgstr "Näkemiin."', 'msgstr "Näkemiin nyt."'))
        merged, _ = desk.update(SOURCE | {"stale": "Goodbye."})
        assert merged.stale == ("stale",)
        assert (desk.entry("stale").fuzzy, desk.entry("stale").previous_msgid) == (True, "Goodbye now.")

    def test_a_comment_for_translators_comes_from_the_source(self, desk: Desk) -> None:
        desk.write(FINNISH.replace("#. About wait.", "#. Something old."))
        assert desk.update(SOURCE)[1]
        assert desk.finnish == FINNISH


class TestNewAndDeleted:
    def test_a_new_sentence_takes_the_place_that_it_has_in_the_source(self, desk: Desk) -> None:
        items = list(SOURCE.items())
        merged, _ = desk.update(dict([items[0], ("new", "New."), *items[1:]]))
        assert merged == Merged(("new",), (), (), ())
        new = '#. About new.\nmsgctxt "new"\nmsgid "New."\nmsgstr ""\n\n'
        assert desk.finnish == FINNISH.replace("#. About wait.", f"{new}#. About wait.")

    def test_comments_and_marks_of_every_kind_stay_with_their_text(self, desk: Desk) -> None:
        kinds = '#note\n# spoken: odottakaa\n#= c-format\n#. About wait.\n#: a.yaml:1\n#, no-wrap\nmsgctxt "wait"'
        desk.write(
            FINNISH.replace('#. About wait.\nmsgctxt "wait"', kinds).replace("empty\n", "empty\n#, range: 1..6\n")
        )
        before = desk.finnish.replace("#. About wait.\n", "").replace("#: a.yaml:1", "#. About wait.\n#: a.yaml:1")
        desk.update(SOURCE)
        assert all(line in desk.finnish for line in before.splitlines())
        kept = desk.finnish
        desk.update(SOURCE | {"wait": "Wait."})
        desk.update(without("wait"))
        desk.update(SOURCE)
        assert desk.finnish == kept

    def test_a_comment_on_a_text_that_nobody_has_translated_is_kept_with_it(self, desk: Desk) -> None:
        desk.write(FINNISH.replace("#. About empty.", "# Ask Maija.\n#. About empty."))
        desk.update(without("empty"))
        assert '# Ask Maija.\n#~ msgctxt "empty"\n' in desk.finnish

    def test_what_another_tool_kept_aside_keeps_its_doubt_and_the_sentence_before(self, desk: Desk) -> None:
        aside = '#, fuzzy\n#~| msgid "Older."\n#~ msgctxt "retired"\n#~ msgid "Old."\n#~ msgstr "Vanha."\n'
        desk.write(FINNISH.partition("#~ ")[0] + aside)
        assert desk.update(SOURCE) == (Merged((), (), (), ()), False)
        assert desk.update({**SOURCE, "retired": "Older."})[0].fresh == ("retired",)
        assert (desk.entry("retired").fuzzy, desk.entry("retired").msgid) == (False, "Older.")

    def test_what_was_before_leaves_with_the_doubt_and_leaves_no_half_of_itself(self, desk: Desk) -> None:
        was = '#| msgctxt "bye"\n#| msgid "Goodbye."\n'
        desk.write(FINNISH.replace('#| msgid "Goodbye."\n', was))
        desk.update(SOURCE | {"stale": "Goodbye."})
        assert "#|" not in desk.finnish

    def test_what_the_source_itself_keeps_aside_is_no_sentence(self, desk: Desk) -> None:
        source = desk.folder / "prompts.pot"
        desk.update(SOURCE)
        source.write_text(source.read_text() + '\n#~ msgctxt "aside"\n#~ msgid "Aside."\n#~ msgstr ""\n')
        file = open_po(desk.folder / "fi.po")
        assert merge(open_po(source), file, lambda _: True) == Merged((), (), (), ())

    def test_comments_at_the_end_of_a_file_and_fields_of_its_header_are_kept(self, desk: Desk) -> None:
        fields = '"Language: fi\\n"\n"X-Poedit-Basepath: ..\\n"\n"X-Unknown: a: b\\n"\n'
        whole = FINNISH.replace('"Language: fi\\n"\n', fields) + "\n# the end\n#. really\n"
        desk.write(whole)
        desk.update(SOURCE)
        assert desk.finnish == whole

    def test_a_new_sentence_that_the_language_does_not_need_is_left_out(self, desk: Desk) -> None:
        assert desk.update(SOURCE | {"new": "New."}, unneeded="new") == (Merged((), (), (), ()), False)

    def test_a_deleted_sentence_is_kept_aside(self, desk: Desk) -> None:
        merged, _ = desk.update(without("wait"))
        assert merged == Merged((), (), (), ("wait",))
        assert '\n#~ msgctxt "wait"\n#~ msgid "Please wait."\n#~ msgstr "Odottakaa: \\"hetki\\"."\n' in desk.finnish

    @pytest.mark.parametrize("id_", SOURCE)
    def test_a_sentence_that_is_deleted_and_restored_leaves_no_trace(self, desk: Desk, id_: str) -> None:
        desk.update(without(id_))
        assert id_ not in [entry.msgctxt for entry in polib.pofile(desk.finnish) if not entry.obsolete]
        desk.update(SOURCE)
        assert desk.finnish == FINNISH

    @pytest.mark.parametrize("id_", ["hello", "stale", "doubtful"])
    def test_what_is_kept_aside_is_up_to_date_at_the_next_update(self, desk: Desk, id_: str) -> None:
        assert desk.update(without(id_))[1]
        assert desk.update(without(id_)) == (Merged((), (), (), ()), False)

    def test_a_sentence_that_changed_was_deleted_and_is_the_old_one_again_leaves_no_trace(self, desk: Desk) -> None:
        desk.update(SOURCE | {"wait": "Wait."})
        desk.update(without("wait"))
        desk.update(SOURCE)
        assert desk.finnish == FINNISH

    def test_a_sentence_that_comes_back_otherwise_is_stale(self, desk: Desk) -> None:
        desk.update(without("wait"))
        assert desk.update(SOURCE | {"wait": "Wait."})[0].stale == ("wait",)
        assert desk.entry("wait").previous_msgid == "Please wait."

    def test_what_was_kept_aside_before_comes_back_with_its_source(self, desk: Desk) -> None:
        desk.update(SOURCE | {"retired": "Old."})
        assert (desk.entry("retired").obsolete, desk.entry("retired").msgstr) == (0, "Vanha.")

    def test_a_translation_that_the_language_does_not_need_outlives_the_deletion_of_its_sentence(
        self, desk: Desk
    ) -> None:
        """As a text for those whom no worker understands, of a language that workers have learnt since."""
        for sentences in (SOURCE, without("elsewhere"), SOURCE):
            desk.update(sentences, unneeded="elsewhere")
            assert ("elsewhere", "Vielä yksi asia.") in desk.translations()

    def test_what_is_kept_aside_beside_a_text_of_the_same_id_stays_there(self, desk: Desk) -> None:
        """Editors that update by English text keep aside the translation of an old sentence of the same id."""
        aside = '\n#~ msgctxt "wait"\n#~ msgid "Wait."\n#~ msgstr "Odota."\n'
        desk.write(FINNISH + aside)
        assert desk.update(SOURCE) == (Merged((), (), (), ()), False)
        assert desk.finnish == FINNISH + aside


# --- any order of all that can happen ---------------------------------------------------------------------------------


class Step(NamedTuple):
    """Something that is done to the source, or (`translate`) to the translation."""

    what: str
    id: str
    number: int


EDITS = ("change", "change_back", "delete", "restore", "new")
TRANSLATE = ("translate", "translate_by_hand")
IDS = ("hello", "empty", "stale", "doubtful", "elsewhere", "new", "retired")


def several(*what: str) -> st.SearchStrategy[list[list[Step]]]:
    """Steps in groups: after each group the translation is brought up to date.

    They are about two ids at most, so that much happens to each.
    """

    def groups(ids: list[str]) -> st.SearchStrategy[list[list[Step]]]:
        step = st.builds(Step, st.sampled_from(what), st.sampled_from(ids), st.integers(0, 1))
        return st.lists(st.lists(step, min_size=1, max_size=2), min_size=3, max_size=7)

    return st.lists(st.sampled_from(IDS), min_size=1, max_size=2).flatmap(groups)


def taken(sentences: dict[str, str], step: Step) -> dict[str, str]:
    """The source after a step; one that cannot be taken changes nothing."""
    match step.what:
        case "change" if step.id in sentences:
            return sentences | {step.id: f"Sentence of kind {'ab'[step.number]}."}
        case "change_back" if step.id in sentences and step.id in SOURCE:
            return sentences | {step.id: SOURCE[step.id]}
        case "delete":
            return {id_: text for id_, text in sentences.items() if id_ != step.id}
        case "restore" if step.id in SOURCE:
            kept = {id_: sentences.get(id_, SOURCE[id_]) for id_ in SOURCE if id_ in sentences or id_ == step.id}
            return kept | sentences
        case "new" if step.id not in SOURCE:
            return {step.id: f"New sentence {'ab'[step.number]}."} | sentences
        case "reorder":
            items = list(sentences.items())
            return dict(items[::-1] if step.number else [*items[1:], *items[:1]])
        case _:
            return sentences


@settings(max_examples=50)
@given(several(*EDITS, "reorder"))
def test_whenever_the_source_is_the_original_again_so_is_the_translation(groups: list[list[Step]]) -> None:
    with TemporaryDirectory() as folder:
        desk, sentences = Desk.in_folder(Path(folder)), SOURCE
        for group in groups:
            for step in group:
                sentences = taken(sentences, step)
            desk.update(sentences)
            if list(sentences.items()) == list(SOURCE.items()):
                assert desk.finnish == FINNISH
        desk.update(SOURCE)
        assert desk.finnish == FINNISH


class Translator:
    """Translates what is in the file, and knows from which sentence each translation was made."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.translated_from = dict(TRANSLATED_FROM)
        self.doubted = {"doubtful"}
        self.written = 0

    def translate(self, id_: str, *, by_hand: bool) -> None:
        """Give a text a new translation; an editor removes the previous sentence with the mark, a hand may not."""
        file = polib.pofile(self.desk.finnish, wrapwidth=0)
        for entry in file:
            if entry.msgctxt == id_ and not entry.obsolete:
                self.written += 1
                entry.msgstr, entry.flags = f"Käännös {self.written}.", []
                entry.previous_msgid = entry.previous_msgid if by_hand else None
                self.translated_from[id_] = entry.msgid
                self.doubted.discard(id_)
        self.desk.write(str(file))

    def finds_everything_as_it_should_be(self, before: set[tuple[str, str]]) -> None:
        entries = polib.pofile(self.desk.finnish)
        assert before <= {(entry.msgctxt, entry.msgstr) for entry in entries}
        for entry in entries:
            if entry.msgstr and not entry.obsolete:
                stale = self.translated_from[entry.msgctxt] != entry.msgid or entry.msgctxt in self.doubted
                assert (entry.msgctxt, entry.fuzzy) == (entry.msgctxt, stale)


@settings(max_examples=70)
@given(several(*EDITS, *TRANSLATE))
def test_no_translation_disappears_and_exactly_those_of_another_sentence_are_stale(groups: list[list[Step]]) -> None:
    with TemporaryDirectory() as folder:
        desk, sentences = Desk.in_folder(Path(folder)), SOURCE
        translator = Translator(desk)
        for group in groups:
            for step in group:
                sentences = taken(sentences, step)
                if step.what in TRANSLATE:
                    translator.translate(step.id, by_hand=step.what == "translate_by_hand")
            before = desk.translations()
            desk.update(sentences, unneeded="elsewhere")
            translator.finds_everything_as_it_should_be(before)
        assert desk.update(sentences, unneeded="elsewhere") == (Merged((), (), (), ()), False)


# --- the real texts ---------------------------------------------------------------------------------------------------


def updated(prompts: Prompts) -> dict[str, bool]:
    """Merge every translation with the source as it stands; which files have changed."""
    changed, texts = {}, prompts.load().texts
    assert texts
    for code in texts.translations:
        path = prompts.path(f"{code}.po")
        file = open_po(path)
        merge(open_po(prompts.path("prompts.pot")), file, partial(texts.wants, code))
        changed[code] = save(file, path)
    return changed


def test_ids_of_the_real_texts_that_are_deleted_and_restored_leave_no_trace(tmp_path: Path) -> None:
    prompts, ids = Prompts.copied_to(tmp_path), ("safety.opening", "nobody_free.sorry", "time_until.2000")
    before = {path.name: path.read_bytes() for path in prompts.folder.iterdir()}
    for id_ in ids:
        prompts.cut("prompts.pot", id_)
    for code, changed in updated(prompts).items():
        kept_aside = [id_ for id_ in ids if f'#~ msgctxt "{id_}"\n' in prompts.read(f"{code}.po")]
        assert (code, changed, kept_aside) == (code, True, list(ids))
    prompts.path("prompts.pot").write_bytes(before["prompts.pot"])
    updated(prompts)
    assert {path.name: path.read_bytes() for path in prompts.folder.iterdir()} == before
