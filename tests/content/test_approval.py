"""Approvals: the file that keeps them, and which wording of a safety sentence callers hear."""

from __future__ import annotations

import fcntl
import re
import subprocess
import threading
import unicodedata
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ivr.content.approval import UNWRITABLE, Approval, approve, read_approvals, write_approvals
from ivr.content.load import Loaded
from ivr.content.scaffold import make_site
from ivr.core.characters import composed
from ivr.core.content import Content
from ivr.core.issue import Issue
from ivr.files import alone
from tests.conftest import TODAY
from tests.content.conftest import FIRST, UNAPPROVED, Prompts
from tests.limits import PATIENCE

DANGER, FREE, PRESS = "safety.danger", "safety.free", "main.wait"
NEW = "Jos olet vaarassa, soita heti yksi yksi kaksi."
FILE = "fi.approved.yaml"


@pytest.fixture
def arabic(tmp_path: Path) -> Prompts:
    """With a language that workers and 112 do not speak, and that has spoken forms."""
    return Prompts.copied_to(tmp_path, "ar")


def whole(loaded: Loaded) -> Content:
    assert loaded.content, "\n".join(map(str, loaded.issues))
    return loaded.content


def heard(prompts: Prompts, code: str, id_: str) -> str:
    """The words in the content of the line; also told as such by `Loaded.said`."""
    loaded = prompts.load()
    text = whole(loaded).catalogue.texts[code][id_]
    assert loaded.said(code, id_) == text
    return text


def told(prompts: Prompts) -> list[str]:
    """Every issue but those of languages in which nobody has approved anything."""
    return [str(issue) for issue in prompts.issues()]


def about_file(prompts: Prompts, name: str = FILE) -> list[Issue]:
    return [issue for issue in prompts.load().issues if issue.file == f"prompts/{name}"]


