"""docs/capacity.md: what is measured is still so, and what is computed follows from what is written above it.

`pytest tests/test_capacity.py --update` writes both anew; what is assumed is written by hand, and never rewritten.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from math import ceil
from statistics import mean
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from ivr.app import line_app
from ivr.core.content import Content
from ivr.core.script import closed_set
from ivr.exposition import as_text
from ivr.journal import Journal
from ivr.metrics import Metrics
from ivr.phone.hearing import Hearing
from ivr.phone.network.behaviour import CarrierBehaviour
from ivr.phone.network.events import Bridged, Ended, Event, Requested, TalkEnded
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers, language_numbers
from ivr.serving import Current, Serving
from ivr.settings.read import Settings
from ivr.speech.clips import RATE, Rendered, seconds_of
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from tests.calls.golden import play
from tests.calls.test_golden import FILES, read
from tests.conftest import ROOT, TODAY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

CAPACITY = ROOT / "docs" / "capacity.md"
ASSUMED, MEASURED, COMPUTED = "What is assumed", "What a call takes", "What it comes to"
"""The headings above the tables."""
UNTRIED = "What does not scale, and what nobody has tried"
TENTH = 0.1
"""How far a measured figure may be from what is written: a change of a few words makes no document wrong."""
CLIP = re.compile(r"<Play>[^<]*/audio/([0-9a-f]{32})\.wav</Play>")
MOST_HEADER = 66
"""Bytes of a clip besides its sound."""

Figures = Mapping[str, float]


def erlang_b(offered: float, lines: int) -> float:
    """Which part of calls finds no line free, where `offered` calls would be going on at once if all found one."""
    blocked = 1.0
    for line in range(1, lines + 1):
        blocked = offered * blocked / (line + offered * blocked)
    return blocked


def lines_for(offered: float, blocked: float) -> int:
    """The fewest lines of which at most such a part of calls finds none free."""
    return next(lines for lines in range(1, 1_000_000) if erlang_b(offered, lines) <= blocked)


# --- the document -----------------------------------------------------------------------------------------------------


def section(heading: str) -> str:
    text = CAPACITY.read_text(encoding="utf-8")
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/capacity.md has no '## {heading}'"
    return found[1]


def table(heading: str) -> str:
    """The table below a heading, as it is written."""
    found = re.search(r"^\|.*\n(?:\|.*\n)+", section(heading), re.MULTILINE)
    assert found
    return found[0]


def rows(heading: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table(heading).splitlines()[2:]]


def figures(heading: str) -> dict[str, float]:
    """What each row of a table says in its second column."""
    return {row[0]: float(row[1].replace(",", "")) for row in rows(heading)}


def write(heading: str, new: str) -> None:
    text = CAPACITY.read_text(encoding="utf-8")
    old = table(heading)
    assert text.count(old) == 1
    CAPACITY.write_text(text.replace(old, new), encoding="utf-8")


def as_table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (head, ["---"] * len(head), *lines)).replace(
        " --- ", "---"
    )


def written(figure: float) -> str:
    """A figure as people read it: whole from a hundred on, else by three digits that say something."""
    return f"{figure:,.0f}" if figure >= 99.5 else f"{figure:.3g}"


# --- what a call takes ------------------------------------------------------------------------------------------------


@dataclass
class Lines:
    """Simulated lines that speak by clips wherever there are any, and share a journal and their figures."""

    audio: Audio

    def __post_init__(self) -> None:
        self.text, self.metrics = StringIO(), Metrics()
        self.journal = Journal(self.text)
        self._voices = dict[int, tuple[Content, VoiceSelector]]()

    def voices(self, content: Content) -> VoiceSelector:
        """Of a content that is kept, so that its id is nobody else's."""
        made = self._voices.get(id(content)) or (content, VoiceSelector(content, self.audio, TODAY, "text"))
        return self._voices.setdefault(id(content), made)[1]

    def build(self, content: Content, clock: Callable[[], datetime]) -> Flask:
        numbers = {number: code for code, number in language_numbers(content.languages.languages).items()}
        voices = self.voices(content)
        content = content.with_dialled(numbers)
        contacts = contact_numbers(content.office.contacts)
        current = Current(Serving.of(Settings(PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), contacts), content, voices))
        return line_app(current, clock, lambda: clock().timestamp(), self.journal, self.metrics)


