"""Turns the events of a call into messages for the page, with each sentence in Finnish, Swedish and English."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from ivr.core.content import Content
from ivr.core.engine import LEAD_IN
from ivr.core.flow import LanguageMenu
from ivr.core.prompts import SLOT
from ivr.core.utterance import Utterance
from ivr.phone.clip_builder import sentences
from ivr.phone.network import events
from ivr.phone.network.transcript import Transcript
from ivr.phone.offered import language_name
from ivr.speech.draft_voice import DRAFT

ACTION = re.compile(r"/voice/at/([a-z][a-z0-9_]*)\?")
UNDER = ("fi", "sv", "en")
"""Languages in which each sentence is told to readers who do not know the caller's."""


class EventView:
    """Turns events into messages; `sound` returns the path of what is heard of a sentence, or None."""

    def __init__(
        self,
        content: Content,
        script: Sequence[Utterance],
        transcript: Transcript,
        sound: Callable[[events.Spoken, Utterance | None], str | None],
    ) -> None:
        self._content, self._transcript, self._sound = content, transcript, sound
        self._by_words = sentences(content, script)
        self._by_id = {(u.language, u.id): u.text for u in script}
        self._choices = {node.choice for node in content.flow.nodes.values() if isinstance(node, LanguageMenu)}
        self._under = [code for code in UNDER if code in content.catalogue.texts]
        self._node = ""

    def message(self, event: events.Event) -> dict[str, Any] | None:
        """The message of an event; None for what is not shown."""
        at, names = {"at": event.at}, self._transcript.names
        match event:
            case events.Said():
                return at | self._said(event)
            case events.Pressed():
                return at | {"kind": "pressed", "key": event.key}
            case events.Waited(seconds=seconds) if seconds <= LEAD_IN:
                return None  # no menu, only the short Gather before a Dial
            case events.Waited():
                return at | {"kind": "waited", "seconds": event.seconds}
            case events.Ringing():
                return at | {"kind": "ringing", "contact": names[event.number]}
            case events.PickedUp():
                return at | {"kind": "picked up", "contact": names[event.number], "how": event.how}
            case events.Bridged():
                return at | {"kind": "talk", "contact": names[event.number]}
            case events.TalkEnded():
                return at | {"kind": "talk ended", "contact": names[event.number], "by": event.by}
            case events.NotReached():
                return at | {"kind": "not reached", "contact": names[event.number], "status": event.status}
            case events.Ended():
                return at | {"kind": "ended", "by": event.by}
            case events.RequestFailed() | events.Warned():
                return at | {"kind": "fault", "words": event.words}
            case events.FallbackAsked():
                return None
            case events.Requested():
                return at | self._requested(event)

    def _said(self, event: events.Said) -> dict[str, Any]:
        spoken = event.spoken
        code = self._transcript.codes[spoken.language]
        said = self._by_words.get((spoken.language, spoken.text, spoken.slow))
        sound = self._sound(spoken, said)
        under = {other: text for other in self._under if other != code and said and (text := self._in(other, said))}
        return {
            "kind": "said",
            "where": event.where,
            "language": code,
            "direction": self._content.languages.languages[code].direction,
            "text": spoken.text,
            "choice": said is not None and said.prompt in self._choices,
            "under": under,
            "slow": spoken.slow,
            "seconds": spoken.seconds,
            "sound": sound,
            "stand_in": spoken.clip is None,
            "draft": sound is not None and sound.rpartition("/")[2].startswith(DRAFT),
        }

    def _in(self, other: str, said: Utterance) -> str | None:
        """The sentence in another language: as it is said there, or filled in from the text with the same id."""
        texts = self._content.catalogue.texts
        if said.prompt in self._choices:  # a language names itself: tell which it is
            return f"{language_name(self._content, said.language, other)}: {texts[other][said.values[0]]}"
        if text := self._by_id.get((other, said.id)):
            return text
        values = iter(said.values)
        named = texts[said.language].get("language_in_finnish", "")
        return SLOT.sub(
            lambda slot: named if slot[1] == "language_in_finnish" else texts[other].get(next(values, ""), "..."),
            texts[other].get(said.prompt, ""),
        )

    def _requested(self, event: events.Requested) -> dict[str, Any]:
        """A request and its answer; `path`: the nodes passed since the last one, and the node where the call waits."""
        found = ACTION.search(event.twiml)
        path = list[str]()
        flow = self._content.flow
        node = found[1] if found else (flow.end if "<Hangup" in event.twiml and self._node else "")
        if node in flow.nodes and "/voice/whisper" not in event.url:
            path = [*_between(self._content, self._node, node), node]
            self._node = node
        form = "&".join(f"{name}={value}" for name, value in event.form.items())
        return {"kind": "requested", "url": event.url, "form": form, "twiml": event.twiml, "path": path}


def _between(content: Content, here: str, there: str) -> list[str]:
    """The nodes on the shortest way between two nodes, found by breadth-first search; a call does not wait at them."""
    first = [content.flow.start, content.flow.language_known]
    starts = [target.to for _, target in content.flow.exits(here)] if here else first
    waiting: list[list[str]] = [[name] for name in starts]
    seen = set[str]()
    while waiting:
        way = waiting.pop(0)
        name = way[-1]
        if name == there:
            return way[:-1]
        if name not in seen:
            seen.add(name)
            waiting += [[*way, target.to] for _, target in content.flow.passing_exits(name)]
    return []