class TestTheLastApprovedWordingStays:
    def test_when_the_text_changes_until_the_new_one_is_approved(self, prompts: Prompts) -> None:
        old = heard(prompts, "fi", DANGER)
        prompts.approve("fi", DANGER)
        prompts.translate("fi.po", DANGER, NEW)
        assert heard(prompts, "fi", DANGER) == old
        line = prompts.line("fi.po", f'msgctxt "{DANGER}"')
        assert told(prompts) == [
            f"prompts/fi.po:{line}: note: callers still hear the old {DANGER} in Finnish (fi). "
            f'After a native speaker has read the new one: ivr texts review fi {DANGER} --by "NAME".'
        ]
        prompts.approve("fi", DANGER)
        assert heard(prompts, "fi", DANGER) == NEW
        assert told(prompts) == []

    def test_when_its_english_changes_and_no_language_is_lost(self, arabic: Prompts) -> None:
        before = {code: heard(arabic, code, DANGER) for code in (*FIRST, "ar")}
        for code in before:
            arabic.approve(code, DANGER)
        arabic.reword(DANGER, "In danger? Call one one two.")
        content = whole(arabic.load())
        assert content.offered == {*FIRST, "ar"}
        assert {code: heard(arabic, code, DANGER) for code in before} == before
        assert {code: sentences.kept for code, sentences in content.safety.items()} == dict.fromkeys(before, (DANGER,))
        (note,) = [
            issue for issue in arabic.issues() if issue.message == f"callers still hear the old {DANGER} in Arabic (ar)"
        ]
        assert note.remedy.startswith(f"Translate {DANGER} anew. After a native speaker has read")
        arabic.approve("en", DANGER)
        assert heard(arabic, "en", DANGER) == "In danger? Call one one two."

    def test_when_it_is_marked_as_doubtful_or_removed(self, arabic: Prompts) -> None:
        old = {id_: heard(arabic, "ar", id_) for id_ in (DANGER, FREE)}
        free = heard(arabic, "fi", FREE)
        for code in ("ar", "fi"):
            arabic.approve(code)
        arabic.mark_fuzzy("ar.po", DANGER)
        arabic.translate("ar.po", FREE, "")
        arabic.cut("fi.po", FREE)
        assert "ar" in whole(arabic.load()).offered
        assert {id_: heard(arabic, "ar", id_) for id_ in old} == old
        assert heard(arabic, "fi", FREE) == free
        assert {issue.severity for issue in arabic.issues()} == {"note"}

    def test_what_nobody_approved_is_as_before(self, arabic: Prompts) -> None:
        """Rule W5: a stale safety sentence is not said, and its language is not offered; in fi it stops the line."""
        arabic.approve("ar", FREE)
        arabic.mark_fuzzy("ar.po", DANGER)
        content = whole(arabic.load())
        assert "ar" not in content.offered
        assert DANGER not in content.catalogue.texts["ar"]
        arabic.mark_fuzzy("fi.po", DANGER)
        assert arabic.only_broken().where == (DANGER,)

    def test_another_text_changes_at_once_whether_it_was_approved_or_not(self, prompts: Prompts) -> None:
        prompts.approve("fi", PRESS)
        prompts.translate("fi.po", PRESS, "Uusi lause.")
        assert heard(prompts, "fi", PRESS) == "Uusi lause."
        assert told(prompts) == []

    def test_back_to_the_approved_text_and_it_is_approved(self, prompts: Prompts) -> None:
        prompts.approve("fi", DANGER)
        entry = prompts.entry("fi.po", DANGER)
        prompts.translate("fi.po", DANGER, NEW)
        prompts.edit("fi.po", prompts.entry("fi.po", DANGER), entry)
        assert whole(prompts.load()).safety["fi"].kept == ()
        assert told(prompts) == []

    def test_a_fault_of_the_new_text_is_told_and_stops_nothing(self, prompts: Prompts) -> None:
        old = heard(prompts, "fi", DANGER)
        prompts.approve("fi", DANGER)
        prompts.translate("fi.po", DANGER, "Soita 112.")
        assert heard(prompts, "fi", DANGER) == old
        assert f"'{DANGER}' has digits" in [issue.message for issue in prompts.issues()]
        prompts.path(FILE).unlink()
        assert prompts.only_broken().message == f"'{DANGER}' has digits"

    def test_it_stays_in_its_own_language_and_sentence_only(self, prompts: Prompts) -> None:
        prompts.approve("fi", DANGER)
        prompts.translate("fi.po", DANGER, "Soita 112.")
        prompts.translate("fi.po", FREE, "Soita 112.")
        prompts.translate("sv.po", DANGER, "Ring 112.")
        broken = {(issue.language, issue.where[0]) for issue in prompts.broken()}
        assert broken == {("fi", FREE), ("sv", DANGER)}
        assert {code: [*kept] for code, kept in prompts.load().kept.items()} == {"fi": [DANGER]}

    @pytest.mark.parametrize(
        "wording", ["Soita {person_key}.", "Soita 112.", "Soita {", "Soita!  Nyt.", "Звони сейчас.", "soita nyt"]
    )
    def test_unless_it_could_not_be_said_any_more(self, prompts: Prompts, wording: str) -> None:
        """It was approved under other rules; then the text as it is now is said, or missed, as ever."""
        english = prompts.load().said("en", DANGER)
        signed = Approval.signed("fi", DANGER, wording, english, "Maija Meri", TODAY)
        write_approvals(prompts.folder, "fi", "suomi", {DANGER: signed})
        assert heard(prompts, "fi", DANGER) == "Jos olet vaarassa, lopeta puhelu. Soita yksi yksi kaksi."
        assert DANGER in whole(prompts.load()).safety["fi"].unapproved

    def test_a_spoken_form_goes_with_its_wording(self, arabic: Prompts) -> None:
        def spoken() -> tuple[str, str]:
            utterance = whole(arabic.load()).catalogue.utter(DANGER, "ar", {})
            return utterance.text, utterance.spoken

        def respeak(marked: str) -> None:
            before, id_line, after = arabic.read("ar.po").partition(f'msgctxt "{DANGER}"')
            *rest, comment = before.splitlines()
            assert comment.startswith("# spoken:")
            arabic.write("ar.po", "\n".join([*rest, f"# spoken: {marked}", f"{id_line}{after}"]))

        old = spoken()
        assert old[1]
        for code in ("fi", "sv", "ar"):
            arabic.approve(code, DANGER)
        entry = arabic.entry("ar.po", DANGER)
        arabic.translate("ar.po", DANGER, "إذا كنتم في خطر، اتصلوا.")
        respeak("إِذَا كُنْتُمْ فِي خَطَر، اِتَّصِلوا.")
        assert spoken() == old
        arabic.edit("ar.po", arabic.entry("ar.po", DANGER), entry)  # the words are back, the marks are mended ones
        mended = old[1].replace("خَطَر", "خَطَرٍ")
        respeak(mended)
        arabic.reword(DANGER, "In danger? Call one one two.")
        assert spoken() == (old[0], mended)

    def test_a_language_without_spoken_forms_keeps_that_of_its_wording(self, arabic: Prompts) -> None:
        before = whole(arabic.load()).catalogue.utter(DANGER, "ar", {})
        arabic.approve("ar", DANGER)
        arabic.write("ar.po", re.sub(r"(?m)^# spoken:.*\n", "", arabic.read("ar.po")))
        arabic.translate("ar.po", DANGER, "إذا كنتم في خطر، اتصلوا.")
        catalogue = whole(arabic.load()).catalogue
        assert catalogue.utter(DANGER, "ar", {}) == before
        assert catalogue.utter(FREE, "ar", {}).spoken == ""

    def test_accents_are_the_same_however_they_are_encoded(self, prompts: Prompts) -> None:
        prompts.approve("fi", FREE)
        prompts.write(FILE, unicodedata.normalize("NFD", prompts.read(FILE)))
        assert FREE not in whole(prompts.load()).safety["fi"].unapproved
        assert about_file(prompts) == []

    def test_it_is_proved_as_it_is_said(self, prompts: Prompts) -> None:
        from ivr.proof.prove import load_and_prove

        long = "Yksi yksi kaksi on ilmainen, " + "yöllä ja päivällä, " * 60 + "aina."
        signed = Approval.signed("fi", FREE, long, prompts.load().said("en", FREE), "Maija Meri", TODAY)
        write_approvals(prompts.folder, "fi", "suomi", {FREE: signed})
        assert load_and_prove(prompts.folder, TODAY).content  # W1 leaves it out: too many words in a sentence
        assert heard(prompts, "fi", FREE) != long
        slow = "Yksi yksi kaksi on ilmainen. " * 60
        signed = Approval.signed("fi", DANGER, slow.strip(), prompts.load().said("en", DANGER), "Maija Meri", TODAY)
        write_approvals(prompts.folder, "fi", "suomi", {DANGER: signed})
        proved = load_and_prove(prompts.folder, TODAY)
        assert proved.content is None
        assert {proof.rule for proof in proved.proofs if not proof.holds} >= {"M1"}


