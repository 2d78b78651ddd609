"""What is wrong with texts: missing, with other slots, with digits, or of another sentence than today's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ivr.content.checks.texts import check_texts, lapsed_exceptions, required_ids
from ivr.content.po import read_po
from ivr.content.texts import Text, Texts
from ivr.core.content import Content
from ivr.core.flow import Flow
from ivr.core.issue import Issue, Severity
from ivr.core.languages import Language, Voice
from ivr.core.office import Office
from tests.content.conftest import FIRST, REAL, Prompts

GERMAN = Language(
    digit="4",
    name="Deutsch",
    locale="de-DE",
    characters_per_second=14,
    voices={"provider": Voice(voice="Polly.Vicki-Neural")},
)


def entries(name: str) -> dict[str, Text]:
    file, issues = read_po(REAL / name, f"prompts/{name}")
    assert file, issues
    return dict(file.texts)


FI, SV, SOURCE = entries("fi.po"), entries("sv.po"), entries("prompts.pot")


@pytest.fixture
def texts(content: Content) -> Texts:
    return Texts(content.flow, content.office, content.languages, SOURCE, {"fi": FI, "sv": SV})


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    return Prompts.copied_to(tmp_path, *FIRST)


def with_source(texts: Texts, **sources: str) -> Texts:
    """Other sources, translated as they stand; names have `__` for a dot."""
    changed = {name.replace("__", "."): text for name, text in sources.items()}
    return replace(
        texts,
        sources={**SOURCE, **{id_: Text(text, "") for id_, text in changed.items()}},
        translations={
            language: {**of, **{id_: Text(text, text) for id_, text in changed.items()}}
            for language, of in texts.translations.items()
        },
    )


def with_text(texts: Texts, language: str, prompt: str, change: Callable[[Text], Text]) -> Texts:
    of = texts.translations[language]
    return replace(texts, translations={**texts.translations, language: {**of, prompt: change(of[prompt])}})


def said(words: str) -> Callable[[Text], Text]:
    return lambda text: replace(text, translation=words)


def without(texts: Texts, language: str, prompt: str) -> Texts:
    of = {id_: text for id_, text in texts.translations[language].items() if id_ != prompt}
    return replace(texts, translations={**texts.translations, language: of})


def only(issues: list[Issue], severity: Severity, file: str, where: str) -> Issue:
    assert len(issues) == 1, "\n".join(map(str, issues))
    issue = issues[0]
    assert (issue.severity, issue.file, issue.where[0]) == (severity, file, where)
    assert issue.remedy
    return issue


def test_the_real_texts_have_no_fault(texts: Texts) -> None:
    assert check_texts(texts) == []


# --- missing --------------------------------------------------------------------------------------------------------


DATED = ["hours.phone.opens_on", "hours.walk_in.opens_on", "hours.door.opens_on"]
DATED += [f"date.{day}" for day in range(1, 32)] + [f"month.{month}" for month in range(1, 13)]
"""What says on which date a long closure ends."""


@pytest.mark.parametrize(
    ("language", "prompt"), [(code, id_) for code, of in (("fi", FI), ("sv", SV)) for id_ in of if id_ not in DATED]
)
def test_no_text_of_a_language_that_speaks_first_can_be_left_out(texts: Texts, language: str, prompt: str) -> None:
    issue = only(check_texts(without(texts, language, prompt)), "broken", f"prompts/{language}.po", prompt)
    assert issue.message == f"'{prompt}' has no text in {language}"


@pytest.mark.parametrize("language", ["fi", "sv", "de"])
@pytest.mark.parametrize("prompt", DATED)
def test_the_date_of_an_opening_can_be_left_out_of_any_language(german: Texts, language: str, prompt: str) -> None:
    assert check_texts(without(german, language, prompt)) == []


def test_the_date_of_an_opening_can_be_left_out_of_the_source_too(texts: Texts) -> None:
    less = replace(
        texts,
        sources={id_: text for id_, text in SOURCE.items() if id_ not in DATED},
        translations={code: {i: t for i, t in of.items() if i not in DATED} for code, of in texts.translations.items()},
    )
    assert check_texts(less) == []


def test_translators_are_asked_for_what_may_be_left_out(texts: Texts) -> None:
    assert texts.dispensable == {*DATED}
    assert {*texts.wanted("sv")} - {*texts.needed("sv")} == {*DATED}


@pytest.mark.parametrize("prompt", ["hours.phone.week_2", "hours.walk_in.week_2.plain"])
def test_both_sentences_of_a_week_are_needed_whatever_the_hours_are_now(texts: Texts, prompt: str) -> None:
    assert len(texts.office.schedules["phone"].monday_to_friday or ()) == 1
    only(check_texts(without(texts, "fi", prompt)), "broken", "prompts/fi.po", prompt)
    less = replace(texts, sources={id_: text for id_, text in SOURCE.items() if id_ != prompt})
    assert f"there is no text '{prompt}'" in [issue.message for issue in check_texts(less)]


@pytest.mark.parametrize(
    ("language", "prompt"),
    [("fi", "safety.opening"), ("fi", "staff.press"), ("fi", "time_until.2000"), ("sv", "safety.danger")],
)
def test_a_text_that_was_cut_out_is_missed_where_it_stood(prompts: Prompts, language: str, prompt: str) -> None:
    file = f"{language}.po"
    texts_before = list(entries(file))
    position = texts_before.index(prompt)
    prompts.cut(file, prompt)
    issue = prompts.only_issue()
    assert (issue.severity, issue.file) == ("broken", f"prompts/{file}")
    assert issue.message == f"'{prompt}' has no text in {language}"
    before = f'msgctxt "{texts_before[position - 1]}"'
    assert issue.line == (prompts.line(file, before) if position else 1)


def test_a_translation_that_is_empty_is_missing_on_the_line_of_its_entry(prompts: Prompts) -> None:
    prompts.translate("sv.po", "safety.goodbye", "")
    issue = prompts.only_issue()
    assert (issue.severity, issue.line) == ("broken", prompts.line("sv.po", '"safety.goodbye"'))


def test_blanks_are_no_text(texts: Texts) -> None:
    only(check_texts(with_text(texts, "sv", "today", said("  "))), "broken", "prompts/sv.po", "today")


def test_a_prompt_that_the_flow_says_must_be_in_the_source(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "say: [now: phone]\n    options: &", "say: [now: phone, main.pres]\n    options: &")
    issue = prompts.only_issue()
    assert (issue.severity, issue.file) == ("broken", "prompts/flow.yaml")
    assert issue.line == prompts.line("flow.yaml", "main.pres]")
    assert issue.message == "there is no text 'main.pres'"


def test_a_text_that_the_program_says_must_be_in_the_source(texts: Texts) -> None:
    less = replace(texts, sources={id_: text for id_, text in SOURCE.items() if id_ != "last_words.number"})
    broken = [issue for issue in check_texts(less) if issue.severity == "broken"]
    assert [issue.message for issue in broken] == ["there is no text 'last_words.number'"]


def test_a_source_without_words_is_no_text(texts: Texts) -> None:
    empty = replace(texts, sources={**SOURCE, "today": Text("", "")})
    broken = [issue for issue in check_texts(empty) if issue.severity == "broken"]
    assert [issue.message for issue in broken] == ["there is no text 'today'"]


def test_only_the_staff_language_needs_what_the_staff_hears(texts: Texts) -> None:
    only_staff = {id_ for id_ in FI if id_.startswith(("staff.", "language."))}
    assert only_staff
    assert not only_staff & set(SV)
    assert not any(texts.needs("sv", id_) for id_ in only_staff)
    assert all(texts.needs("fi", id_) for id_ in only_staff)


def test_a_node_that_speaks_another_language_than_the_staff_needs_its_words_in_that_language(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "language: fi", "language: sv")
    issue = prompts.only_issue()
    assert (issue.severity, issue.file) == ("broken", "prompts/sv.po")
    assert issue.message == "'staff.own_contact' has no text in sv"


def test_a_language_that_112_speaks_needs_no_advice_about_languages(texts: Texts) -> None:
    for prompt in ("safety.languages_of_112", "calling.say_language", "language_in_finnish"):
        assert not texts.needs("fi", prompt)
        assert texts.needs("de", prompt)


def test_a_text_that_one_node_says_in_every_language_is_needed_in_every_language(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "unless_staff_speak_it: safety.languages_of_112,", "safety.languages_of_112,")
    assert [(issue.file, issue.message) for issue in prompts.broken()] == [
        ("prompts/fi.po", "'safety.languages_of_112' has no text in fi"),
        ("prompts/sv.po", "'safety.languages_of_112' has no text in sv"),
    ]


# --- slots ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prompt", "words", "wanted"),
    [
        ("main.person", "Ihminen: yksi.", "{key}"),
        ("main.person", "Ihminen: {kye}.", "{key}"),
        ("main.person", "Ihminen: {key} {key}.", "{key}"),
        ("main.person", "Ihminen: {key.", "{key}"),
        ("main.person", "Ihminen: {Key}.", "{key}"),
        ("main.person", "Ihminen: { key }.", "{key}"),
        ("main.person", "Ihminen: {key} {}.", "{key}"),
        ("nobody_free.sorry", "Paina {key}.", "no slot"),
        ("hours.phone.opens", "Puhelin aukeaa {phone_day}.", "{phone_day}, {phone_time}"),
        ("hours.phone.opens", "Puhelin aukeaa {phone_day} {door_time}.", "{phone_day}, {phone_time}"),
    ],
)
def test_a_translation_has_the_slots_of_its_source(texts: Texts, prompt: str, words: str, wanted: str) -> None:
    issue = only(check_texts(with_text(texts, "fi", prompt, said(words))), "broken", "prompts/fi.po", prompt)
    assert issue.message == f"'{prompt}' must have {wanted}, as its source has"


def test_slots_may_stand_in_another_order(texts: Texts) -> None:
    turned = said("{phone_time} {phone_day} aukeaa puhelimemme.")
    assert check_texts(with_text(texts, "fi", "hours.phone.opens", turned)) == []


def test_a_slot_that_nothing_knows_is_found_in_the_source(texts: Texts) -> None:
    issues = check_texts(with_source(texts, nobody_free__sorry="Press {a_key}."))
    assert only(issues, "broken", "prompts/prompts.pot", "nobody_free.sorry").message == (
        "'nobody_free.sorry' has an unknown slot {a_key}"
    )


@pytest.mark.parametrize(
    ("prompt", "words", "slot"),
    [
        ("nobody_free.sorry", "Press {key}.", "{key}"),
        ("main.person", "A person: {digit}.", "{digit}"),
        ("choose_language.choice", "English: {key}.", "{key}"),
        ("hours.phone.open", "Open {phone_time}.", "{phone_time}"),
        ("hours.phone.opens.plain", "Closed until {phone_time}.", "{phone_time}"),
        ("hours.door.week", "Open {door_week_from_2}.", "{door_week_from_2}"),
        ("staff.press", "Press. {language}.", "{language}"),
        ("time_at.0900", "at {key}", "{key}"),
    ],
)
def test_a_slot_that_nothing_fills_there_is_found_before_a_caller_finds_it(
    texts: Texts, prompt: str, words: str, slot: str
) -> None:
    issues = check_texts(with_source(texts, **{prompt.replace(".", "__"): words}))
    issue = next(issue for issue in issues if issue.severity == "broken")
    assert (issue.file, issue.where) == ("prompts/prompts.pot", (prompt,))
    assert issue.message == f"nothing fills {slot} where '{prompt}' is said"


def test_an_option_that_is_also_said_outside_a_menu_has_no_key_to_name(prompts: Prompts) -> None:
    prompts.edit("flow.yaml", "say: [nobody_free.sorry]", "say: [nobody_free.sorry, main.person]")
    issue = prompts.only_issue()
    assert issue.line == prompts.line("prompts.pot", '"main.person"')
    assert issue.message == "nothing fills {key} where 'main.person' is said"


# --- digits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Soita 112.", "Soita １１２.", "Soita ٢."])
def test_digits_are_written_as_words(texts: Texts, words: str) -> None:
    issues = check_texts(with_text(texts, "fi", "safety.goodbye", said(words)))
    issue = only(issues, "broken", "prompts/fi.po", "safety.goodbye")
    assert (issue.message, issue.remedy) == ("'safety.goodbye' has digits", "Write them as words")


def test_digits_of_the_source_are_found_as_well(texts: Texts) -> None:
    sources = {**SOURCE, "safety.goodbye": Text("Call 112.", "")}
    broken = [issue for issue in check_texts(replace(texts, sources=sources)) if "digits" in issue.message]
    assert only(broken, "broken", "prompts/prompts.pot", "safety.goodbye").language == "en"


def test_a_digit_in_the_name_of_a_slot_is_no_digit(texts: Texts) -> None:
    assert "{door_week_from_2}" in FI["hours.door.week_2"].translation
    assert check_texts(texts) == []


# --- stale ----------------------------------------------------------------------------------------------------------

STALE = {
    "fuzzy": lambda text: replace(text, fuzzy=True),
    "of another source": lambda text: replace(text, source="What it once was."),
}


@pytest.mark.parametrize("change", STALE.values(), ids=STALE)
@pytest.mark.parametrize("language", ["fi", "sv"])
@pytest.mark.parametrize(("prompt", "severity"), [("nobody_free.sorry", "note"), ("safety.danger", "broken")])
def test_a_stale_text_is_told_and_a_stale_safety_sentence_is_never_spoken(
    texts: Texts, language: str, prompt: str, severity: Severity, change: Callable[[Text], Text]
) -> None:
    issues = check_texts(with_text(texts, language, prompt, change))
    issue = only(issues, severity, f"prompts/{language}.po", prompt)
    assert issue.message == f"'{prompt}' was translated from another sentence"
    assert issue.remedy == "Translate the new English sentence, and remove the fuzzy mark"


def test_a_stale_text_is_found_on_its_line(prompts: Prompts) -> None:
    prompts.mark_fuzzy("fi.po", "nobody_free.sorry")
    prompts.reword("safety.opening", "An emergency? One one two.")
    assert prompts.load().content is None
    assert [(issue.severity, issue.file, issue.line) for issue in prompts.issues()] == [
        ("broken", "prompts/fi.po", prompts.line("fi.po", '"safety.opening"')),
        ("broken", "prompts/sv.po", prompts.line("sv.po", '"safety.opening"')),
        ("note", "prompts/fi.po", prompts.line("fi.po", '"nobody_free.sorry"')),
    ]


# --- clutter --------------------------------------------------------------------------------------------------------


def test_a_source_that_nothing_says_is_a_note(texts: Texts) -> None:
    issues = check_texts(with_source(texts, main__old="Once upon a time."))
    issue = only(issues, "note", "prompts/prompts.pot", "main.old")
    assert issue.message == "nothing ever says 'main.old'"


def test_a_translation_without_a_source_is_a_note(texts: Texts) -> None:
    more = {**texts.translations, "sv": {**SV, "main.old": Text("Old.", "Gammal.")}}
    issue = only(check_texts(replace(texts, translations=more)), "note", "prompts/sv.po", "main.old")
    assert issue.message == "'main.old' has no source"


# --- times ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("time", ["09:15", "06:30", "20:30"])
def test_an_hour_that_no_language_can_say_is_found_where_the_office_wrote_it(prompts: Prompts, time: str) -> None:
    old, new = ("09:00-15:00", f"{time}-21:00") if time < "09:00" else ("09:00-15:00", f"09:00-{time}")
    prompts.edit("office.yaml", f'phone:   {{mon-fri: "{old}"}}', f'phone:   {{mon-fri: "{new}"}}')
    told = {issue.message for issue in prompts.broken()}
    assert f"no language has words for {time}" in told
    assert {(issue.file, issue.line) for issue in prompts.broken()} == {
        ("prompts/office.yaml", prompts.line("office.yaml", "phone:   "))
    }
    assert {issue.remedy for issue in prompts.broken()} == {"Use a half hour between 07:00 and 20:00"}


@pytest.mark.parametrize("hours", ["07:00-20:00", "07:30-19:30"])
def test_every_half_hour_from_seven_to_eight_can_be_said(prompts: Prompts, hours: str) -> None:
    prompts.edit("office.yaml", 'phone:   {mon-fri: "09:00-15:00"}', f'phone:   {{mon-fri: "{hours}"}}')
    issues = prompts.issues()
    # Where a sentence becomes too long for a language, it is said there without its times (rule O4).
    assert [
        issue for issue in issues if issue.severity != "note" or "is said without its times" not in issue.message
    ] == []


def test_a_time_of_an_exception_is_found_at_the_exception(prompts: Prompts) -> None:
    prompts.edit(
        "office.yaml",
        "exceptions: []",
        'exceptions:\n  - date: 2026-12-31\n    why: New Year\n    hours: {all: "09:00-12:10"}',
    )
    issue = prompts.only_issue()
    assert (issue.severity, issue.line) == ("broken", prompts.line("office.yaml", "12:10"))
    assert issue.message == "no language has words for 12:10"


@pytest.mark.parametrize(("day", "told"), [("2026-11-23", True), ("2026-11-24", False), ("2026-12-31", False)])
def test_an_exception_that_is_past_is_a_note(content: Content, day: str, told: bool) -> None:
    office = Office.model_validate(
        {
            "zone": "Europe/Helsinki",
            "country": "FI",
            "hours": {"phone": {}},
            "contacts": {"on_call": {"number": "0400 1"}, "social_instructor": {}},
            "exceptions": [{"date": day, "hours": {"all": "closed"}}],
        }
    )
    issues = lapsed_exceptions(office, date(2026, 11, 24))
    assert [(issue.severity, issue.message) for issue in issues] == ([("note", f"{day} is past")] if told else [])


# --- a language that does not speak before the choice ---------------------------------------------------------------


@pytest.fixture
def german(texts: Texts) -> Texts:
    """The same with German, translated as it stands."""
    languages = texts.languages.model_copy(update={"languages": {**texts.languages.languages, "de": GERMAN}})
    more = with_source(replace(texts, languages=languages), language__de="German")
    needed = {id_: Text(text.source, text.source) for id_, text in more.sources.items() if more.wants("de", id_)}
    sv = {id_: text for id_, text in more.translations["sv"].items() if id_ != "language.de"}
    return replace(more, translations={**more.translations, "sv": sv, "de": needed})


def test_a_further_language_can_be_whole(german: Texts) -> None:
    assert check_texts(german) == []


@pytest.mark.parametrize(
    ("prompt", "change"),
    [
        ("nobody_free.sorry", said("")),
        ("main.person", said("Ein Mensch.")),
        ("safety.goodbye", said("In Gefahr: 112.")),
        ("safety.danger", STALE["fuzzy"]),
        ("language_in_finnish", said("")),
    ],
)
def test_whatever_is_wrong_in_a_further_language_costs_only_that_language(
    german: Texts, prompt: str, change: Callable[[Text], Text]
) -> None:
    issue = only(check_texts(with_text(german, "de", prompt, change)), "incomplete", "prompts/de.po", prompt)
    assert issue.language == "de"


def test_a_stale_ordinary_text_costs_no_language(german: Texts) -> None:
    issue = only(
        check_texts(with_text(german, "de", "nobody_free.sorry", STALE["fuzzy"])),
        "note",
        "prompts/de.po",
        "nobody_free.sorry",
    )
    assert issue.language is None


def test_the_line_does_not_start_without_the_language_of_the_staff(german: Texts) -> None:
    staff = replace(german, languages=german.languages.model_copy(update={"staff": "de"}))
    missed = [issue for issue in check_texts(staff) if issue.where[0] == "staff.press"]
    assert only(missed, "broken", "prompts/de.po", "staff.press").language == "de"


def test_the_staff_must_be_told_the_name_of_every_language(texts: Texts) -> None:
    languages = texts.languages.model_copy(update={"languages": {**texts.languages.languages, "de": GERMAN}})
    issue = only(check_texts(replace(texts, languages=languages)), "broken", "prompts/prompts.pot", "language.de")
    assert issue.message == "there is no text 'language.de'"


def test_hours_that_the_office_does_not_have_need_no_text(content: Content) -> None:
    needed = required_ids(lunch_time(content.flow), content.office, content.languages)
    assert not any("lunch" in id_ for id_ in needed)


def lunch_time(flow: Flow) -> Flow:
    """A flow that speaks of hours that are not the office's."""
    written = flow.model_dump()
    written["nodes"]["walk_in"]["say"] = [{"now": "lunch"}, {"week": "lunch"}]
    return Flow.model_validate(written)


