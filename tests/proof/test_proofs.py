"""Every rule of what a caller may count on is proved once, and every proof can fail: broken contents for each rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from ivr.content.load import Loaded, load
from ivr.core.call import CallerGone, CallState, Dial, Event, NoInput, Step
from ivr.core.content import Content
from ivr.core.engine import step
from ivr.core.issue import Issue
from ivr.core.prompts import Catalogue
from ivr.proof import prove
from ivr.proof.evidence import Evidence
from ivr.proof.prove import Proved, load_and_prove, walk_all
from ivr.proof.registry import Proof, Rule, rules
from ivr.proof.report import as_text
from tests.conftest import ROOT, TODAY
from tests.content.conftest import FIRST, Prompts

untraced = pytest.mark.untraced
"""A walk for every broken content takes long enough without counting lines."""

ALL = list(rules())


def rules_of(proofs: Iterable[Proof]) -> list[str]:
    return [proof.rule for proof in proofs]


# --- every rule, once ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> Proved:
    """The real content, proved."""
    return load_and_prove(ROOT / "prompts", TODAY)


def test_the_rules_are_those_of_the_document() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert re.findall(r"^## ([A-Z]\d+)$", written, re.M) == ALL
    assert len(ALL) > 30


@untraced
def test_every_rule_is_proved_exactly_once(real: Proved) -> None:
    assert rules_of(real.proofs) == ALL


def test_every_rule_holds_for_the_real_content(real: Proved) -> None:
    assert [str(issue) for issue in real.issues if issue.severity != "note"] == []
    assert rules_of(proof for proof in real.proofs if not proof.holds) == []
    assert real.content


def test_every_rule_that_is_said_to_be_proved_here_is_made_to_fail_here(real: Proved) -> None:
    proved_here = {proof.rule for proof in real.proofs if proof.by in ("walk", "text", "flow")}
    assert proved_here == {rule for rule, *_ in BROKEN} | ONLY_IN_MEMORY


@pytest.mark.parametrize("rule", [rule for rule in rules().values() if rule.by == "test"], ids=lambda rule: rule.id)
def test_a_rule_proved_by_a_test_names_a_file_that_is_there(rule: Rule) -> None:
    path = ROOT / str(rule.shown_by)
    assert path.is_file()
    assert "def test_" in path.read_text(encoding="utf-8")


# --- the walk is made of steps of the line itself -----------------------------------------------------------------


def in_finnish(content: Content) -> Content:
    """The same with a third of the walk: every sentence is there, one language can be chosen."""
    return replace(content, offered=frozenset({"fi"}))


@untraced
def test_the_steps_that_are_told_are_the_calls_of_step(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = list[Step]()

    def counted(*arguments: Any) -> Step:
        taken.append(step(*arguments))
        return taken[-1]

    monkeypatch.setattr("ivr.proof.walk.step", counted)
    walked = walk_all(in_finnish(content), TODAY)
    assert len(taken) == walked.steps
    assert f"{walked.steps} steps" in as_text(Proved(content, (), (), walked))
    assert {id(transition.step) for transition in walked.transitions} <= set(map(id, taken))


def test_the_walk_rings_the_second_number_of_every_contact(real: Proved) -> None:
    assert real.walked
    dialled = (transition.step.action for transition in real.walked.transitions)
    rung = {(ring.contact, ring.number_index) for ring in dialled if isinstance(ring, Dial)}
    assert rung == {(contact, line) for contact in ("on_call", "social_instructor") for line in (0, 1)}


# --- every proof can fail -----------------------------------------------------------------------------------------

Break = Callable[[Prompts], None]
FLOW = "flow.yaml"


def flow(old: str, new: str) -> Break:
    return lambda prompts: prompts.edit(FLOW, old, new)


def finnish(prompt: str, text: str) -> Break:
    return lambda prompts: prompts.translate("fi.po", prompt, text)


def several(*breaks: Break) -> Break:
    def broken(prompts: Prompts) -> None:
        for breaks_one in breaks:
            breaks_one(prompts)

    return broken


def german(*edits: tuple[str, str, str]) -> Break:
    """With German, a language that neither the workers nor 112 speak, and edits of its files."""

    def broken(prompts: Prompts) -> None:
        prompts.add_german()
        for edit in edits:
            prompts.edit(*edit)

    return broken


def hours_without_a_key(prompts: Prompts) -> None:
    """In every language: else the slots of the source would be missed first."""
    prompts.reword("main.hours", "Opening hours.")
    for name, text in (("fi.po", "Aukioloajat."), ("sv.po", "Öppettider.")):
        prompts.translate(name, "main.hours", text)


def hours_with_another_key(prompts: Prompts) -> None:
    """In every language, as above: whoever wants the opening hours would be told to press nine."""
    prompts.reword("main.hours", "Opening hours: press {again_key}.")
    for name, text in (("fi.po", "Aukioloajat: paina {again_key}."), ("sv.po", "Öppettider: tryck {again_key}.")):
        prompts.translate(name, "main.hours", text)


NO_PRESS = '    press: ["paina {key}"]\n', ""
ONLY_THESE = "unless_staff_speak_it: safety.only_these_languages"
URGENT = """    announce: [on_call.calling]
    before_language: [calling.short]
    answered: after_talk
    unanswered: on_call_again
    up: front

  # Who"""


