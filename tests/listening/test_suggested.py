"""An editor accepts new words through every check, and what is accepted is written into the texts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.content.merge import update_language
from ivr.files import NotWritten
from ivr.listening.suggested import NotAccepted, accept, apply, preview, to_take
from ivr.listening.trial import BrokenSite
from ivr.records.room import Gone, OwnWork, Room, TextChange
from tests.conftest import TODAY
from tests.content.conftest import Prompts
from tests.listening.suggesting import NOW, accepted, accepted_unchecked, editor, suggested, texts_of_site

SORRY, DANGER, RING_AGAIN = "nobody_free.sorry", "safety.danger", "nobody_free.ring_again"
NEW = "Qofna hadda ma banaana."


class TestAccept:
    def test_new_words_are_kept_with_the_old_ones_and_their_english(self, room: Room, site: Prompts) -> None:
        now = texts_of_site(site)
        changes = accepted(room, site, "so", SORRY, {SORRY: f"  {NEW}\u200f "})
        assert changes == (TextChange(SORRY, now.wording("so", SORRY).translation, now.sources[SORRY].source, NEW),)
        assert room.accepted("so") == {SORRY: changes[0]}
        assert texts_of_site(site) == now

    @pytest.mark.parametrize(
        ("language", "id_", "words", "told"),
        [
            ("so", SORRY, "", "has no words"),
            ("so", SORRY, "a" * 501, "more than 500 letters"),
            ("so", SORRY, "Qofna\x07 ma banaana.", "U+0007"),
            ("so", SORRY, "Qofna ma banaana {key}.", "must have no slot"),
            ("so", RING_AGAIN, "Caawimo: riix hal.", "must have {key}"),
            ("so", RING_AGAIN, "{key} caawimo.", "rule M2"),
            ("so", SORRY, "Qofna 5 ma banaana.", "has digits"),
            ("so", SORRY, "Qofna ма banaana.", "letters of another alphabet"),
            ("so", SORRY, "Qofna ma banaana", "does not end like a sentence"),
            ("so", SORRY, " ".join(["Qofna"] * 12) + " banaana.", "a sentence of 13 words"),
            ("so", SORRY, " ".join(["Qofna ma banaana hadda."] * 20), "rule"),
            ("fi", SORRY, "Soita arkipäivänä uudelleen.", "rule W1: "),
            ("ar", DANGER, "اتصلوا على الشرطة.", "without vowel marks: اتصلوا على الشرطة."),
        ],
    )
    def test_words_that_break_a_check_are_refused_with_the_fault(
        self, room: Room, site: Prompts, language: str, id_: str, words: str, told: str
    ) -> None:
        sentence = f"{id_}+1" if id_ == RING_AGAIN else id_
        with pytest.raises(NotAccepted) as refused:
            accepted(room, site, language, sentence, {id_: words})
        assert told in str(refused.value)
        assert not room.accepted(language)

    def test_a_word_that_fills_slots_is_tried_in_every_sentence(self, room: Room, site: Prompts) -> None:
        long = "sagaalka subaxnimo ee maalinta oo dhan ilaa iyo galabta"
        with pytest.raises(NotAccepted) as refused:
            accepted(room, site, "so", "hours.phone.opens+mon+0900", {"time_at.0900": long})
        assert "hours.phone.opens" in str(refused.value)

    def test_the_same_words_and_another_text_are_refused(self, room: Room, site: Prompts) -> None:
        same = texts_of_site(site).wording("so", SORRY).translation
        for words, told in (({SORRY: same}, "those of today"), ({DANGER: NEW}, f"has no text {DANGER}")):
            with pytest.raises(NotAccepted, match=told):
                accepted(room, site, "so", SORRY, words)

    def test_nobody_accepts_their_own_words(self, room: Room, site: Prompts) -> None:
        who = editor(room, "so")
        own = room.suggest(who, SORRY, "as it was", NEW, NOW)
        with pytest.raises(OwnWork):
            accept(room, site.folder, "so", own.id, who, {SORRY: NEW}, NOW)
        assert not room.accepted("so")

    def test_what_is_decided_is_not_decided_again(self, room: Room, site: Prompts) -> None:
        decided = suggested(room, "so", SORRY, NEW)
        room.reject(decided.id, editor(room, "so"), NOW)
        unknown = suggested(room, "so", "no.such", NEW)
        for suggestion, language in ((decided.id, "so"), (99, "so"), (decided.id, "fi"), (unknown.id, "so")):
            with pytest.raises(Gone):
                accept(room, site.folder, language, suggestion, editor(room, "so"), {SORRY: NEW}, NOW)

    def test_while_a_file_is_broken_nothing_is_accepted(self, room: Room, site: Prompts) -> None:
        site.translate("fi.po", DANGER, "")
        with pytest.raises(NotAccepted, match="a file of the site is broken"):
            accepted(room, site, "so", SORRY, {SORRY: NEW})

    def test_new_english_is_checked_too_as_if_all_translations_followed_it(self, room: Room, site: Prompts) -> None:
        with pytest.raises(NotAccepted, match=r"rule W1: .*on-call"):
            accepted(room, site, "en", SORRY, {SORRY: "Nobody is on-call."})
        assert accepted(room, site, "en", SORRY, {SORRY: "Nobody can answer just now."})

    def test_calls_are_not_walked_again_for_other_words(
        self, room: Room, site: Prompts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        monkeypatch.setattr("ivr.proof.prove.walk_all", None)
        assert accepted(room, site, "so", DANGER, {DANGER: "Haddii aad khatar ku jirto, wac kow kow laba."})


class TestApply:
    def test_what_is_accepted_is_the_text_then_and_nothing_else_changes(self, room: Room, site: Prompts) -> None:
        before, old = site.read("so.po"), texts_of_site(site).wording("so", SORRY).translation
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        shown = preview(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY)
        assert (shown.written, site.read("so.po")) == (False, before)
        applied = apply(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY)
        assert (applied.written, applied.refused, applied.diff) == (True, (), shown.diff)
        assert site.read("so.po") == before.replace(f'msgstr "{old}"', f'msgstr "{NEW}"')
        changed = [line for line in applied.diff.splitlines()[2:] if line[0] in "+-"]
        assert changed == [f'-msgstr "{old}"', f'+msgstr "{NEW}"']
        assert to_take(room, texts_of_site(site), "so") == ()

    def test_accepted_words_win_over_those_that_an_update_brings_back(self, room: Room, site: Prompts) -> None:
        before = site.read("so.po")
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        apply(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY)
        site.write("so.po", before)
        assert apply(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY).written
        assert texts_of_site(site).wording("so", SORRY).translation == NEW

    @pytest.mark.parametrize("merged", [False, True])
    def test_words_of_another_english_are_not_written(self, room: Room, site: Prompts, merged: bool) -> None:
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        site.reword(SORRY, "Nobody can come to the phone.")
        if merged:
            update_language(site.folder, texts_of_site(site), "so", "Soomaali")
        before = site.read("so.po")
        applied = apply(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY)
        assert [refused.text_id for refused in applied.refused] == [SORRY]
        assert "its English has changed" in applied.refused[0].why
        assert (applied.written, site.read("so.po")) == (False, before)

    def test_a_text_that_is_translated_anew_is_newer_than_what_was_accepted(self, room: Room, site: Prompts) -> None:
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        site.reword(SORRY, "Nobody can come to the phone.")
        update_language(site.folder, texts_of_site(site), "so", "Soomaali")
        site.edit("so.po", "#, fuzzy\n", "")
        assert to_take(room, texts_of_site(site), "so") == ()

    def test_what_breaks_a_rule_by_now_is_told_and_the_others_are_written(self, room: Room, site: Prompts) -> None:
        texts = texts_of_site(site)
        accepted_unchecked(room, texts, "so", DANGER, "Wac 112.")
        accepted_unchecked(room, texts, "so", SORRY, NEW)
        changes = to_take(room, texts, "so")
        applied = apply(site.folder, "so", changes, TODAY)
        assert [change.text_id for change in applied.taken] == [SORRY]
        (refused,) = applied.refused
        assert "has digits" in refused.why
        assert texts_of_site(site).wording("so", SORRY).translation == NEW

    def test_a_text_that_is_no_more_is_told(self, site: Prompts) -> None:
        texts = texts_of_site(site)
        gone = TextChange("no.such", "old", "Old.", NEW)
        applied = apply(site.folder, "so", (gone,), TODAY)
        assert (applied.refused[0].text_id, applied.written) == ("no.such", False)
        assert texts_of_site(site) == texts

    def test_english_is_written_by_hand_and_the_remedy_says_how(self, room: Room, site: Prompts) -> None:
        accepted(room, site, "en", SORRY, {SORRY: "Nobody can answer just now."})
        before = {path: path.read_bytes() for path in site.folder.iterdir()}
        applied = apply(site.folder, "en", to_take(room, texts_of_site(site), "en"), TODAY)
        assert "ivr texts update" in applied.refused[0].remedy
        assert {path: path.read_bytes() for path in site.folder.iterdir()} == before
        site.reword(SORRY, "Nobody can answer just now.")
        assert to_take(room, texts_of_site(site), "en") == ()

    def test_a_text_with_reading_marks_is_written_with_and_without(self, room: Room, site: Prompts) -> None:
        words = "اِتَّصِلوا عَلَى وَاحِد وَاحِد اِثْنَيْن إِذَا كُنْتُمْ فِي خَطَر. أَغْلِقوا الْخَطّ."
        accepted(room, site, "ar", DANGER, {DANGER: words})
        assert apply(site.folder, "ar", to_take(room, texts_of_site(site), "ar"), TODAY).written
        wording = texts_of_site(site).wording("ar", DANGER)
        assert wording.translation == "اتصلوا على واحد واحد اثنين إذا كنتم في خطر. أغلقوا الخط."
        assert wording.spoken.replace("\u0651", "") == words.replace("\u0651", "")
        assert to_take(room, texts_of_site(site), "ar") == ()

    def test_a_doubt_about_a_text_is_gone_with_its_words(self, room: Room, site: Prompts) -> None:
        site.mark_fuzzy("so.po", SORRY)
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        apply(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY)
        assert texts_of_site(site).state("so", SORRY) == "fresh"

    def test_where_the_file_cannot_be_written_it_stays_as_it_is(
        self, room: Room, site: Prompts, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(self: Path, target: Path) -> Path:
            raise OSError(28, "No space left on device")

        accepted(room, site, "so", SORRY, {SORRY: NEW})
        before = {path.name: path.read_bytes() for path in site.folder.iterdir()}
        changes = to_take(room, texts_of_site(site), "so")
        monkeypatch.setattr(Path, "replace", full)
        with pytest.raises(NotWritten, match="No space left"):
            apply(site.folder, "so", changes, TODAY)
        assert {path.name: path.read_bytes() for path in site.folder.iterdir()} == before

    @pytest.mark.parametrize("act", [apply, preview])
    def test_in_a_broken_site_nothing_is_tried(self, room: Room, site: Prompts, act: Callable[..., object]) -> None:
        accepted(room, site, "so", SORRY, {SORRY: NEW})
        site.translate("fi.po", DANGER, "")
        with pytest.raises(BrokenSite):
            act(site.folder, "so", to_take(room, texts_of_site(site), "so"), TODAY)
