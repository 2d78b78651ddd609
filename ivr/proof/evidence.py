"""What the proofs search: the walk, the clips, and what several rules ask of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from ivr.core.call import CallStarted, CallState, Collect, Dial, Event, NoInput, Step
from ivr.core.content import Content
from ivr.core.engine import LEAD_IN
from ivr.core.flow import LanguageMenu, Menu, TextRoles, Transfer
from ivr.core.prompts import said_of
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, Utterance
from ivr.proof.kept import NOTHING_KEPT, Kept
from ivr.proof.walk import Transition, Walk
from ivr.speech.clips import Rendered
from ivr.speech.engines import ENGINES
from ivr.speech.estimate import estimate


@dataclass(frozen=True)
class MadeClip:
    """One clip, its utterance, its file, and the speech engine that made it."""

    utterance: Utterance
    clip: Clip
    path: Path
    engine: str


@dataclass(frozen=True)
class Evidence:
    """The walk, the day from which hours prompts are looked at, and the clips that exist (None: not looked for).

    `recorded`: the seconds of what people have recorded; a recording is heard before any clip. `kept`: where what was
    measured is kept.
    """

    walk: Walk
    today: date
    rendered: Rendered | None = None
    recorded: Mapping[Utterance, float] = field(default_factory=dict)
    kept: Kept = NOTHING_KEPT
    _lengths: dict[int, tuple[tuple[Utterance, ...], float]] = field(default_factory=dict, init=False, repr=False)
    """Cache of `length`, by the id of the tuple; each keeps its tuple alive, so that its id stays its own."""
    _silent: dict[CallState, tuple[int, float] | None] = field(default_factory=dict, init=False, repr=False)
    """Cache of `silence`. Bounded: the states of the walk."""

    @property
    def content(self) -> Content:
        """The content that was walked."""
        return self.walk.content

    @property
    def roles(self) -> TextRoles:
        """The ids of the texts that the rules ask for by role."""
        return self.content.flow.roles

    @cached_property
    def script(self) -> tuple[Utterance, ...]:
        """Everything that the line can say."""
        return closed_set(self.content, self.today)

    @cached_property
    def made(self) -> Mapping[str, list[MadeClip]]:
        """Language -> its clips, if one engine has made all of them; of several engines, the first in `ENGINES`."""
        made: dict[str, list[MadeClip]] = {}
        if self.rendered is None:
            return made
        for code in self.content.languages.languages:
            utterances = [utterance for utterance in self.script if utterance.language == code]
            for engine in ENGINES:
                if utterances and (clips := _all_clips(self.rendered, utterances, engine)):
                    made[code] = clips
                    break
        return made

    def seconds(self, utterance: Utterance) -> float:
        """Seconds of an utterance: of its recording, of its clip where its language has all, else by its text.

        An hours prompt counts as the longest of those that can stand in its place: the walk sees few of the moments at
        which they are said, and one that only a closing brings is never longer (`ivr.speech.voices`).
        """
        said = said_of(utterance.prompt)
        key = said and (*said, utterance.language, utterance.slow)
        return self._longest_hours.get(key) or self._seconds(utterance) if key else self._seconds(utterance)

    @cached_property
    def _longest_hours(self) -> Mapping[tuple[str, bool, str, bool], float]:
        """Schedule, whether it is open, language, and whether slow -> seconds of the longest hours prompt."""
        longest = dict[tuple[str, bool, str, bool], float]()
        for utterance in self.script:
            if said := said_of(utterance.prompt):
                key = (*said, utterance.language, utterance.slow)
                longest[key] = max(longest.get(key, 0.0), self._seconds(utterance))
        return longest

    def _seconds(self, utterance: Utterance) -> float:
        """Seconds of one utterance alone."""
        return (
            self.recorded.get(utterance)
            or self._clip_seconds.get(utterance)
            or estimate(self.content.languages, utterance)
        )

    @cached_property
    def _clip_seconds(self) -> Mapping[Utterance, float]:
        return {made.utterance: made.clip.seconds for clips in self.made.values() for made in clips}

    def length(self, plays: tuple[Utterance, ...]) -> float:
        """Seconds of several utterances; cached, as the same tuple is said in thousands of states."""
        if (cached := self._lengths.get(id(plays))) is None:
            seconds = sum(map(self.seconds, plays))
            cached = self._lengths[id(plays)] = (plays, seconds)
        return cached[1]

    @cached_property
    def after_talk(self) -> frozenset[str]:
        """The nodes where a call goes on after a talk."""
        nodes = self.content.flow.nodes.values()
        return frozenset(node.answered.to for node in nodes if isinstance(node, Transfer))

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every different step; states that differ only in matter, attempt or round count as one."""
        return self.walk.different_steps

    @cached_property
    def menus(self) -> tuple[CallState, ...]:
        """Every state that waits at a menu."""
        return tuple(state for state in self.walk.after if isinstance(self.node(state), (Menu, LanguageMenu)))

    @cached_property
    def choices(self) -> tuple[Transition, ...]:
        """Every transition by which a caller chooses a language."""
        menus = (state for state in self.menus if isinstance(self.node(state), LanguageMenu))
        return tuple(each for state in menus for each in self.walk.after[state] if each.step.state.language is not None)

    def node(self, state: CallState) -> object:
        """The node of a state."""
        return self.content.flow.nodes[state.node]

    def on(self, state: CallState, kind: type[Event], key: str | None = None) -> Sequence[Transition]:
        """The transitions of a kind of event in a state; of keys, only those pressed in the menu as it is now."""
        return self.walk.on(state, key or kind)

    def silence(self, state: CallState) -> tuple[int, float] | None:
        """The most waits and seconds until a phone rings for a caller who stays silent; None: none ever rings."""
        if state in self._silent:
            return self._silent[state]
        self._silent[state] = None  # if silence leads back to this state, no phone ever rings
        steps = {id(transition.step): transition.step for transition in self.on(state, NoInput)}
        worst: tuple[int, float] | None = (0, 0.0) if steps else None
        for step in steps.values():
            ahead = self._until_ringing(step)
            worst = max(worst, (ahead[0] + 1, ahead[1])) if worst and ahead else None
        self._silent[state] = worst
        return worst

    def _until_ringing(self, step: Step) -> tuple[int, float] | None:
        spoken = self.length(step.plays)
        match step.action:
            case Dial():
                return 0, spoken + (LEAD_IN if step.plays else 0) + self.length(step.action.announce)
            case Collect():
                ahead = self.silence(step.state)
                return ahead and (ahead[0], spoken + step.action.seconds + ahead[1])
            case _:
                return None

    def from_step(self, step: Step) -> float | None:
        """Seconds from the first word of a step until a phone rings for a caller who stays silent; None: never."""
        ahead = self._until_ringing(step)
        return ahead[1] if ahead else None