@pytest.fixture(scope="module")
def audio(content: Content, rendered: Rendered, tmp_path_factory: pytest.TempPathFactory) -> Audio:
    """Clips for every sentence of the eight languages that the offline voice speaks, whichever voice comes first."""
    folder = tmp_path_factory.mktemp("clips")
    for said in closed_set(content, TODAY):
        if made := rendered.name(said, "offline"):
            for name in {made, rendered.name(said, "google") or made}:
                if not (clip := folder / f"{name}.wav").exists():
                    clip.hardlink_to(rendered.path(made))
    return Audio(folder, NO_AUDIO.recorded)


@pytest.fixture(scope="module")
def measured(content: Content, rendered: Rendered, audio: Audio) -> dict[str, float]:
    """Every golden call, played by clips and by how a carrier usually behaves; and the clips themselves."""
    lines, calls = Lines(audio), list[Sequence[Event]]()
    seconds, subtitle = seconds_by_locale(content.languages), VoiceSelector(content, audio, TODAY).subtitle

    def hearing(app: WSGIApplication) -> Hearing:
        return Hearing(app, subtitle)

    for path in FILES:
        calls.append(play(read(path), content, lines.build, seconds, CarrierBehaviour(), hearing).events)
    lines.journal.close()
    journal = lines.text.getvalue().encode().splitlines(keepends=True)
    asked = [[event for event in events if isinstance(event, Requested)] for events in calls]
    clips = [[name for event in events for name in CLIP.findall(event.twiml)] for events in asked]
    size = {path.stem: path.stat().st_size for path in audio.rendered.iterdir()}
    return {
        "webhooks": mean(map(len, asked)),
        "seconds, talks not counted": mean(map(seconds_without_talks, calls)),
        "requests for clips, if nobody keeps them": mean(map(len, clips)),
        "kilobytes of clips, if nobody keeps them": mean(sum(size[name] for name in each) for each in clips) / 1000,
        "journal lines": len(journal) / len(calls),
        "bytes of a journal line": mean(map(len, journal)),
        "clips in all": len(rendered.paths),
        "megabytes of all clips": sum(path.stat().st_size for path in rendered.paths.values()) / 1e6,
        "time series of a process": sum(not line.startswith(b"#") for line in as_text(lines.metrics).splitlines()),
    }


def seconds_without_talks(events: Sequence[Event]) -> float:
    (ended,) = (event.at for event in events if isinstance(event, Ended))
    begun = [event.at for event in events if isinstance(event, Bridged)]
    return ended - sum(event.at for event in events if isinstance(event, TalkEnded)) + sum(begun)


def measured_table(found: Figures) -> str:
    why = {row[0]: row[2] for row in rows(MEASURED)}
    return as_table(["what", "figure", "how"], [[name, written(figure), why[name]] for name, figure in found.items()])


# --- what follows -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where callers live. `sites`: offices with hours, words and a number of their own."""

    name: str
    residents: float
    sites: int
    times: float = 1


def places(assumed: Figures) -> Iterator[Place]:
    yield Place("Kemi", assumed["residents of Kemi"], 1)
    yield Place("Lapland", assumed["residents of Lapland"], 1)
    finland = Place("Finland", assumed["residents of Finland"], int(assumed["sites of Finland"]))
    yield finland
    yield replace(finland, name="Finland, a bad day", times=assumed["calls of a bad day, times the usual"])


def needed(place: Place, assumed: Figures, call: Figures) -> dict[str, float]:
    """What a place needs in its busiest hour. Calls and people are shared within a site, not between two."""
    yearly = place.residents * assumed["calls a year from a resident"]
    hourly = yearly / assumed["working days"] * assumed["% of a day's calls in its busiest hour"] / 100 * place.times
    talk = assumed["minutes of a talk"] * 60
    alone, talks = (hourly * seconds / 3600 for seconds in (call["seconds, talks not counted"], talk))
    legs = alone + 2 * talks  # the caller's, and that of the person who answers
    no_line = assumed["legs in 1,000 that find no line"] / 1000
    all_busy = assumed["% of callers who find all busy"] / 100
    a_second = hourly / 3600
    webhooks = a_second * call["webhooks"]
    clips = a_second * call["requests for clips, if nobody keeps them"]
    busiest = assumed["busiest second, times the mean"] / 1e6
    for_webhooks = busiest * webhooks * assumed["CPU microseconds a webhook"]
    for_clips = busiest * clips * assumed["CPU microseconds a clip"]
    loaded = ceil((for_webhooks + for_clips) / place.sites / (assumed["% of a core in use, at most"] / 100))
    processes = place.sites * max(2, 1 + loaded)  # one of them may fail
    return {
        "sites": place.sites,
        "calls in the busiest hour": hourly,
        "callers at once": alone + talks,
        "legs at once that Twilio must allow": place.sites * lines_for(legs / place.sites, no_line),
        "people who answer at once": place.sites * lines_for(talks / place.sites, all_busy),
        "webhooks a second": webhooks,
        "% of one core in the busiest second": for_webhooks * 100,
        "% of one core for clips then, if nobody keeps them": for_clips * 100,
        "processes": processes,
        "megabytes of memory": processes * assumed["megabytes of a process"],
        "requests for clips a second, if nobody keeps them": a_second
        * call["requests for clips, if nobody keeps them"],
        "Mbit/s of clips, if nobody keeps them": a_second * call["kilobytes of clips, if nobody keeps them"] * 8 / 1000,
        "journal lines a second": a_second * call["journal lines"],
        "gigabytes of journal a year": yearly * call["journal lines"] * call["bytes of a journal line"] / 1e9,
        "time series": processes * call["time series of a process"],
    }


