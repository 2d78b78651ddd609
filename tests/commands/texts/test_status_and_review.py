"""`ivr texts status` and `ivr texts review`: what is there, what is stale, and what native speakers have approved."""

from __future__ import annotations

from datetime import UTC, datetime

import polib
import pytest

from ivr.content.approval import read_approvals
from ivr.core.characters import composed
from ivr.files import NotWritten
from tests.commands.texts.helpers import (
    FEW,
    FOREIGN,
    GERMAN,
    TRANSLATED,
    assert_refused,
    done,
    files,
    line_of_today,
    matter,
    rows,
    texts,
)
from tests.content.conftest import FIRST, UNAPPROVED, Prompts

SAFETY_OF_ALL, SAFETY_OF_OTHERS = 7, 8
"""How many safety sentences fi, sv and en have, and each other language."""


def needed(prompts: Prompts, code: str) -> int:
    return len(polib.pofile(prompts.read(f"{code}.po")))


class TestStatus:
    def test_of_the_real_texts_all_is_there_and_nobody_has_read_them(self, prompts: Prompts) -> None:
        ids = {code: needed(prompts, code) for code in TRANSLATED}
        ids["en"] = ids["sv"]
        found = rows()
        assert list(found) == [*FIRST, *FOREIGN]
        for code, cells in found.items():
            safety = SAFETY_OF_ALL if code in FIRST else SAFETY_OF_OTHERS
            all_of_it = f"{ids[code]} of {ids[code]}"
            assert cells == [all_of_it, "0", "0", f"0 of {safety}", f"0 of {ids[code]}", "by nobody yet"]

    def test_counts_what_is_missing_and_what_is_stale(self, few: Prompts) -> None:
        ids = needed(few, "fa")
        few.cut("fa.po", "main.wait")
        few.translate("fa.po", "main.calm", "")
        few.mark_fuzzy("fa.po", "main.person")
        few.reword("nobody_free.sorry", "Another sentence.")
        few.reword("main.hours", "One more sentence.")
        found = rows()
        assert found["fa"][:3] == [f"{ids - 5} of {ids}", "2", "3"]
        assert found["ar"][:3] == [f"{ids - 2} of {ids}", "0", "2"]
        done("update")
        assert rows() == found

    def test_what_may_be_left_out_is_not_missing(self, few: Prompts) -> None:
        ids = len(polib.pofile(few.read("fa.po")))
        for prompt in ("hours.phone.opens_on", "date.3", "month.8"):
            few.cut("fa.po", prompt)
        assert rows()["fa"][:3] == [f"{ids - 3} of {ids}", "0", "0"]
        assert "3 new (hours.phone.opens_on, date.3, month.8)" in done("update", "fa")

    def test_counts_what_is_approved_and_tells_by_whom_and_when_last(self, few: Prompts) -> None:
        done("review", "sv", "--by", "Some Name")
        done("review", "ar", "safety.free", "nobody_free.sorry", "--by", "[b]Other[/b]")
        day, found, ids = datetime.now(UTC).date(), rows(), needed(few, "sv")
        assert found["sv"][3:5] == [f"{SAFETY_OF_ALL} of {SAFETY_OF_ALL}", f"{ids} of {ids}"]
        assert found["sv"][5].removeprefix("20")[8:] == " by Some Name"
        assert found["sv"][5][:10] <= str(day)
        assert found["ar"][3:5] == [f"1 of {SAFETY_OF_OTHERS}", f"2 of {needed(few, 'ar')}"]
        assert found["ar"][5].endswith(" by [b]Other[/b]")
        assert found["fi"][5] == "by nobody yet"
        few.translate("sv.po", "nobody_free.sorry", "En annan mening.")
        assert rows()["sv"][4] == f"{ids - 1} of {ids}"

    def test_of_one_language_tells_each_sentence_and_what_is_said_now(self, few: Prompts) -> None:
        few.approve("sv", "safety.danger", "safety.free", "nobody_free.sorry")
        old = few.load().said("sv", "safety.danger")
        few.translate("sv.po", "safety.danger", "Är du i fara? Lägg på.")
        few.translate("sv.po", "nobody_free.sorry", "En annan mening.")
        few.mark_fuzzy("sv.po", "safety.goodbye")
        found = sentences("sv")
        assert len(found) == needed(few, "sv")
        day = "2026-11-24 by Maija Meri"
        assert found["safety.danger"] == ["fresh", f"changed since {day}", f"{old} (as it was approved)"]
        assert found["safety.free"] == ["fresh", day, few.load().said("sv", "safety.free")]
        assert found["nobody_free.sorry"] == ["fresh", f"changed since {day}", "En annan mening."]
        assert found["safety.goodbye"] == ["stale", "by nobody yet", "nothing"]

    @pytest.mark.usefixtures("prompts")
    def test_a_language_is_one_line_of_80_columns(self) -> None:
        lines = [line for line in done("status").splitlines() if "│" in line]
        assert len(lines) == 2 + len([*FIRST, *FOREIGN])  # a heading has two
        assert max(map(len, lines)) <= 80
        assert "…" not in "".join(lines)

    @pytest.mark.usefixtures("few")
    def test_of_no_language_is_refused(self) -> None:
        assert_refused(texts("status", "xx"), f"there are {', '.join(FEW)}")


