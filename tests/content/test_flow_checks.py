"""One broken flow a rule: what is found, on which line, and what to do about it."""

from pathlib import Path

import pytest

from ivr.content.checks.flow import check_flow
from ivr.content.yaml import read_yaml, validate
from ivr.core.content import Content
from ivr.core.flow import Flow
from ivr.core.issue import Issue
from tests.content.conftest import FIRST, Prompts

HERE = "  # --- after a talk, and the end ---"
"""A place in the flow where a test adds nodes."""


class Broken:
    """The real flow, changed, beside the real office and languages."""

    def __init__(self, prompts: Prompts, content: Content) -> None:
        self.prompts, self._content = prompts, content

    def edit(self, old: str, new: str) -> None:
        self.prompts.edit("flow.yaml", old, new)

    def add(self, nodes: str) -> None:
        self.edit(HERE, f"{nodes}\n{HERE}")

    def line(self, text: str) -> int:
        return self.prompts.line("flow.yaml", text)

    def issues(self) -> list[Issue]:
        file, unreadable = read_yaml(self.prompts.path("flow.yaml"), "prompts/flow.yaml")
        assert file
        flow, invalid = validate(file, Flow)
        assert flow, [*unreadable, *invalid]
        return [file.locate(issue) for issue in check_flow(flow, self._content.office, self._content.languages)]

    def only(self, severity: str = "broken") -> Issue:
        issues = self.issues()
        assert len(issues) == 1, "\n".join(map(str, issues))
        assert issues[0].severity == severity
        assert issues[0].file == "prompts/flow.yaml"
        assert issues[0].remedy
        return issues[0]

    def at(self, line: int) -> list[Issue]:
        return [issue for issue in self.issues() if issue.line == line and issue.severity == "broken"]


@pytest.fixture
def flow(tmp_path: Path, content: Content) -> Broken:
    return Broken(Prompts.copied_to(tmp_path, *FIRST), content)


def test_the_real_flow_has_no_fault(flow: Broken) -> None:
    assert flow.issues() == []


# --- every exit leads somewhere -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("end: goodbye", "end: nowhere"),
        ("    next: front", "    next: nowhere"),
        ("    more: other_languages", "    more: nowhere"),
        ('"1": {to: person, say: after_talk.ring_again}', '"1": {to: nowhere, say: after_talk.ring_again}'),
        ("    noinput: second_round\n", "    noinput: nowhere\n"),
        ("    unanswered: opened_meanwhile", "    unanswered: nowhere"),
        ("    open: main_open", "    open: nowhere"),
        ("    closed: last_words\n", "    closed: nowhere\n"),
        ("    exhausted: second_round", "    exhausted: nowhere"),
    ],
)
def test_an_exit_to_no_node_is_found_where_it_is_written(flow: Broken, old: str, new: str) -> None:
    flow.edit(old, new)
    found = flow.at(flow.line("nowhere"))
    assert [issue.message.partition(" leads ")[2] for issue in found] == ["to 'nowhere', which is no node"]
    assert found[0].remedy == "Correct or add the node"


# --- roles ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "usual", "kind"),
    [
        ("languages", "choose_language", "a language_menu"),
        ("help", "on_call", "a transfer"),
        ("end", "goodbye", "a disconnect"),
        ("own_contact", "own_contact", "a disconnect"),
    ],
)
def test_a_role_is_only_for_its_kind_of_node(flow: Broken, role: str, usual: str, kind: str) -> None:
    flow.edit(f"\n{role}: {usual}\n", f"\n{role}: health\n")
    found = flow.at(flow.line(f"{role}: health"))
    assert [issue.message for issue in found] == [f"{role}: 'health' is not {kind}"]
    assert found[0].remedy == f"Name {kind}"