def a_twin_with_a_slot(prompts: Prompts) -> None:
    for language, word in (("fi", "Apua"), ("sv", "Hjälp")):
        prompts.translate(f"{language}.po", "hours.phone.open.plain", f"{word}: {{help_key}}.")
        entry = prompts.entry(f"{language}.po", "hours.phone.open.plain")
        source = prompts.entry("prompts.pot", "hours.phone.open.plain").partition("msgid ")[2].partition("\nmsgstr")[0]
        prompts.edit(f"{language}.po", entry, entry.replace(f"msgid {source}", 'msgid "{help_key}."'))
    prompts.reword("hours.phone.open.plain", "{help_key}.")


LAST_PAGE = """
  services:
    kind: page
    say: [services.for_whom, services.work, services.child]
    up: information
"""
"""The last node of the flow: a page of the information menu."""

BROKEN: list[tuple[str, str, Break]] = [
    ("K2", "after a talk 1 rings the urgent line by day", flow("person, say: after_t", "on_call, say: after_t")),
    ("K2", "1 leads to a menu", flow("person, say: after_talk", "information, say: after_talk")),
    ("K3", "a gap", flow('"1": {to: person, say: after', '"3": {to: door}, "1": {to: person, say: after')),
    (
        "K3",
        "digits differ by night",
        flow(
            "options: *main_options",
            'options: {"1": {to: person, say: main.person}, "2": {to: child, matter: child, say: main.child},'
            ' "3": {to: information, say: main.information}, "4": {to: opening_hours, say: main.hours}}',
        ),
    ),
    ("K4", "* leads nowhere", flow(LAST_PAGE, LAST_PAGE.replace("up: information", "up: services"))),
    ("K4", "* skips a level", flow(LAST_PAGE, LAST_PAGE.replace("up: information", "up: front"))),
    ("K4", "* leads deeper", flow("unanswered: nobody_free\n    up: front", "unanswered: nobody_free\n    up: door")),
    ("K5", "silence waits for ever", flow("    noinput: once_again", "    noinput: nobody_free")),
    (
        "K5",
        "silence is never more than asked again",
        flow(
            "exhausted: {to: person, matter: silent}\n    up: choose_language\n\n  main_closed",
            "exhausted: {to: front}\n    up: choose_language\n\n  main_closed",
        ),
    ),
    ("K6", "the choice is forgotten", flow("next: front\n\n  # --- main", "next: choose_language\n\n  # --- main")),
    (
        "K6",
        "a language behind 9, and 9 leads nowhere",
        german(("languages.yaml", 'digit: "4"', 'digit: "9-1"'), (FLOW, "    more: other_languages\n", "")),
    ),
    ("M1", "a long message", flow("[help_with.child, ", "[help_with.child, health.urgent, health.permit, ")),
    (
        "M1",
        "long options",
        finnish("information.services", "Muita palveluja on kovin monta. " * 5 + "Ne: paina {key}."),
    ),
    (
        "M1",
        "three levels",
        several(
            flow('      "4": {to: newcomers, say: information.newcomers}\n', ""),
            flow('"5": {to: services', '"4": {to: services'),
            flow(
                LAST_PAGE,
                LAST_PAGE + '    options: {"1": {to: person, say: main.person}, '
                '"2": {to: newcomers, say: information.newcomers}}\n',
            ),
        ),
    ),
    ("M2", "digit first", finnish("main.hours", "{key}: aukioloajat.")),
    ("M2", "a name and its digit", finnish("main.hours", "Aukioloajat: {key}.")),
    ("M2", "press, and then the name", finnish("main.hours", "Paina {key}: aukioloajat.")),
    ("M2", "press, and no name", finnish("main.hours", "Odota hetki. Paina {key}.")),
    ("M2", "a help key without its verb", finnish("main.help_now", "Apua nyt: {help_key}.")),
    ("M2", "a language that says no verb", finnish("choose_language.choice", "Suomi: {digit}.")),
    ("M2", "an option without its key", hours_without_a_key),
    ("M2", "an option with the key of another", hours_with_another_key),
    ("M2", "a digit in the name of an option", finnish("main.hours", "Aukioloajat yhdeksän: paina {key}.")),
    (
        "M2",
        "a main menu that does not say 0",
        flow(
            "[main.help_now, main_closed.wait]\n    reprompt: [main.calm",
            "[main_closed.wait]\n    reprompt: [main.calm",
        ),
    ),
    (
        "M2",
        "waiting is fine, and then more",
        flow(
            "reprompt: [main.calm, main.wait]\n    exhausted: {to: person, matter: guidance}",
            "reprompt: [main.wait, main.calm]\n    exhausted: {to: person, matter: guidance}",
        ),
    ),
    ("M2", "a language without 'press'", lambda prompts: prompts.edit("languages.yaml", *NO_PRESS)),
    (
        "M2",
        "waiting is fine, said twice",
        flow("[now: phone]\n    options: &", "[now: phone, main.wait]\n    options: &"),
    ),
    (
        "M3",
        "a failed try leads deeper",
        flow(
            "exhausted: {to: person, matter: silent}\n    up: choose_language\n\n  main_closed",
            "exhausted: {to: information}\n    up: choose_language\n\n  main_closed",
        ),
    ),
    (
        "M3",
        "a failed try ends the call",
        flow(
            "noinput: goodbye\n    exhausted: {to: person, matter: silent}",
            "noinput: goodbye\n    exhausted: {to: goodbye, matter: silent}",
        ),
    ),
    (
        "M4",
        "closed, and its last words do not say that waiting is fine",
        flow(
            "[main.help_now, main_closed.wait]\n    reprompt: [main.calm", "[main.help_now]\n    reprompt: [main.calm"
        ),
    ),
    ("M4", "closed, and silence is a failure", flow("    noinput: {to: on_call_by_waiting, matter: closed}\n", "")),
    (
        "M4",
        "closed, and the menu is long",
        flow(
            "closing: [main.help_now, main_closed.wait]\n    reprompt: [main.calm",
            "closing: [safety.danger, safety.free, safety.stay_with_112, main.help_now, main_closed.wait]\n"
            "    reprompt: [main.calm",
        ),
    ),
    (
        "M5",
        "a menu that says nothing",
        flow(
            f"{LAST_PAGE}    optional: true\n",
            """
  services:
    kind: menu
    say: []
    up: information
    options: {"1": {to: person, matter: guidance}}
    exhausted: {to: person, matter: guidance}
""",
        ),
    ),
    ("M6", "a page ends without hanging up", flow(LAST_PAGE, LAST_PAGE + "    closing: [main.again]\n")),
    ("F1", "not 112", flow("    say: [safety.opening]", "    say: [goodbye.again]")),
    (
        "F1",
        "a long opening",
        finnish("safety.opening", "Kemin sosiaalitoimisto. " * 6 + "Hätä? Soita yksi yksi kaksi."),
    ),
    ("F1", "a long name", finnish("choose_language.choice", "Suomen kieli, jota täällä puhutaan: paina {digit}.")),
    ("F2", "the machine before danger", flow("safety.danger, welcome.machine]", "welcome.machine, safety.danger]")),
    ("F2", "no danger", flow("    say: [safety.danger, welcome.machine]", "    say: [welcome.machine]")),
    ("F2", "hours not said", flow("[now: phone]\n    options: &", "[after_talk.ended]\n    options: &")),
    (
        "F3",
        "the language menu for ever",
        flow(
            "    chosen: welcome\n    exhausted: {to: person, matter: silent}\n\n  other",
            "    chosen: welcome\n    exhausted: {to: choose_language}\n\n  other",
        ),
    ),
    (
        "F3",
        "the second ask does not say that waiting is fine",
        flow(
            "    more: other_languages\n    reprompt: [main.wait]",
            "    more: other_languages\n    reprompt: [welcome.machine]",
        ),
    ),
    (
        "F3",
        "the second ask talks before it is fine to wait",
        flow(
            "other_languages\n    reprompt: [main.wait]", "other_languages\n    reprompt: [welcome.office, main.wait]"
        ),
    ),
    (
        "F3",
        "a long second ask",
        finnish("main.wait", "Tai odota. " + "Yhdistämme sinut ihmiselle, joka auttaa sinua. " * 9 + "Odota."),
    ),
    (
        "F3",
        "whoever waits at a number of a language is asked for the language",
        flow(
            "exhausted: {to: person, matter: silent}\n    up: choose_language\n\n  main_closed",
            "exhausted: {to: choose_language, matter: silent}\n    up: choose_language\n\n  main_closed",
        ),
    ),
    (
        "F4",
        "help is talked about first",
        flow(f"say: [{ONLY_THESE}]\n{URGENT}", f"say: [safety.stay_with_112, health.home, {ONLY_THESE}]\n{URGENT}"),
    ),
    ("F4", "help waits before the choice", finnish("calling.short", "Soitamme nyt apua, odota vielä. " * 2 + "Hetki.")),
    ("T1", "a long announcement", finnish("on_call.calling", "Soitamme kiireelliseen sosiaaliapuun. " * 2 + "Odota.")),
    (
        "T1",
        "a transfer that is not announced",
        flow(
            "announce: [instructor.calling]\n    before_language: [calling.short]\n"
            "    answered: after_talk\n    unanswered: nobody_free\n",
            "announce: []\n    before_language: [calling.short]\n"
            "    answered: after_talk\n    unanswered: nobody_free\n",
        ),
    ),
    ("T2", "a long whisper", finnish("staff.press", "Paina mitä tahansa numeroa. " * 3 + "Nyt.")),
    ("T3", "the phone opens, and the instructor is not rung", flow("    open: nobody_yet", "    open: last_words")),
    ("T4", "two rounds", flow("    rounds: 3", "    rounds: 2")),
    ("T4", "nobody answers, and the call ends", flow("unanswered: nobody_free\n", "unanswered: goodbye\n")),
    ("T4", "the number once", flow("last_words.number, number: on_call, number", "last_words.number, number")),
    ("T4", "not 112 first", flow("    say: [safety.last_words,", "    say: [on_call_again.sorry, safety.last_words,")),
    ("T4", "a round that does not ring", flow("    noinput: on_call_second", "    noinput: last_words")),
    ("T5", "after a talk the call goes on", flow("    noinput: goodbye\n", "")),
    ("T5", "after a talk 5 seconds", flow("[main.help_now, page.hang_up]", "[main.help_now, nobody_free.wait]")),
    ("T7", "our contact hears goodbye", flow("own_contact: own_contact", "own_contact: goodbye")),
    ("T7", "our contact is taken like anybody", flow("    say: [staff.own_contact]", "    say: []")),
    ("W1", "jargon", finnish("services.work", "Päivystys auttaa.")),
    ("W2", "a child waits", finnish("child.calling", "Soitamme nyt apua, odota vielä hetki. " * 5 + "Odota.")),
    ("W2", "no child is spoken to", flow("{to: child, matter: child, ", "{to: child, ")),
    ("W4", "a twin with a slot", a_twin_with_a_slot),
    (
        "W5",
        "a child is not told which languages 112 speaks",
        german((FLOW, f"    say: [{ONLY_THESE}]\n    announce: [child", "    announce: [child")),
    ),
    ("W5", "nor is who needs help", german((FLOW, f"    say: [{ONLY_THESE}]\n{URGENT}", URGENT))),
    (
        "W5",
        "nor are the last words",
        german(
            (FLOW, "[safety.last_words, unless_staff_speak_it: safety.languages_of_112,", "[safety.last_words,"),
            (FLOW, "[after_talk.ended]", "[after_talk.ended, unless_staff_speak_it: safety.languages_of_112]"),
        ),
    ),
]
"""Rule, what is broken, and how: each passes every check before the walk."""
ONLY_IN_MEMORY = {"K1", "T6", "W3"}
"""Of the content, K1 and W3 are guarded before the walk, and nothing in it can break T6."""