def _all_clips(rendered: Rendered, utterances: Iterable[Utterance], engine: str) -> list[MadeClip] | None:
    """The clip of each utterance by an engine; None if any is missing."""
    made = []
    for utterance in utterances:
        if (clip := rendered.clip(utterance, engine)) is None:
            return None
        made.append(MadeClip(utterance, clip, rendered.path(clip.name), engine))
    return made


def starts(evidence: Evidence) -> list[Transition]:
    """The first step of a call whose language is not known."""
    return [start for start in evidence.walk.starts if start.event == CallStarted()]


def known_starts(evidence: Evidence) -> list[Transition]:
    """The first steps of calls whose language is known by the number dialled."""
    return [start for start in evidence.walk.starts if isinstance(start.event, CallStarted) and start.event.language]


def staff_may_not_speak(evidence: Evidence, language: str | None) -> bool:
    """Whether a language is one that the workers and 112 may not speak."""
    return language is not None and language not in evidence.content.languages.before_choice


def rings(step: Step) -> str | None:
    """The contact that a step rings, or None."""
    return step.action.contact if isinstance(step.action, Dial) else None


def says(step: Step, prompt: str) -> bool:
    """Whether a prompt is among the utterances of a step."""
    return any(play.prompt == prompt for play in step.plays)


def levels(evidence: Evidence) -> dict[str, int]:
    """Menu -> the number of options chosen from the main menu (level 0) to it; none behind a transfer or key 1."""
    flow = evidence.content.flow
    chosen = {node.chosen.to for node in flow.nodes.values() if isinstance(node, LanguageMenu)}
    levels, queue = dict[str, int](), [(name, 0) for name in chosen]
    while queue:
        name, level = queue.pop(0)
        if name in levels:
            continue
        levels[name] = level
        node = flow.nodes[name]
        if isinstance(node, Menu):
            queue += [(option.to, level + 1) for key, option in node.options.items() if key != "1"]
        elif not isinstance(node, (Transfer, LanguageMenu)):
            queue += [(target.to, level) for _, target in flow.exits(name)]
    return {name: level for name, level in levels.items() if isinstance(flow.nodes[name], Menu)}