class TestTheNote:
    def test_is_one_a_language_with_its_remedy(self, prompts: Prompts) -> None:
        prompts.approve("sv", *prompts_of(prompts, "sv")[:-1])
        prompts.approve("fi")
        issues = [str(issue) for issue in prompts.load().issues if UNAPPROVED in issue.message]
        assert len(issues) == 2
        assert issues[1].endswith(
            "note: Swedish (sv): nobody has approved 1 of its 7 safety sentences: safety.free. Print them: ivr texts "
            'sheet sv. After a native speaker has read them: ivr texts review sv --safety --by "NAME".'
        )
        assert "note: English (en): nobody has approved its 7 safety sentences. Print them" in issues[0]


class TestGit:
    """Two readers sign on two branches."""

    @pytest.fixture
    def git(self, prompts: Prompts, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
        for variable in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
            monkeypatch.delenv(variable, raising=False)
        who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")

        def git(*words: str) -> str:
            ran = subprocess.run(["git", *who, *words], cwd=prompts.folder, capture_output=True, text=True)
            assert ran.returncode == 0, ran.stdout + ran.stderr
            return ran.stdout

        git("init", "-q", "-b", "main")
        git("add", ".")
        git("commit", "-qm", "before")
        return git

    def sign_on_two_branches(
        self, prompts: Prompts, git: Callable[..., str], one: tuple[str, ...], other: tuple[str, ...], by: str = "Leila"
    ) -> None:
        for branch, ids, reader in (("one", one, "Maija"), ("other", other, by)):
            git("checkout", "-q", "-b", branch, "main")
            prompts.approve("fi", *ids, by=reader)
            git("add", ".")
            git("commit", "-qm", branch)
        git("merge", "-q", "-m", "both", "one")

    @pytest.mark.parametrize("there", [(), (FREE, PRESS, "safety.opening")])
    @pytest.mark.parametrize("by", ["Leila", "Maija"])
    def test_both_are_kept_without_a_conflict(
        self, prompts: Prompts, git: Callable[..., str], there: tuple[str, ...], by: str
    ) -> None:
        if there:
            prompts.approve("fi", *there)
            git("add", ".")
            git("commit", "-qm", "first")
        self.sign_on_two_branches(
            prompts, git, (DANGER, "main.calm", "today"), ("safety.last_words", "main.hours", "key.1"), by
        )
        read = read_approvals(prompts.folder, "fi")
        assert read.issues == []
        assert set(read.valid) == {*there, DANGER, "main.calm", "today", "safety.last_words", "main.hours", "key.1"}

    def test_sentences_of_the_same_words_are_not_taken_for_one(self, prompts: Prompts, git: Callable[..., str]) -> None:
        english = prompts.load().said("en", DANGER)
        for name, id_ in (("fi.po", DANGER), ("fi.po", "safety.last_words")):
            prompts.translate(name, id_, NEW)
        assert english == prompts.load().said("en", "safety.last_words")
        git("commit", "-qam", "the same words")
        self.sign_on_two_branches(prompts, git, (DANGER,), ("safety.last_words",))
        read = read_approvals(prompts.folder, "fi")
        assert read.issues == []
        assert set(read.valid) == {DANGER, "safety.last_words"}

    def test_one_sentence_that_both_have_signed_counts_and_is_told(
        self, prompts: Prompts, git: Callable[..., str]
    ) -> None:
        self.sign_on_two_branches(prompts, git, (DANGER,), (DANGER, FREE))
        assert DANGER not in whole(prompts.load()).safety["fi"].unapproved
        assert any("is here and also in line" in issue.message for issue in about_file(prompts))


def test_a_new_site_is_made_without_the_approvals_of_the_example(
    prompts: Prompts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts.approve("fi")
    monkeypatch.setattr("ivr.content.scaffold.EXAMPLES", (prompts.folder,))
    made = {path.name for path in make_site(tmp_path / "town")}
    assert made == {path.name for path in prompts.folder.iterdir()} - {FILE}


def prompts_of(prompts: Prompts, code: str) -> list[str]:
    texts = prompts.load().texts
    assert texts
    return texts.safety(code)


class TestTheFile:
    def test_changed_by_hand_is_told_and_does_not_count(self, prompts: Prompts) -> None:
        prompts.approve("fi", DANGER, FREE)
        prompts.edit(FILE, "on ilmainen", "maksaa")
        line = prompts.line(FILE, f"{FREE}:")
        (issue,) = about_file(prompts)
        assert str(issue) == (
            f"prompts/{FILE}:{line}: note: somebody changed '{FREE}' here by hand, so its approval does not count. "
            "Undo the change, or sign again. After a native speaker has read it: "
            f'ivr texts review fi {FREE} --by "NAME".'
        )
        safety = whole(prompts.load()).safety["fi"]
        assert FREE in safety.unapproved
        assert DANGER not in safety.unapproved

    @pytest.mark.parametrize(("key", "other"), [("english", "Free"), ("spoken", "Free"), ("hash", "0123456789ab")])
    def test_so_is_whatever_else_was_approved(self, arabic: Prompts, key: str, other: str) -> None:
        arabic.approve("ar", DANGER)
        text = arabic.read("ar.approved.yaml")
        arabic.write("ar.approved.yaml", re.sub(rf"(?m)^  {key}: .*$", f'  {key}: "{other}"', text))
        (issue,) = about_file(arabic, "ar.approved.yaml")
        assert "by hand" in issue.message

    def test_of_another_language_or_sentence_does_not_count(self, prompts: Prompts) -> None:
        prompts.approve("fi", DANGER)
        prompts.write("sv.approved.yaml", prompts.read(FILE))
        prompts.write(FILE, prompts.read(FILE).replace(f"{DANGER}:", f"{FREE}:"))
        for name in ("sv.approved.yaml", FILE):
            (issue,) = about_file(prompts, name)
            assert "by hand" in issue.message

    def test_a_name_or_a_day_may_be_corrected(self, prompts: Prompts) -> None:
        prompts.approve("fi", DANGER)
        prompts.edit(FILE, "Maija Meri", "Maija Merí")
        prompts.edit(FILE, str(TODAY), "2026-11-23")
        assert about_file(prompts) == []
        approval = read_approvals(prompts.folder, "fi").valid[DANGER]
        assert (approval.by, approval.day) == ("Maija Merí", date(2026, 11, 23))

    @pytest.mark.parametrize(
        ("old", "new", "words"),
        [
            ("  by: .*\n", "", ("by", "is missing")),
            ("by: .*", 'by: ""', ("by", "there is no text")),
            ("by: .*", "by: [Maija]", ("by", "there is no text")),
            ("by: .*", r'by: "Maija\\u0007"', ("by", "the character U+0007 in it cannot be spoken or printed")),
            ("by: ", "from: ", ("'", "from' is not a known word")),
            ("day: .*", "day: 24.11.2026", ("day", "'24.11.2026' is not a date")),
            ("day: .*", "day: 2026-02-30", ("day", "'2026-02-30' is not a date")),
            ("day: .*", "day: {}", ("day", "is not a date")),
        ],
    )
    def test_a_block_that_is_wrong_is_told_and_the_others_count(
        self, prompts: Prompts, old: str, new: str, words: tuple[str, ...]
    ) -> None:
        prompts.approve("fi", DANGER)
        text = re.sub(old, new, prompts.read(FILE))
        prompts.path(FILE).unlink()
        prompts.approve("fi", FREE)
        prompts.write(FILE, text + "\n" + prompts.read(FILE).partition("\n\n")[2])
        issues = about_file(prompts)
        told = [str(issue) for issue in issues if DANGER in issue.where]
        assert any(all(word in line for word in words) for line in told), issues
        first = prompts.line(FILE, f"{DANGER}:")
        again = f"Delete line {first} and the lines below that belong to it. "
        assert all("this approval does not count: " in line for line in told)
        assert all(
            f'{again}After a native speaker has read it: ivr texts review fi {DANGER} --by "NAME".' in line
            for line in told
        )
        assert {issue.severity for issue in issues} == {"note"}
        assert all(1 < issue.line <= len(text.splitlines()) and issue.remedy for issue in issues)
        assert set(read_approvals(prompts.folder, "fi").valid) == {FREE}

    @pytest.mark.parametrize(
        "text",
        [
            "safety.danger: yes\n",
            "safety.danger: [a]\n",
            "- safety.danger\n",
            "safety.danger\n",
            "<<<<<<< HEAD\nsafety.danger:\n=======\n",
            "safety.danger: {wording: 'x\n",
            "a: &a [*a]\n",
            "[" * 5000,
        ],
    )
    def test_that_is_something_else_is_told_and_stops_nothing(self, prompts: Prompts, text: str) -> None:
        prompts.write(FILE, text)
        issues = about_file(prompts)
        assert issues
        assert all(issue.severity == "note" and issue.line >= 1 and issue.remedy for issue in issues)
        assert whole(prompts.load()).offered == {*FIRST}

    def test_of_sentences_without_lines_says_what_to_do(self, prompts: Prompts) -> None:
        prompts.write(FILE, "safety.danger: yes\n")
        (issue,) = about_file(prompts)
        assert "there are no lines below it" in issue.message
        assert "Delete line 1 and the lines below that belong to it. After a native speaker" in issue.remedy

    @pytest.mark.parametrize("text", ["", "# only a remark\n"])
    def test_that_is_empty_has_no_approvals_and_no_fault(self, prompts: Prompts, text: str) -> None:
        prompts.write(FILE, text)
        assert about_file(prompts) == []

    def test_that_is_a_folder_or_no_utf8_is_told(self, prompts: Prompts) -> None:
        prompts.path(FILE).mkdir()
        assert [issue.severity for issue in about_file(prompts)] == ["note"]
        prompts.path("sv.approved.yaml").write_bytes(b"\xff\xfe")
        assert about_file(prompts, "sv.approved.yaml")
        assert whole(prompts.load()).offered == {*FIRST}

    def test_one_sentence_twice_is_told(self, prompts: Prompts) -> None:
        """As git leaves it when two readers approved the same sentence."""
        prompts.approve("fi", DANGER)
        block = prompts.read(FILE).partition("\n\n")[2]
        prompts.write(FILE, f"{prompts.read(FILE)}\n{block}")
        assert [issue.message for issue in about_file(prompts)] == [f"'{DANGER}' is here and also in line 4"]

    def test_two_who_sign_at_once_lose_nothing(self, prompts: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
        one, other = (
            {id_: Approval.signed("fi", id_, "Sana.", "Word.", "Maija Meri", TODAY)} for id_ in (DANGER, FREE)
        )
        waits, real = threading.Event(), fcntl.flock

        def flock(descriptor: int, how: int) -> None:
            waits.set()
            real(descriptor, how)

        with alone(prompts.path("fi.approved.yaml")):
            monkeypatch.setattr(fcntl, "flock", flock)
            second = threading.Thread(target=approve, args=(prompts.folder, "fi", "suomi", other))
            second.start()
            assert waits.wait(PATIENCE)
            write_approvals(prompts.folder, "fi", "suomi", one)
        second.join(PATIENCE)
        assert set(read_approvals(prompts.folder, "fi").valid) == {DANGER, FREE}

    def test_of_sentences_that_are_gone_is_kept_for_their_return(self, prompts: Prompts) -> None:
        signed = Approval.signed("fi", "safety.gone", "Poissa.", "Gone.", "Maija Meri", TODAY)
        write_approvals(prompts.folder, "fi", "suomi", {"safety.gone": signed})
        prompts.approve("fi")
        assert "safety.gone" in read_approvals(prompts.folder, "fi").valid
        assert about_file(prompts) == []


printable = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn"), exclude_characters="\ufeff"), min_size=1
)
WORDS = printable.filter(lambda text: text.strip() and not UNWRITABLE.search(text))
# A folder that is used again for every example: each writes the file anew.
ONE_FOLDER = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONE_FOLDER
@given(
    st.dictionaries(WORDS.map(composed), st.tuples(WORDS, WORDS, WORDS, st.dates(), st.just("") | WORDS), max_size=4)
)
@example({"no": ("- a: #b", "'", '"\\', TODAY, ""), "a b": ("\u200cx", "{", "}", TODAY, "*&!")})
@example(
    {"a": ("a\u0308", "\u1100\u1161", "a\u0308", TODAY, "\u0651\u064e"), "b": ("x", "x", "x", TODAY, "\u1100\u1161")}
)
def test_what_is_written_is_read(tmp_path: Path, drawn: dict[str, tuple[str, str, str, date, str]]) -> None:
    written = {id_: Approval.signed("fi", id_, *values) for id_, values in drawn.items()}
    write_approvals(tmp_path, "fi", "suomi", written)
    read = read_approvals(tmp_path, "fi")
    assert read.issues == []
    assert read.valid == written
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert unicodedata.normalize("NFC", text) == text  # so an editor that composes it changes nothing


yaml_like = st.text("abc:{}[]-'\"#&*!|>%@`?,.\n \t\\u0123<=\x07é\u2028", max_size=60)


@ONE_FOLDER
@given(yaml_like | st.text(max_size=40), st.integers(0, 400))
def test_no_file_is_a_traceback(tmp_path: Path, drawn: str, at: int) -> None:
    """Drawn text, alone and in the midst of a true file: it is told, or it is approved as it was signed."""
    signed = Approval.signed("fi", DANGER, NEW, "In danger?", "Maija Meri", TODAY)
    true = write_approvals(tmp_path, "fi", "suomi", {DANGER: signed}).read_text(encoding="utf-8")
    for text in (drawn, true[:at] + drawn + true[at:]):
        (tmp_path / FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
        read = read_approvals(tmp_path, "fi")
        assert all(issue.severity == "note" and issue.remedy for issue in read.issues)
        for id_, approval in read.valid.items():
            assert (id_, approval.wording, approval.english) == (DANGER, signed.wording, signed.english)


WORDINGS = (
    "Jos olet vaarassa, lopeta puhelu. Soita yksi yksi kaksi.",
    NEW,
    "Vaara? Lopeta puhelu. Soita yksi yksi kaksi.",
    "Hätä? Soita heti yksi yksi kaksi.",
)
ENGLISH = ("If you are in danger, hang up. Call one one two.", "If you are in danger, call one one two.")
STEPS = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(WORDINGS)),
    st.tuples(st.just("english"), st.sampled_from(ENGLISH)),
    st.tuples(st.sampled_from(("approve", "delete", "forge", "fuzzy")), st.just("")),
)


class Model:
    """What should be heard, by the rule alone: the newest approved wording unless the current text is approved."""

    def __init__(self) -> None:
        self.text, self.english, self.translated_from, self.fuzzy = WORDINGS[0], ENGLISH[0], ENGLISH[0], False
        self.approved: tuple[str, str] | None = None

    @property
    def fresh(self) -> bool:
        return not self.fuzzy and self.translated_from == self.english

    def heard(self) -> str | None:
        if self.approved and not (self.fresh and self.approved == (self.text, self.english)):
            return self.approved[0]
        return self.text if self.fresh else None


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=8))
@example([("approve", ""), ("edit", NEW), ("edit", WORDINGS[0]), ("edit", NEW), ("approve", ""), ("edit", WORDINGS[0])])
@example([("approve", ""), ("english", ENGLISH[1]), ("english", ENGLISH[0]), ("fuzzy", ""), ("delete", "")])
def test_whatever_is_done_the_newest_approved_wording_is_heard(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    prompts, model = Prompts.copied_to(tmp_path_factory.mktemp("site")), Model()
    prompts.keep_only(*FIRST)
    for what, words in steps:
        take(prompts, model, what, words)
        loaded, expected = prompts.load(), model.heard()
        assert loaded.said("fi", DANGER) == (expected or "")
        assert (loaded.content is not None) == (expected is not None)
        if loaded.content:
            assert loaded.content.catalogue.utter(DANGER, "fi", {}).text == expected


def take(prompts: Prompts, model: Model, what: str, words: str) -> None:
    """One step, in the files and in the model."""
    match what:
        case "edit":
            rewrite(prompts, words, model.english, fuzzy=False)
            model.text, model.translated_from, model.fuzzy = words, model.english, False
        case "english":
            for name in ("prompts.pot", "sv.po"):  # Swedish is translated at once: only Finnish lags behind
                entry = prompts.entry(name, DANGER)
                prompts.edit(name, entry, re.sub('msgid ".*"', f'msgid "{words}"', entry))
            model.english = words
        case "fuzzy":
            rewrite(prompts, model.text, model.translated_from, fuzzy=True)
            model.fuzzy = True
        case "approve" if model.fresh:
            prompts.approve("fi", DANGER)
            model.approved = (model.text, model.english)
        case "delete":
            prompts.path(FILE).unlink(missing_ok=True)
            model.approved = None
        case "forge" if model.approved:
            prompts.write(FILE, re.sub('(?m)^  wording: ".*"', '  wording: "Soita kotiin."', prompts.read(FILE)))
            model.approved = None


def rewrite(prompts: Prompts, text: str, english: str, *, fuzzy: bool) -> None:
    """The entry of the sentence, as a translator leaves it."""
    written = re.sub(rf'(?m)^#, fuzzy\n(?=msgctxt "{DANGER}")', "", prompts.read("fi.po"))
    prompts.write("fi.po", written)
    mark = "#, fuzzy\n" if fuzzy else ""
    new = f'{mark}msgctxt "{DANGER}"\nmsgid "{english}"\nmsgstr "{text}"\n'
    prompts.edit("fi.po", prompts.entry("fi.po", DANGER), new)


@pytest.mark.parametrize(("language", "signed"), [("fi", True), ("so", False)])
def test_what_is_said_before_the_choice_alone_is_signed_in_those_languages_alone(
    tmp_path: Path, language: str, *, signed: bool
) -> None:
    """Nobody can hear it in another language, so nobody could approve how it sounds."""
    prompts = Prompts.copied_to(tmp_path / "with", "so")
    texts = prompts.load().texts
    assert texts
    assert ("safety.on_call_again.wait" in texts.safety(language)) == signed
    assert "safety.last_words" in texts.safety(language), "said after the choice too"
    prompts.edit("flow.yaml", "say: [safety.goodbye, goodbye.again]", "say: [safety.on_call_again.wait, goodbye.again]")
    changed = prompts.load().texts
    assert changed
    assert "safety.on_call_again.wait" in changed.safety(language)


def test_what_is_recorded_next_is_the_text_as_it_is_written(tmp_path: Path) -> None:
    """Callers hear the words approved last; a volunteer must read the new ones, else nobody could ever approve them."""
    prompts = Prompts.copied_to(tmp_path / "with", "so")
    old = prompts.load()
    assert old.content
    assert old.as_written is old.content
    prompts.approve("so", DANGER)
    prompts.translate("so.po", DANGER, "Haddii khatar jirto, wac kow kow laba.")
    loaded = prompts.load()
    assert loaded.content
    assert loaded.as_written
    assert loaded.content.catalogue.texts["so"][DANGER] == old.content.catalogue.texts["so"][DANGER]
    assert loaded.as_written.catalogue.texts["so"][DANGER] == "Haddii khatar jirto, wac kow kow laba."