def test_help_rings_nobody_but_on_call(flow: Broken) -> None:
    flow.edit("help: on_call", "help: instructor")
    issue = flow.only()
    assert issue.line == flow.line("help: instructor")
    assert (issue.message, issue.remedy) == ("help rings social_instructor", "Name a transfer to on_call (rule K1)")


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message", "remedy"),
    [
        (
            "schedule: phone\n    open: main_open",
            "schedule: lunch\n    open: main_open",
            "no hours 'lunch'",
            "Add them to office.yaml",
        ),
        (
            "contact: on_call\n    announce: [calling",
            "contact: lunch\n    announce: [calling",
            "no contact 'lunch'",
            "Add it to office.yaml",
        ),
        ("language: fi", "language: lunch", "no language 'lunch'", "Correct it"),
        ("now: walk_in", "now: lunch", "no hours 'lunch'", "Add them to office.yaml"),
        ("week: door", "week: lunch", "no hours 'lunch'", "Add them to office.yaml"),
        ("intro, number: on_call", "intro, number: lunch", "no contact 'lunch'", "Add it to office.yaml"),
    ],
)
def test_an_unknown_name_is_found_where_it_is_written(
    flow: Broken, old: str, new: str, message: str, remedy: str
) -> None:
    flow.edit(old, new)
    issue = flow.only()
    assert issue.line == flow.line("lunch")
    assert (issue.message, issue.remedy) == (message, remedy)


def test_only_a_contact_with_a_public_number_can_be_said(flow: Broken) -> None:
    flow.edit("intro, number: on_call", "intro, number: social_instructor")
    issue = flow.only()
    assert issue.line == flow.line("intro, number: social_instructor")
    assert issue.message == "social_instructor has no number to say"
    assert issue.remedy == "Add its public number to office.yaml"


# --- what a message says is heard by a node that listens ------------------------------------------------------------


@pytest.mark.parametrize("deaf", ["on_call", "goodbye", "person", "once_again"])
def test_a_message_that_leads_to_nobody_listening_is_broken(flow: Broken, deaf: str) -> None:
    flow.edit("    next: choose_language", f"    next: {deaf}")
    issue = flow.only()
    assert issue.line == flow.line(f"    next: {deaf}")
    assert (issue.message, issue.remedy) == ("after 'opening' nobody listens for a key", "Lead a message to a menu")


def test_a_message_may_lead_through_messages_and_hours_to_menus(flow: Broken) -> None:
    flow.add("  and_more:\n    kind: message\n    say: [welcome.machine]\n    next: front\n")
    flow.edit("    next: front\n\n  # --- main menu", "    next: and_more\n\n  # --- main menu")
    assert flow.issues() == []


def test_messages_that_lead_to_each_other_for_ever_are_broken(flow: Broken) -> None:
    flow.add(
        "  ping:\n    kind: message\n    say: [welcome.machine]\n    next: pong\n"
        "  pong:\n    kind: message\n    say: [welcome.machine]\n    next: ping\n"
    )
    flow.edit("    next: choose_language", "    next: ping")
    found = flow.issues()
    assert [(issue.severity, issue.message) for issue in found] == [
        ("broken", "'ping' leads back to itself without ever waiting"),
        ("broken", "'pong' leads back to itself without ever waiting"),
    ]
    assert [issue.line for issue in found] == [flow.line("next: pong"), flow.line("pong:") + 3]
    assert {issue.remedy for issue in found} == {"Lead it to a menu"}


def test_hours_that_lead_back_to_themselves_are_broken_even_if_only_while_closed(flow: Broken) -> None:
    flow.edit("    closed: main_closed", "    closed: front")
    broken = [issue for issue in flow.issues() if issue.severity == "broken"]
    assert [issue.message for issue in broken] == ["'front' leads back to itself without ever waiting"]
    assert broken[0].line == flow.line("    closed: front")


def test_rounds_that_lead_back_to_themselves_when_they_are_over_are_broken(flow: Broken) -> None:
    flow.edit("    exhausted: goodbye\n", "    exhausted: opened_meanwhile\n")
    broken = [issue for issue in flow.issues() if issue.severity == "broken"]
    assert {issue.message for issue in broken} == {
        "'last_words' leads back to itself without ever waiting",
        "'opened_meanwhile' leads back to itself without ever waiting",
    }
    assert flow.line("    exhausted: opened_meanwhile") in {issue.line for issue in broken}


# --- clutter --------------------------------------------------------------------------------------------------------