@pytest.fixture
def prompts(tmp_path: Path) -> Prompts:
    return Prompts.copied_to(tmp_path, *FIRST)


@pytest.fixture
def one_language(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walk one language only, German where there is one: a third of the time."""

    def narrowed(folder: Path, today: date, recordings: Path) -> Loaded:
        loaded = load(folder, today, recordings)
        if not loaded.content:
            return loaded
        offered = frozenset({"de"}) & loaded.content.offered or frozenset({"fi"})
        return replace(loaded, content=replace(loaded.content, offered=offered))

    monkeypatch.setattr(prove, "load", narrowed)


@untraced
@pytest.mark.usefixtures("one_language")
@pytest.mark.parametrize(
    ("rule", "breaks"), [(rule, breaks) for rule, _, breaks in BROKEN], ids=[f"{r}: {what}" for r, what, _ in BROKEN]
)
def test_its_proof_fails(rule: str, breaks: Break, prompts: Prompts) -> None:
    breaks(prompts)
    proved = load_and_prove(prompts.folder, TODAY)
    assert proved.proofs, "\n".join(map(str, proved.issues))
    assert proved.content is None
    assert rule in rules_of(proof for proof in proved.proofs if not proof.holds)
    found = [issue for issue in proved.issues if issue.message.startswith(f"rule {rule}: ")]
    assert found
    for issue in found:
        assert issue.severity == "broken"
        assert issue.file.startswith("prompts/")
        assert issue.line > 0
        assert issue.remedy


def is_told_of_the_worker(issue: Issue) -> bool:
    return issue.message == "rule T1: it does not say that the worker may not speak the language"


@untraced
@pytest.mark.usefixtures("one_language")
def test_t1_fails_where_the_worker_may_not_speak_the_language_and_it_is_not_said(prompts: Prompts) -> None:
    prompts.add_german()
    said = "    say: [unless_staff_speak_it: calling.say_language]\n    announce: [instructor.calling]"
    prompts.write(FLOW, prompts.read(FLOW).replace(said, "    announce: [instructor.calling]"))
    proved = load_and_prove(prompts.folder, TODAY)
    lines = {issue.line for issue in proved.issues if is_told_of_the_worker(issue)}
    assert {prompts.line(FLOW, f"  {node}:") for node in ("instructor", "instructor_again", "instructor_too")} <= lines


@untraced
@pytest.mark.usefixtures("one_language")
def test_german_is_walked_and_not_what_breaks_k6_t1_and_w5(prompts: Prompts) -> None:
    # Its texts are English ones; that some of them are too long for it is not what these tests are about.
    prompts.add_german()
    proved = load_and_prove(prompts.folder, TODAY)
    assert proved.walked
    assert {"de"} <= {state.language for state in proved.walked.after}
    assert not {"K6", "W5"} & set(rules_of(proof for proof in proved.proofs if not proof.holds))
    assert not any(map(is_told_of_the_worker, proved.issues))


def not_holding(content: Content) -> list[str]:
    return rules_of(proof for proof in prove.prove(Evidence(walk_all(content, TODAY), TODAY)) if not proof.holds)


def test_k1_fails_where_help_rings_somebody_else(content: Content) -> None:
    elsewhere = content.flow.model_copy(update={"help": "instructor"})
    assert "K1" in not_holding(replace(in_finnish(content), flow=elsewhere))


def test_k1_is_guarded_before_the_walk(prompts: Prompts) -> None:
    prompts.edit(FLOW, "help: on_call\n", "help: instructor\n")
    proved = load_and_prove(prompts.folder, TODAY)
    broken = [issue for issue in proved.issues if issue.severity == "broken"]
    assert [(issue.line, issue.remedy) for issue in broken] == [
        (prompts.line(FLOW, "help: instructor"), "Name a transfer to on_call (rule K1)")
    ]
    assert proved.proofs == ()


def test_w3_fails_where_a_text_is_no_whole_sentence(content: Content) -> None:
    texts = content.catalogue.texts
    cut = Catalogue({**texts, "fi": {**texts["fi"], "goodbye.again": "Voit soittaa meille uudelleen"}})
    assert not_holding(replace(in_finnish(content), catalogue=cut)) == ["W3"]


@untraced
def test_t6_fails_where_a_caller_who_is_gone_is_taken_for_silent(
    content: Content, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_for_silent(content: Content, state: CallState, event: Event, now: datetime) -> Step:
        return step(content, state, NoInput() if event == CallerGone() else event, now)

    monkeypatch.setattr("ivr.proof.walk.step", taken_for_silent)
    assert "T6" in not_holding(in_finnish(content))