def sentences(code: str) -> dict[str, list[str]]:
    """State, approval and words of each sentence, as the table of a language tells them."""
    lines = [[cell.strip() for cell in line.split("│")] for line in done("status", code).splitlines() if "│" in line]
    return {
        cells[0]: cells[1:] for cells in lines if cells[0] not in ("", "id")
    }  # a line without an id goes on with the one above


def notes(prompts: Prompts) -> dict[str, str]:
    """What is noted about the approvals of each language."""
    return {issue.file.partition("/")[2]: issue.message for issue in matter(prompts, UNAPPROVED)}


class TestReview:
    @pytest.mark.parametrize(("code", "name"), [("ar", "Arabic (ar)"), ("en", "English (en)")])
    def test_signs_every_text_in_a_file_of_its_own(self, few: Prompts, code: str, name: str) -> None:
        before, days = files(few), [datetime.now(UTC).date()]
        ids = needed(few, "sv" if code == "en" else code)
        said = done("review", code, "--by", "  Some\n Name ")
        days.append(datetime.now(UTC).date())
        assert said.startswith(f"Done: Some Name approved {ids} texts in {name}.\nRecorded in ")
        assert said.endswith(f"{code}.approved.yaml: do not delete or change this file.\n")
        after = files(few)
        assert after.pop(str(few.path(f"{code}.approved.yaml")))
        assert after == before
        approvals, loaded = read_approvals(few.folder, code), few.load().texts
        assert approvals.issues == []
        assert loaded
        assert loaded.approved(code) == sorted(approvals.valid, key=loaded.wanted(code).index)
        assert len(approvals.valid) == ids
        for id_, approval in approvals.valid.items():
            assert approval.day in days
            assert (approval.by, approval.wording) == ("Some Name", loaded.wording(code, id_).translation)
            assert approval.english == loaded.sources[id_].source
            assert approval.spoken == composed(loaded.wording(code, id_).spoken)

    def test_of_safety_sentences_or_of_some_signs_only_these(self, few: Prompts) -> None:
        done("review", "ar", "safety.danger", "nobody_free.sorry", "safety.danger", "--by", "Some Name")
        assert set(read_approvals(few.folder, "ar").valid) == {"safety.danger", "nobody_free.sorry"}
        done("review", "ar", "--safety", "--by", "Other Name")
        approvals = read_approvals(few.folder, "ar").valid
        assert len(approvals) == SAFETY_OF_OTHERS + 1
        assert {id_: approval.by for id_, approval in approvals.items() if approval.by != "Other Name"} == {
            "nobody_free.sorry": "Some Name"
        }
        assert "fa.approved.yaml" not in [path.name for path in few.folder.iterdir()]

    def test_ends_the_note_until_a_safety_sentence_changes(self, few: Prompts) -> None:
        before = notes(few)
        assert set(before) == {*(f"{code}.po" for code in FEW if code != "en"), "prompts.pot"}
        assert before["ar.po"] == f"Arabic (ar): nobody has approved its {SAFETY_OF_OTHERS} safety sentences"
        done("review", "ar", "--safety", "--by", "Some Name")
        assert notes(few) == {file: note for file, note in before.items() if file != "ar.po"}
        few.translate("ar.po", "nobody_free.sorry", "انتظروا.")
        assert "ar.po" not in notes(few)

    def test_is_kept_by_an_update(self, few: Prompts) -> None:
        done("review", "ar", "--by", "Some Name")
        before = files(few)
        assert "ar.po: up to date" in done("update")
        assert files(few) == before

    def test_again_takes_the_place_of_the_one_before(self, few: Prompts) -> None:
        for name in ("Some Name", 'Other "Nick" Name \\ Cö: #1'):
            done("review", "ar", "--by", name)
        assert {approval.by for approval in read_approvals(few.folder, "ar").valid.values()} == {name}

    def test_is_the_same_file_whoever_signs_first(self, few: Prompts) -> None:
        """So git can merge the work of two readers."""
        written = []
        for ids in (("safety.free", "nobody_free.sorry"), ("nobody_free.sorry", "safety.free")):
            few.path("ar.approved.yaml").unlink(missing_ok=True)
            for id_ in ids:
                done("review", "ar", id_, "--by", "Some Name")
            written.append(few.read("ar.approved.yaml"))
        assert written[0] == written[1]
        assert written[0].index("\n\nnobody_free.sorry:\n") < written[0].index("\n\nsafety.free:\n")

    def test_of_texts_that_are_missing_or_stale_is_refused_with_their_ids(self, few: Prompts) -> None:
        few.cut("ar.po", "main.wait")
        few.translate("ar.po", "main.calm", "")
        few.mark_fuzzy("ar.po", "main.person")
        few.reword("nobody_free.sorry", "Another sentence.")
        before = files(few)
        all_four = (
            "Arabic (ar): main.calm, main.wait: not translated. main.person, nobody_free.sorry: older than the English "
            "text. Nothing was signed. Translate them in prompts/ar.po, then type this again."
        )
        assert_refused(texts("review", "ar", "--by", "Some Name"), all_four, exit_code=1)
        one = "Arabic (ar): main.calm: not translated. Nothing was signed."
        assert_refused(texts("review", "ar", "main.hours", "main.calm", "--by", "Some Name"), one, exit_code=1)
        assert files(few) == before
        done("review", "ar", "--safety", "--by", "Some Name")

    @pytest.mark.parametrize(
        ("words", "remedy"),
        [
            (("xx", "--by", "Some Name"), f"there are {', '.join(FEW)}"),
            (("ar", "--by", " \t\n"), "the reader's name is missing after --by. Write the person"),
            (("ar", "--by", "Some\x07 Name"), "the reader's name is missing after --by. Write the person"),
            (("ar",), "--by"),
            (
                ("ar", "safety.dangre", "--by", "Some Name"),
                "Arabic (ar) has no text called 'safety.dangre'. Write safety.danger.",
            ),
            (
                ("ar", "?", "--by", "Some Name"),
                "(ar) has no text called '?'. To see all names, type: ivr texts status ar",
            ),
            (("ar", "staff.matter.child", "--by", "Some Name"), "Arabic (ar) has no text called 'staff.matter.child'"),
            (
                ("ar", "--safety", "safety.danger", "--by", "Some Name"),
                "you wrote --safety and also names of texts. Leave out one",
            ),
        ],
    )
    def test_of_what_is_not_there_or_by_nobody_is_refused(
        self, few: Prompts, words: tuple[str, ...], remedy: str
    ) -> None:
        before = files(few)
        assert_refused(texts("review", *words), remedy)
        assert files(few) == before

    def test_beside_approvals_that_cannot_be_read_is_refused_and_loses_none(self, few: Prompts) -> None:
        few.approve("ar", "safety.danger", "safety.free")
        last_line = few.read("ar.approved.yaml").splitlines()[-1]
        few.write("ar.approved.yaml", few.read("ar.approved.yaml").removesuffix(f"{last_line}\n"))
        line, before = few.line("ar.approved.yaml", "safety.free:"), files(few)
        refused = texts("review", "ar", "nobody_free.sorry", "--by", "Some Name")
        assert_refused(refused, "ar.approved.yaml has mistakes, see above. Nothing was signed.", exit_code=1)
        (told,) = (said for said in refused.output.splitlines() if "is missing" in said)
        assert f"prompts/ar.approved.yaml:{line}: note: " in told
        assert "hash" in told
        assert files(few) == before

    def test_keeps_one_that_was_changed_by_hand_as_it_stands(self, few: Prompts) -> None:
        few.approve("sv", "safety.danger", "safety.free", by="Some Name")
        few.edit("sv.approved.yaml", "lägg på", "lägg på luren")
        done("review", "sv", "nobody_free.sorry", "--by", "Some Name")
        assert "lägg på luren" in few.read("sv.approved.yaml")
        assert set(read_approvals(few.folder, "sv").valid) == {"safety.free", "nobody_free.sorry"}

    def test_of_a_text_that_no_file_can_hold_is_refused(self, few: Prompts) -> None:
        few.translate("ar.po", "nobody_free.sorry", "انتظروا.\ufeff")
        before = files(few)
        refused = texts("review", "ar", "nobody_free.sorry", "--by", "Some Name")
        assert_refused(
            refused, "Arabic (ar): nobody_free.sorry has an invisible character, U+FEFF. Nothing", exit_code=1
        )
        assert files(few) == before

    @pytest.mark.usefixtures("few")
    def test_that_cannot_be_written_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise NotWritten("the disk is full")

        monkeypatch.setattr("ivr.content.approval.write_atomically", full)
        assert_refused(texts("review", "ar", "--by", "Some Name"), "the disk is full", exit_code=1)


def test_a_file_that_is_no_po_is_told_by_every_command(few: Prompts) -> None:
    line = line_of_today(few, "fi.po")
    before = files(few)
    for words in (("status",), ("status", "fa"), ("sheet", "fa"), ("review", "fa", "--by", "Some Name"), GERMAN):
        assert_refused(texts(*words), f"prompts/fi.po:{line}: ", exit_code=1)
    assert files(few) == before