def computed_table(assumed: Figures, call: Figures) -> str:
    found = {place.name: needed(place, assumed, call) for place in places(assumed)}
    names = list(next(iter(found.values())))
    lines = [[name, *(written(each[name]) for each in found.values())] for name in names]
    return as_table(["in the busiest hour", *found], lines)


# --- tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "lines", "blocked"),
    [(1, 1, 1 / 2), (2, 2, 2 / 5), (3, 3, 9 / 26), (25, 30, 0.0526), (10.437, 18, 0.01)],
)
def test_erlang_b_is_that_of_the_books(offered: float, lines: int, blocked: float) -> None:
    assert erlang_b(offered, lines) == pytest.approx(blocked, abs=0.0001)


def test_as_many_lines_as_the_books_say() -> None:
    assert [lines_for(offered, 0.01) for offered in (0, 0.01, 1, 10)] == [1, 1, 5, 18]


def test_what_is_measured_is_still_so(measured: dict[str, float], pytestconfig: pytest.Config) -> None:
    if pytestconfig.getoption("--update"):
        write(MEASURED, measured_table(measured))
    assert figures(MEASURED) == pytest.approx(measured, rel=TENTH), "see the top of this file"


def test_what_is_computed_follows_from_what_is_written_above_it(pytestconfig: pytest.Config) -> None:
    computed = computed_table(figures(ASSUMED), figures(MEASURED))
    if pytestconfig.getoption("--update"):
        write(COMPUTED, computed)
    assert table(COMPUTED) == computed, "see the top of this file"


def test_a_slower_core_asks_for_more_processes() -> None:
    assumed, call = figures(ASSUMED), figures(MEASURED)
    slower = {**assumed, "CPU microseconds a webhook": 1000 * assumed["CPU microseconds a webhook"]}
    finland = list(places(assumed))[-1]
    assert needed(finland, slower, call)["processes"] > needed(finland, assumed, call)["processes"]


def test_a_core_answers_as_many_as_the_text_says() -> None:
    a_second = 1e6 / figures(ASSUMED)["CPU microseconds a webhook"]
    assert f"One core answers {a_second:,.0f} webhooks a second" in section(ASSUMED), "below the assumptions"


def test_on_a_bad_day_most_find_all_busy() -> None:
    assumed, call = figures(ASSUMED), figures(MEASURED)
    _, _, usual, bad = places(assumed)
    people = needed(usual, assumed, call)["people who answer at once"]
    talks = needed(bad, assumed, call)["calls in the busiest hour"] * assumed["minutes of a talk"] / 60
    assert f"{erlang_b(talks / bad.sites, round(people / bad.sites)):.0%}" in section(UNTRIED)


def test_every_assumption_says_where_it_is_from() -> None:
    assert [row[0] for row in rows(ASSUMED) if not row[2].startswith(("assumption", "source:", "measured:"))] == []


def test_a_second_of_a_clip_has_8000_bytes(rendered: Rendered) -> None:
    assert f"{RATE:,} bytes a second" in section(MEASURED)
    beside = [path.stat().st_size - RATE * (seconds_of(path) or 0) for path in rendered.paths.values()]
    assert 0 < min(beside) <= max(beside) <= MOST_HEADER


def test_it_can_be_read_in_one_sitting() -> None:
    assert len(CAPACITY.read_text(encoding="utf-8").splitlines()) <= 130