@pytest.mark.parametrize(
    "id_", ["Main.Press", "main press", "main+press", "main~press", "../press", "main.", ".main", ""]
)
def test_an_id_that_is_no_name_of_a_file_is_told(texts: Texts, id_: str) -> None:
    """Recordings are named by ids and what fills them, joined by `+`."""
    issues = check_texts(replace(texts, sources={**SOURCE, id_: Text("Once upon a time.", "")}))
    told = [issue for issue in issues if issue.where == (id_,) and issue.severity == "broken"]
    assert [issue.remedy for issue in told] == ["Write small letters, digits and _, with dots between"]


# --- English behind msgstr ------------------------------------------------------------------------------------------


def test_english_that_was_written_behind_msgstr_is_told_as_nobody_hears_it(prompts: Prompts) -> None:
    prompts.translate("prompts.pot", "welcome.office", "Social office of Lapland.")
    issue = prompts.only_issue()
    assert (issue.severity, issue.file) == ("note", "prompts/prompts.pot")
    assert issue.line == prompts.line("prompts.pot", 'msgctxt "welcome.office"')
    assert issue.message == "'welcome.office' has a text behind msgstr, which nobody hears"


def test_an_editor_that_copies_the_english_there_does_no_harm(prompts: Prompts) -> None:
    prompts.translate("prompts.pot", "welcome.office", "Social office of Kemi.")
    assert prompts.issues() == []
