"""What the proofs look at: the walk, the seconds, and what is asked of them again and again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from ivr.core.call import CallStarted, CallState, Collect, Dial, NoInput, Step
from ivr.core.content import Content
from ivr.core.engine import LEAD_IN
from ivr.core.flow import LanguageMenu, Menu, TextRoles, Transfer
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Utterance
from ivr.proof.walk import Transition, Walk
from ivr.speech.clips import Rendered
from ivr.speech.engines import ENGINES
from ivr.speech.estimate import estimate


@dataclass(frozen=True)
class MadeClip:
    """One clip, what it says, and the engine that made it."""

    utterance: Utterance
    clip: Clip
    path: Path
    engine: str


@dataclass(frozen=True)
class Evidence:
    """The walk, the day from which hours are told, and the clips that are made (None: no look at any)."""

    walk: Walk
    today: date
    rendered: Rendered | None = None

    @property
    def content(self) -> Content:
        """The content that was walked."""
        return self.walk.content

    @property
    def roles(self) -> TextRoles:
        """The texts that the rules ask for by what they are for."""
        return self.content.flow.roles

    @cached_property
    def script(self) -> tuple[Utterance, ...]:
        """Everything that the line can say."""
        return closed_set(self.content, self.today)

    @cached_property
    def made(self) -> Mapping[str, list[MadeClip]]:
        """The clips of each language that an engine has made whole; of two engines, the better."""
        found: dict[str, list[MadeClip]] = {}
        if self.rendered is None:
            return found
        for code in self.content.languages.languages:
            said = [utterance for utterance in self.script if utterance.language == code]
            for engine in ENGINES:
                if said and (clips := _all_clips(self.rendered, said, engine)):
                    found[code] = clips
                    break
        return found

    def seconds(self, utterance: Utterance) -> float:
        """How long an utterance takes: its clip where the language is made whole, else an estimate from its text."""
        return self._clip_seconds.get(utterance) or estimate(self.content.languages, utterance)

    @cached_property
    def _clip_seconds(self) -> Mapping[Utterance, float]:
        return {made.utterance: made.clip.seconds for clips in self.made.values() for made in clips}

    def length(self, plays: tuple[Utterance, ...]) -> float:
        """Seconds of what is said; kept, since the same is said in thousands of states."""
        if (kept := self._lengths.get(id(plays))) is None:
            seconds = sum(map(self.seconds, plays))
            kept = self._lengths[id(plays)] = (plays, seconds)
        return kept[1]

    @cached_property
    def _lengths(self) -> dict[int, tuple[tuple[Utterance, ...], float]]:
        return {}

    @cached_property
    def after_talk(self) -> frozenset[str]:
        """The nodes that a talk leads to."""
        nodes = self.content.flow.nodes.values()
        return frozenset(node.answered.to for node in nodes if isinstance(node, Transfer))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Every different thing that is said and done: states that only differ in what a call is about are one."""
        kept = {
            (t.step.state.node, t.step.state.language, t.step.exit, t.step.plays, t.step.action): t.step
            for t in self.walk.transitions
        }
        return tuple(kept.values())

    @cached_property
    def menus(self) -> tuple[CallState, ...]:
        """Every state that listens at a menu."""
        return tuple(state for state in self.walk.after if isinstance(self.node(state), (Menu, LanguageMenu)))

    def node(self, state: CallState) -> object:
        """The node of a state."""
        return self.content.flow.nodes[state.node]

    def on(self, state: CallState, kind: type, key: str | None = None) -> Iterator[Transition]:
        """What follows a kind of event in a state; of keys, only those pressed against this very menu."""
        for transition in self.walk.after.get(state, ()):
            event = transition.event
            if isinstance(event, kind) and not transition.old and (key is None or getattr(event, "key", None) == key):
                yield transition

    @cached_property
    def _silent(self) -> dict[CallState, tuple[int, float] | None]:
        return {}

    def silence(self, state: CallState) -> tuple[int, float] | None:
        """The most waits and seconds of silence until a phone rings, in the worst hours; None: none ever rings."""
        if state in self._silent:
            return self._silent[state]
        self._silent[state] = None  # a circle of silence never rings
        steps = {transition.step for transition in self.on(state, NoInput)}
        worst: tuple[int, float] | None = (0, 0.0) if steps else None
        for taken in steps:
            ahead = self._until_ringing(taken)
            worst = max(worst, (ahead[0] + 1, ahead[1])) if worst and ahead else None
        self._silent[state] = worst
        return worst

    def _until_ringing(self, taken: Step) -> tuple[int, float] | None:
        said = self.length(taken.plays)
        match taken.action:
            case Dial():
                return 0, said + (LEAD_IN if taken.plays else 0) + self.length(taken.action.announce)
            case Collect():
                ahead = self.silence(taken.state)
                return ahead and (ahead[0], said + taken.action.seconds + ahead[1])
            case _:
                return None

    def from_step(self, taken: Step) -> float | None:
        """Seconds from the first word of a step to ringing for somebody who only waits."""
        ahead = self._until_ringing(taken)
        return ahead[1] if ahead else None


def _all_clips(rendered: Rendered, said: Iterable[Utterance], engine: str) -> list[MadeClip] | None:
    """The clip of each utterance in an engine; None where one is not made."""
    made = []
    for utterance in said:
        if (clip := rendered.clip(utterance, engine)) is None:
            return None
        made.append(MadeClip(utterance, clip, rendered.paths[clip.name], engine))
    return made


def starts(evidence: Evidence) -> list[Transition]:
    """How a call begins whose language is not known."""
    return [start for start in evidence.walk.starts if start.event == CallStarted()]


def known_starts(evidence: Evidence) -> list[Transition]:
    """How a call begins whose language is known by the number dialled."""
    return [start for start in evidence.walk.starts if isinstance(start.event, CallStarted) and start.event.language]


def chooses(evidence: Evidence, transition: Transition) -> bool:
    """Whether a language is chosen by this step."""
    node = evidence.content.flow.nodes.get(transition.before.node)
    return isinstance(node, LanguageMenu) and transition.step.state.language is not None


def staff_may_not_speak(evidence: Evidence, language: str | None) -> bool:
    return language is not None and language not in evidence.content.languages.before_choice


def says(taken: Step, prompt: str) -> bool:
    return any(play.prompt == prompt for play in taken.plays)


def levels(evidence: Evidence) -> dict[str, int]:
    """How many options lie between the main menu and each menu; what a transfer leads to is no level."""
    flow = evidence.content.flow
    chosen = {node.chosen.to for node in flow.nodes.values() if isinstance(node, LanguageMenu)}
    levels, waiting = dict[str, int](), [(name, 0) for name in chosen]
    while waiting:
        name, level = waiting.pop(0)
        if name in levels:
            continue
        levels[name] = level
        node = flow.nodes[name]
        if isinstance(node, Menu):
            waiting += [(option.to, level + 1) for key, option in node.options.items() if key != "1"]
        elif not isinstance(node, (Transfer, LanguageMenu)):
            waiting += [(target.to, level) for _, target in flow.exits(name)]
    return {name: level for name, level in levels.items() if isinstance(flow.nodes[name], Menu)}
