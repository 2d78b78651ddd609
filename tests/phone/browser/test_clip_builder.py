"""The clip builder: in which order it makes the clips, and who waits for them."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from werkzeug.test import Client

from ivr.core.content import Content
from ivr.core.utterance import Utterance
from ivr.phone import clip_builder
from ivr.phone.browser.app import create_phone
from ivr.phone.browser.shown import shown_offer
from ivr.phone.browser.words import words
from ivr.phone.clip_builder import ClipBuilder, Progress
from tests.limits import PATIENCE
from tests.phone.browser.helpers import SAID_FIRST, Tones, begun, get, line_of


class TestClipBuilder:
    @pytest.fixture
    def few(self, script: Sequence[Utterance]) -> list[Utterance]:
        """Three languages: what is said first in each, and two other sentences, one of them slowly too."""
        found = list[Utterance]()
        for code in ("fi", "sv", "en"):
            of_one = [said for said in script if said.language == code]
            found += [said for said in of_one if said.prompt == "safety.opening"]
            found += [said for said in of_one if said.prompt in ("nobody_free.sorry", "welcome.machine")]
        return found

    def finished(self, builder: ClipBuilder) -> None:
        """Let it work here until it has ended."""
        others = set(threading.enumerate())
        builder.start()
        for thread in begun("clip-builder", others):
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def languages(self, engine: Tones, few: Sequence[Utterance]) -> list[str]:
        """In which order the languages were made, behind what everybody hears."""
        first = len({(s.language, s.text) for s in few if s.prompt.startswith(SAID_FIRST) and not s.slow})
        return list(dict.fromkeys(request.language[:2] for request in engine.spoken[first:]))

    def test_what_everybody_hears_first_is_made_first(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine = Tones()
        self.finished(ClipBuilder(content, few[::-1], tmp_path, lambda: engine))
        first = [request.prompt.startswith(SAID_FIRST) for request in engine.spoken]
        assert first == sorted(first, reverse=True)
        assert 0 < sum(first) < len(first)

    def test_a_language_that_is_asked_for_comes_before_the_others(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        plain, hurried = Tones(), Tones()
        self.finished(ClipBuilder(content, few, tmp_path / "plain", lambda: plain))
        builder = ClipBuilder(content, few, tmp_path / "hurried", lambda: hurried)
        builder.hurry("sv")
        builder.hurry("en")
        self.finished(builder)
        assert self.languages(plain, few) == ["fi", "sv", "en"]
        assert self.languages(hurried, few) == ["en", "sv", "fi"]

    def test_a_builder_that_is_closed_makes_no_more_and_ends(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine, others = Tones(counted=True), set(threading.enumerate())
        builder = ClipBuilder(content, few, tmp_path, lambda: engine)
        builder.start()
        assert engine.asked.acquire(timeout=PATIENCE)
        closing = threading.Thread(target=builder.close)
        closing.start()
        engine.leave.release(len(few))
        closing.join(PATIENCE)
        assert not begun("clip-builder", others)
        made, wanted, fault = builder.progress()
        assert made < wanted
        assert not fault
        assert len(engine.spoken) < len(few)

    def test_a_language_may_be_asked_for_while_another_is_made(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine = Tones(counted=True)
        builder = ClipBuilder(content, few, tmp_path, lambda: engine)
        builder.start()
        assert engine.asked.acquire(timeout=PATIENCE)
        builder.hurry("en")
        engine.leave.release(len(few))
        assert all(builder.clip(said) for said in few)
        assert self.languages(engine, few) == ["en", "fi", "sv"]

    def test_a_clip_is_waited_for_while_it_is_being_made(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waits, wait_for = threading.Event(), threading.Condition.wait_for

        def noted(condition: threading.Condition, there: Callable[[], bool], patience: float | None = None) -> bool:
            waits.set()
            return wait_for(condition, there, patience)

        monkeypatch.setattr(threading.Condition, "wait_for", noted)
        engine, got = Tones(counted=True), list[str | None]()
        builder = ClipBuilder(content, few, tmp_path, lambda: engine)
        builder.start()
        waiting = threading.Thread(target=lambda: got.append(builder.clip(few[0])))
        waiting.start()
        assert waits.wait(PATIENCE)
        assert (waiting.is_alive(), got) == (True, [])
        engine.leave.release(len(few))
        waiting.join(PATIENCE)
        assert got[0]
        path = builder.path(got[0])
        assert path
        assert path.read_bytes()[:4] == b"RIFF"

    def test_a_clip_that_takes_too_long_is_not_waited_for(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(clip_builder, "PATIENCE", 0.0)
        builder = ClipBuilder(content, few, tmp_path, Tones)  # and nobody starts it
        assert builder.clip(few[0]) is None

    def test_what_the_builder_does_not_know_has_no_clip(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        builder = ClipBuilder(content, few[:1], tmp_path, Tones)
        assert builder.clip(few[1]) is None
        assert builder.path("0" * 32) is None

    def test_a_fault_is_told_and_nobody_waits_for_what_will_not_come(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        builder = ClipBuilder(content, few, tmp_path, partial(Tones, breaks_at=2))
        line, here = line_of(replace(content, offered=content.offered | {"uk"})), words("en")["built_here"]
        assert here in shown_offer(line, builder, "en")["today"]
        self.finished(builder)
        assert here not in shown_offer(line, builder, "en")["today"]
        progress = builder.progress()
        assert progress.fault == "the tones are broken"
        assert progress.made < progress.wanted
        made = [builder.clip(said) for said in few]
        assert made.count(None) == progress.wanted - progress.made

    def test_a_disk_that_cannot_be_written_is_told(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("no folder", encoding="utf-8")
        builder = ClipBuilder(content, few, tmp_path / "file", Tones)
        self.finished(builder)
        assert builder.progress().fault
        assert builder.clip(few[0]) is None

    def test_progress_counts_and_the_page_is_told(
        self, content: Content, few: Sequence[Utterance], tmp_path: Path
    ) -> None:
        engine = Tones(counted=True)
        builder = ClipBuilder(content, few, tmp_path, lambda: engine)
        client = Client(create_phone(line_of(content), builder))
        wanted = builder.progress().wanted
        told = get(client, "/making").get_json()
        assert (told["made"], told["wanted"], told["fault"]) == (0, wanted, "")
        builder.start()
        engine.leave.release(len(few))
        assert all(builder.clip(said) for said in few)
        assert builder.progress() == Progress(wanted, wanted, "")
        assert len(list(tmp_path.glob("*.wav"))) == wanted

    def test_nothing_is_made_twice(self, content: Content, few: Sequence[Utterance], tmp_path: Path) -> None:
        first, second, third = Tones(), Tones(), Tones()
        self.finished(ClipBuilder(content, few, tmp_path, lambda: first))
        assert max(Counter(first.spoken).values()) == 1
        self.finished(ClipBuilder(content, few, tmp_path, lambda: second))
        assert second.spoken == []
        lost = next(tmp_path.glob("*.wav"))
        lost.unlink()
        self.finished(ClipBuilder(content, few, tmp_path, lambda: third))
        assert len(third.spoken) == 1
        assert lost.is_file()
