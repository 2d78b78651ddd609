"""A page that the office adds in three languages leaves all ten on the line, by the real files, `load` and `step`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from ivr.commands import main
from ivr.content.load import Loaded
from ivr.core.call import CallState, KeyPressed
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.issue import Issue
from ivr.proof.prove import settle
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts

DAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Europe/Helsinki"))
OTHERS = frozenset({"ar", "ckb", "fa", "ru", "so", "sw", "uk"})
TEXTS = {
    "opening_hours.parking": {
        "en": "For parking, press {key}.",
        "fi": "Pysäköinti: paina {key}.",
        "sv": "Parkering: tryck {key}.",
    },
    "parking.where": {
        "en": "You can park by the door.",
        "fi": "Voit pysäköidä oven eteen.",
        "sv": "Du kan parkera vid dörren.",
    },
}
LAST_OPTION = '      "4": {to: urgent_number, say: opening_hours.urgent}\n'
PAGE = "\n  parking:\n    kind: page\n    optional: true\n    say: [parking.where]\n    up: opening_hours\n"
MENU, KEY = "opening_hours", "5"


def add_page(prompts: Prompts) -> None:
    """One option and one page, with texts in the languages that speak first only."""
    prompts.edit("flow.yaml", LAST_OPTION, f'{LAST_OPTION}      "{KEY}": {{to: parking, say: opening_hours.parking}}\n')
    prompts.write("flow.yaml", prompts.read("flow.yaml") + PAGE)
    for id_, by_language in TEXTS.items():
        for name, translation in (("prompts.pot", ""), ("fi.po", by_language["fi"]), ("sv.po", by_language["sv"])):
            entry = f'\nmsgctxt "{id_}"\nmsgid "{by_language["en"]}"\nmsgstr "{translation}"\n'
            prompts.write(name, prompts.read(name) + entry)


@pytest.fixture
def ten(tmp_path: Path) -> Prompts:
    """All ten languages, and the new page."""
    prompts = Prompts.copied_to(tmp_path)
    add_page(prompts)
    return prompts


@pytest.fixture
def four(tmp_path: Path) -> Prompts:
    """Arabic and those that speak first; nothing is wrong yet."""
    return Prompts.copied_to(tmp_path, "ar")


def content_of(loaded: Loaded) -> Content:
    assert loaded.content, "\n".join(map(str, loaded.issues))
    return loaded.content


def faults(loaded: Loaded) -> list[Issue]:
    return [issue for issue in loaded.issues if issue.severity != "note"]


def offers(content: Content, language: str, prompt: str, menu: str = MENU) -> bool:
    """Whether a menu says an option in a language."""
    return any(said.prompt == prompt for said in step(content, CallState(menu, language), KeyPressed("9"), DAY).plays)


def leads_to(content: Content, language: str, key: str, menu: str = MENU) -> str:
    """The node to which a key leads, or the exit of a wrong key."""
    done = step(content, CallState(menu, language), KeyPressed(key), DAY)
    return done.state.node if done.exit == key else done.exit


# --- three of ten languages have the page ---------------------------------------------------------------------------


def test_ten_languages_stay_and_only_three_have_the_page(ten: Prompts) -> None:
    content = content_of(ten.load())
    assert content.offered == {*FIRST, *OTHERS}
    assert content.left_out == {("parking", code) for code in OTHERS}
    for code in content.offered:
        has_it = code in FIRST
        assert offers(content, code, "opening_hours.parking") is has_it
        assert leads_to(content, code, KEY) == ("parking" if has_it else "nomatch")
        assert leads_to(content, code, "4") == "urgent_number"
        assert offers(content, code, "opening_hours.urgent")


def test_every_rule_holds_with_it(ten: Prompts) -> None:
    settled = settle(content_of(ten.load()), TODAY, None, "walk", "flow", "text")
    assert [proof for proof in settled.proofs if not proof.holds] == []
    assert "7 languages lack a page" in next(proof.detail for proof in settled.proofs if proof.rule == "K3")


def test_check_names_file_line_page_and_language_and_fails(ten: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_SITE", str(ten.folder))
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if ": incomplete: " in line]
    assert len(told) == len(OTHERS) * len(TEXTS)
    line = ten.line("so.po", 'msgctxt "time_until.2000"')
    expected = f"{ten.folder}/so.po:{line}: incomplete: 'parking.where' has no text in so; so is offered without the"
    assert any(each == f"{expected} page 'parking'. Translate it." for each in told)
    assert "broken" not in result.output.partition("walked")[0]


def test_update_asks_for_the_page_and_its_translation_brings_it(ten: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_SITE", str(ten.folder))
    asked = CliRunner().invoke(main, ["texts", "update", "so"])
    assert "2 new (opening_hours.parking, parking.where)" in asked.output
    ten.translate("so.po", "opening_hours.parking", "Baarkin: riix {key}.")
    assert not offers(content_of(ten.load()), "so", "opening_hours.parking")
    ten.translate("so.po", "parking.where", "Waxaad baabuurka dhigan kartaa albaabka hortiisa.")
    content = content_of(ten.load())
    assert ("parking", "so") not in content.left_out
    assert leads_to(content, "so", KEY) == "parking"


def test_without_optional_the_same_page_takes_seven_languages_off_the_line(ten: Prompts) -> None:
    ten.edit("flow.yaml", "    optional: true\n    say: [parking.where]", "    say: [parking.where]")
    content = content_of(ten.load())
    assert content.offered == {*FIRST}
    assert content.left_out == frozenset()


# --- whatever is wrong with a text costs the page only --------------------------------------------------------------

SERVICES = "information.services"


def cut(prompts: Prompts, language: str, prompt: str) -> None:
    """Cut out an entry with the comments above it."""
    blocks = prompts.read(f"{language}.po").split("\n\n")
    kept = [block for block in blocks if f'msgctxt "{prompt}"\n' not in block]
    assert len(kept) == len(blocks) - 1
    prompts.write(f"{language}.po", "\n\n".join(kept))


def cut_the_option(prompts: Prompts, language: str) -> None:
    cut(prompts, language, SERVICES)


def cut_a_sentence(prompts: Prompts, language: str) -> None:
    cut(prompts, language, "services.child")


def cut_the_slot(prompts: Prompts, language: str) -> None:
    prompts.translate(f"{language}.po", SERVICES, "ا." if language == "ar" else "Abc.")


def write_digits(prompts: Prompts, language: str) -> None:
    entry = prompts.entry(f"{language}.po", "services.child")
    prompts.edit(f"{language}.po", entry, entry.replace('msgstr "', 'msgstr "112 '))


@pytest.mark.parametrize("language", ["ar", "fi", "sv"])
@pytest.mark.parametrize("spoil", [cut_the_option, cut_a_sentence, cut_the_slot, write_digits])
def test_a_wrong_text_of_a_page_costs_the_page_in_its_language(four: Prompts, spoil: object, language: str) -> None:
    assert callable(spoil)
    spoil(four, language)
    loaded = four.load()
    assert content_of(loaded).offered == {*FIRST, "ar"}
    assert content_of(loaded).left_out == {("services", language)}
    assert {(issue.severity, issue.file, issue.language) for issue in faults(loaded)} == {
        ("incomplete", f"prompts/{language}.po", None)
    }
    assert all(f"{language} is offered without the page 'services'" in issue.message for issue in faults(loaded))
    assert all(issue.line > 1 for issue in faults(loaded))


@pytest.mark.parametrize("language", ["ar", "fi"])
def test_a_stale_safety_sentence_of_a_page_costs_the_page(four: Prompts, language: str) -> None:
    four.edit("flow.yaml", "services.child]", "services.child, safety.fire]")
    for name, translation in (("prompts.pot", ""), ("fi.po", "Palaako? Poistu."), ("sv.po", "Brinner det? Gå ut.")):
        entry = f'\nmsgctxt "safety.fire"\nmsgid "Fire? Go out."\nmsgstr "{translation}"\n'
        four.write(name, four.read(name) + entry)
    arabic = '\nmsgctxt "safety.fire"\nmsgid "Fire? Go out."\nmsgstr "حريق؟ اخرجوا."\n'
    four.write("ar.po", four.read("ar.po") + arabic)
    assert content_of(four.load()).left_out == frozenset()
    four.mark_fuzzy(f"{language}.po", "safety.fire")
    content = content_of(four.load())
    assert content.offered == {*FIRST, "ar"}
    assert content.left_out == {("services", language)}


def test_a_stale_text_that_is_no_safety_sentence_is_still_said(four: Prompts) -> None:
    four.mark_fuzzy("ar.po", "services.child")
    loaded = four.load()
    assert faults(loaded) == []
    assert content_of(loaded).left_out == frozenset()


def test_two_languages_that_lack_the_same_page_have_the_same_gap(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path, "ar", "so")
    for code in ("ar", "so"):
        cut_a_sentence(prompts, code)
    content = content_of(prompts.load())
    assert content.left_out == {("services", "ar"), ("services", "so")}
    options = [[*content.options("information", code)] for code in ("ar", "so", "fi")]
    assert options == [["1", "2", "3", "4"], ["1", "2", "3", "4"], ["1", "2", "3", "4", "5"]]


def test_the_english_source_of_a_page_must_be_there(four: Prompts) -> None:
    four.cut("prompts.pot", "services.child")
    assert four.only_broken().message == "there is no text 'services.child'"


def test_the_english_source_of_a_page_must_be_right(four: Prompts) -> None:
    four.reword("services.child", "There are 2 services.")
    assert {(issue.file, issue.message) for issue in four.broken()} == {
        ("prompts/prompts.pot", "'services.child' has digits")
    }


def test_a_text_that_is_said_elsewhere_too_is_needed_as_ever(four: Prompts) -> None:
    """The page of services says a sentence that the page of health says as well, which is not optional."""
    four.edit("flow.yaml", "services.child]", "services.child, health.urgent]")
    cut(four, "ar", "health.urgent")
    loaded = four.load()
    assert content_of(loaded).offered == {*FIRST}
    assert content_of(loaded).left_out == frozenset()


def test_a_text_that_two_optional_pages_say_costs_both(four: Prompts) -> None:
    four.edit("flow.yaml", "newcomers.aim]", "newcomers.aim, services.child]")
    cut_a_sentence(four, "ar")
    loaded = four.load()
    assert content_of(loaded).left_out == {("newcomers", "ar"), ("services", "ar")}
    assert [issue.message for issue in faults(loaded)] == [
        "'services.child' has no text in ar; ar is offered without the page 'newcomers' and 'services'"
    ]


def test_a_language_that_is_not_offered_for_another_reason_is_not_said_to_be(four: Prompts) -> None:
    cut_a_sentence(four, "ar")
    cut(four, "ar", "safety.goodbye")
    loaded = four.load()
    assert content_of(loaded).offered == {*FIRST}
    assert {(issue.message, issue.language) for issue in faults(loaded)} == {
        ("'services.child' has no text in ar", "ar"),
        ("'safety.goodbye' has no text in ar", "ar"),
    }
    assert content_of(loaded).left_out == {("services", "ar")}, "for a call that is under way"