def test_a_node_that_no_call_reaches_is_a_note(flow: Broken) -> None:
    flow.add("  island:\n    kind: disconnect\n    say: [safety.goodbye]\n")
    issue = flow.only("note")
    assert issue.line == flow.line("island:")
    assert (issue.message, issue.remedy) == ("no call ever comes to 'island'", "Lead to it, or remove it")


def test_every_rule_is_told_at_once(flow: Broken) -> None:
    flow.edit("help: on_call", "help: instructor")
    flow.edit("language: fi", "language: xx")
    flow.edit("    next: choose_language", "    next: goodbye")
    assert len([issue for issue in flow.issues() if issue.severity == "broken"]) == 3


# --- what no language may lack --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("node", "first_line", "kind"),
    [
        ("person", "    kind: hours\n", "a hours"),
        ("child", "    kind: transfer\n", "a transfer"),
        ("information", "    kind: menu\n", "a menu"),
        ("opening", "    kind: message\n", "a message"),
        ("choose_language", "    kind: language_menu\n", "a language_menu"),
        ("goodbye", "    kind: disconnect\n", "a disconnect"),
    ],
)
def test_only_a_page_may_be_optional(flow: Broken, node: str, first_line: str, kind: str) -> None:
    flow.edit(f"\n  {node}:\n{first_line}", f"\n  {node}:\n{first_line}    optional: true  # here\n")
    (issue, *others) = flow.at(flow.line("# here"))
    assert issue.message == f"'{node}' is {kind}, and every language must have it; only a page may be optional"
    assert issue.remedy == "Remove 'optional'"
    assert others == []


@pytest.mark.parametrize("page", ["walk_in", "door", "urgent_number"])
def test_hours_and_numbers_are_never_optional(flow: Broken, page: str) -> None:
    flow.edit(f"\n  {page}:\n    kind: page\n", f"\n  {page}:\n    kind: page\n    optional: true\n")
    issue = flow.only()
    assert issue.message == f"'{page}' tells opening hours or a phone number, and every language must have these"
    assert issue.line == flow.line(f"  {page}:\n".strip()) + 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"1": {to: person, say: after_talk.ring_again}', '"1": {to: services, say: after_talk.ring_again}'),
        ('"2": {to: child, matter: child, say: main.child}', '"2": {to: services, matter: child, say: main.child}'),
        ('"4": {to: information, say: main.information}', '"4": {to: services, matter: help, say: main.information}'),
        ("    noinput: second_round\n", "    noinput: services\n"),
        (
            "    answered: after_talk\n    unanswered: nobody_free\n",
            "    answered: services\n    unanswered: nobody_free\n",
        ),
        ("main_menu: front", "main_menu: services"),
        ("    closed: last_words\n", "    closed: services\n"),
    ],
)
def test_an_optional_page_is_reached_by_keys_2_to_5_only_and_by_none_for_a_child_or_help(
    flow: Broken, old: str, new: str
) -> None:
    flow.edit(old, new)
    found = [issue for issue in flow.issues() if "which is optional" in issue.message]
    (line,) = {issue.line for issue in found}
    assert "services" in flow.prompts.read("flow.yaml").splitlines()[line - 1]
    assert all("leads to 'services', which is optional" in issue.message for issue in found)
    assert all("only keys 2 to 5" in issue.remedy for issue in found)


def test_a_page_below_an_optional_page_may_lead_up_to_it(flow: Broken) -> None:
    flow.edit("  health:\n    kind: page\n", "  health:\n    kind: page\n    optional: true\n")
    flow.edit("services.child]\n    up: information\n", "services.child]\n    up: health\n")
    assert flow.issues() == []


def test_a_page_has_something_to_say(flow: Broken) -> None:
    flow.edit("say: [services.for_whom, services.work, services.child]", "say: []")
    issue = flow.only()
    assert (issue.line, issue.message) == (flow.line("say: []"), "'services' is a page that says nothing")


@pytest.mark.parametrize("text", ["staff.press", "language.fi"])
def test_a_text_for_those_who_answer_is_not_said_to_callers(flow: Broken, text: str) -> None:
    """In nine languages it would be left out without a word."""
    flow.edit("services.work, services.child]", f"{text}]")
    issue = flow.only()
    assert (issue.line, issue.message) == (flow.line(f"{text}]"), f"'{text}' is for those who answer, not for callers")
