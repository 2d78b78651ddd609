"""The page "Going live", for people who decide: what is real today, what is missing, its cost, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from flask import Blueprint, Response, jsonify, render_template, request
from markupsafe import Markup, escape

from ivr.content.places import places
from ivr.core.content import Content
from ivr.phone.browser.said_in_order import said_in_order
from ivr.phone.browser.words import INTERFACES, words
from ivr.settings.read import CONTACT
from ivr.speech.offer import Reason

PAGE = "going_live"
"""The name of its words, its template, its style and its script."""

SettingState = Literal["set", "public", "missing", "wrong"]
"""Of a setting; `public`: the number of office.yaml is rung, as the environment names no other."""
WAITS: tuple[Reason, ...] = ("texts", "off", "approval", "recordings", "clips", "reader", "provider")
"""Why a language may not be offered, in the order in which the page tells it."""
SETTING_STATES: tuple[SettingState, ...] = get_args(SettingState)
RULES = ("proved", "tested", "not_yet", "broken")
"""The kinds of `RuleFacts`."""
Count = tuple[int, int]
"""How many, of how many."""


@dataclass(frozen=True)
class LanguageFacts:
    """How far one language is. `waits`: why a real line does not offer it; empty if it does.

    `texts`, `safety`: how many texts and safety sentences it must have, and how many of each are there or approved.
    `voiced`: how many of the sentences that the line says in it have a voice.
    """

    code: str
    texts: Count
    safety: Count
    approved: Count
    voiced: Count
    waits: tuple[Reason, ...]

    @property
    def is_offered(self) -> bool:
        """Whether a real line offers it."""
        return not self.waits


@dataclass(frozen=True)
class RuleFacts:
    """The ids of the rules: proved for this content, shown by a test of the program, not provable yet, and broken."""

    proved: tuple[str, ...]
    tested: tuple[str, ...]
    not_yet: tuple[str, ...]
    broken: tuple[str, ...]

    @property
    def counts(self) -> Mapping[str, Count]:
        """How many there are of each kind."""
        kinds = {kind: len(getattr(self, kind)) for kind in RULES}
        return {f"rules_{kind}": (count, sum(kinds.values())) for kind, count in kinds.items()}

    @property
    def all_hold(self) -> bool:
        """Whether none is broken, and none left to prove."""
        return not (self.broken or self.not_yet)


@dataclass(frozen=True)
class ExampleCall:
    """A simulated call of somebody who chooses the language of the staff and a person, and listens to everything.

    `seconds`: until a phone rings. `characters`: said to the caller. `whispered`: said to the person who picks up,
    once, until a key is pressed. `by_provider`: how many of them all the provider's voice says.
    """

    seconds: float
    characters: int
    whispered: int
    by_provider: int


@dataclass(frozen=True)
class SiteFacts:
    """What is so today. `settings`: variable -> its state in this environment; never its value.

    `example`: None where the line could not be called, as a language that speaks first has no voice.
    """

    content: Content
    today: date
    languages: tuple[LanguageFacts, ...]
    settings: Mapping[str, SettingState]
    example: ExampleCall | None

    @property
    def counts(self) -> Mapping[str, Count]:
        """What is counted over all languages."""
        languages = self.languages
        safe, safety = map(sum, zip(*(each.safety for each in languages), strict=True))
        approved, texts = map(sum, zip(*(each.approved for each in languages), strict=True))
        return {
            "texts": (sum(fresh == needed for fresh, needed in (each.texts for each in languages)), len(languages)),
            "offered": (sum(each.is_offered for each in languages), len(languages)),
            "approved": (approved, texts),
            "safety": (safety - safe, safety),
        }

    @property
    def all_safe(self) -> bool:
        """Whether every safety sentence is approved."""
        return all(approved == needed for approved, needed in (each.safety for each in self.languages))

    @property
    def all_set(self) -> bool:
        """Whether every setting is there that a line cannot go live without."""
        return all(state in ("set", "public") for state in self.settings.values())


class NoFacts(Exception):
    """The files of the site have errors, so that nothing can be counted."""


CHECK = "check"
"""The step that is done when all rules hold."""
Who = Literal["office", "it", "readers", "speakers", "privacy", "account"]


@dataclass(frozen=True)
class Task:
    """One step on the way. `commands`: what is typed. `is_done`: whether it is; None where the page cannot see it."""

    name: str
    who: tuple[Who, ...]
    commands: tuple[str, ...] = ()
    is_done: Callable[[SiteFacts], bool | None] = lambda _facts: None


STEPS = (
    Task("name", ("office",)),
    Task("hours", ("office",)),
    Task("urgent", ("office",)),
    Task("phones", ("office",)),
    Task("privacy", ("privacy",)),
    Task("account", ("account",)),
    Task(
        "readers",
        ("readers", "office"),
        ("ivr texts sheet fi", 'ivr texts review fi --by "NAME"', "ivr texts status"),
        lambda facts: facts.all_safe,
    ),
    Task(
        "voices",
        ("it", "speakers"),
        ("ivr audio build", "ivr audio script --lang so --print", "ivr audio status"),
        lambda facts: all(each.is_offered for each in facts.languages),
    ),
    Task(CHECK, ("it",), ("ivr check",)),
    Task(
        "hosting", ("it",), ("ivr serve --host 127.0.0.1 --port 8080",), lambda facts: None if facts.all_set else False
    ),
    Task("connect", ("it", "account"), ("ivr fallback DIR", "ivr connect", "ivr doctor")),
    Task("calls", ("office", "it")),
    Task("listeners", ("speakers", "office")),
    Task("watch", ("it", "office")),
    Task("decide", ("office",)),
)
"""What is missing, in the order in which it is done."""


def going_live(facts: Callable[[], SiteFacts], rules: Callable[[], RuleFacts]) -> Blueprint:
    """The page at `/going-live`. Both are asked at each visit, and may raise NoFacts; `rules` may take long."""
    page = Blueprint(PAGE, __name__)

    @page.get("/going-live")
    def show() -> str:
        return render_template(f"{PAGE}.html", **_page(facts, _interface()))

    @page.get("/going-live/rules")
    def proved() -> Response:
        """What the page fills in once the rules are proved: the place -> its words."""
        own = words(_interface(), PAGE)
        try:
            found = rules()
        except NoFacts:
            return jsonify({})
        counted = {key: own["count_of"].format(count=count, all=all_) for key, (count, all_) in found.counts.items()}
        return jsonify(counted | {CHECK: own["is_done" if found.all_hold else "is_open"]})

    return page


def _interface() -> str:
    wanted = request.args.get("lang") or request.accept_languages.best_match(INTERFACES, "en")
    return wanted if wanted in INTERFACES else "en"


def _page(facts: Callable[[], SiteFacts], interface: str) -> dict[str, Any]:
    shown = {"interface": interface, "interfaces": INTERFACES, "w": words(interface, PAGE)}
    try:
        found = facts()
    except NoFacts:
        return shown
    say = _Reader(interface, found.content)
    offered = [each.code for each in found.languages if each.is_offered]
    return shown | {
        "facts": found,
        "say": say,
        "offered": offered,
        "offered_names": ", ".join(map(say.language, offered)),
        "steps": [(step, step.is_done(found)) for step in STEPS],
        "rules": RULES,
        "check": CHECK,
        "places": said_in_order(found.content, found.today, interface),
    }


class _Reader:
    """Says things in the words of the reader's language."""

    def __init__(self, interface: str, content: Content) -> None:
        self._own, self._phone, self._content = words(interface, PAGE), words(interface), content
        self._places = places(interface)

    def __call__(self, key: str, **values: object) -> str:
        return self._own[key].format(**values)

    def code(self, key: str) -> Markup:
        """A text whose parts between backticks are what is typed."""
        pieces = enumerate(self._own[key].split("`"))
        return Markup("").join(Markup("<code>{}</code>").format(text) if n % 2 else escape(text) for n, text in pieces)

    def language(self, code: str) -> str:
        """The name of a language; its own where the words have none."""
        return self._phone.get(f"language_{code}") or self._content.languages.languages[code].name

    def place(self, node: str) -> str:
        """Where in a call a node is; made of its name where the words have nothing."""
        return self._own.get(f"at_{node}") or self._places.get(node) or _readable(node)

    def setting(self, variable: str) -> str:
        """What a setting is."""
        contact = _contact_of(variable)
        if contact is None:
            return self._own[f"setting_{variable}"]
        return self("setting_contact", contact=self._phone.get(f"contact_{contact}") or _readable(contact))

    def state(self, variable: str, state: SettingState) -> str:
        """The state of a setting; the only number it shows is the public one of office.yaml."""
        contact = self._content.office.contacts.get(_contact_of(variable) or "")
        return self(f"state_{state}", number=contact.number if contact else "")


def _contact_of(variable: str) -> str | None:
    return variable.removeprefix(CONTACT).lower() if variable.startswith(CONTACT) else None


def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()
