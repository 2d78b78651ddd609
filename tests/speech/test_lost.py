"""Rule O1: what is lost falls for itself alone, no call hears less than it must, and what is back is heard again."""

from __future__ import annotations

import io
import pickle
import random
import re
import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.app import line_app
from ivr.core.content import Content
from ivr.core.flow import Transfer
from ivr.core.prompts import Catalogue
from ivr.core.script import closed_set
from ivr.core.utterance import Clip, SpokenByProvider, Utterance
from ivr.journal import Journal
from ivr.metrics import Metrics
from ivr.phone.hearing import Hearing
from ivr.phone.network.clock import VirtualClock
from ivr.phone.network.events import Event, Pressed, Requested, Ringing, Said
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, carrier_for, contact_numbers
from ivr.serving import Current, Serving
from ivr.settings.read import Settings
from ivr.speech.clips import Rendered
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector
from ivr.telephony.port import Provider
from tests.conftest import TODAY
from tests.speech.test_voices import (
    A_SECOND,
    audio,
    clip_of,
    first,
    heard,
    make,
    record,
    remove,
    script,
    without_provider,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["audio"]
FIRST = ("fi", "sv", "en")


def locales(selector: VoiceSelector, said: Utterance) -> list[str]:
    """Of what the provider says of an utterance."""
    return [sound.locale for sound in selector(said) if isinstance(sound, SpokenByProvider)]


def nobody_may_miss(content: Content, said: Utterance) -> bool:
    """Safety sentences, the hours of now, and what announces a ringing, worked out anew."""
    transfers = [node for node in content.flow.nodes.values() if isinstance(node, Transfer)]
    announced = {item.name for node in transfers for say in (node.announce, node.before_language) for item in say}
    now = re.match(r"hours\.\w+\.(open|opens|opens_on|closed_long)(\.plain)?$", said.prompt)
    return bool(now) or said.prompt.startswith("safety.") or said.prompt in announced


@pytest.fixture
def ukrainian(content: Content, audio: Audio) -> VoiceSelector:
    """All clips of the offline voice in one language that the provider does not speak."""
    for said in script(content, "uk"):
        make(content, audio, said, "offline")
    return VoiceSelector(content, audio, TODAY)


class TestOneSentence:
    """The order in which a sentence falls."""

    @pytest.fixture
    def selector(self, content: Content, audio: Audio) -> VoiceSelector:
        """Finnish by Google, and one of its sentences by the offline voice too."""
        for said in script(content, "fi"):
            make(content, audio, said, "google")
        for slow in (False, True):
            make(content, audio, replace(first(content, "hours.phone.open"), slow=slow), "offline")
        return VoiceSelector(content, audio, TODAY)

    def test_to_the_other_pace_another_engine_the_provider_and_no_other_sentence(
        self, content: Content, audio: Audio, selector: VoiceSelector
    ) -> None:
        said = first(content, "hours.phone.open")
        slow, other = replace(said, slow=True), first(content, "main.hours")
        name = Rendered(content, audio.rendered).name
        order = [name(said, "google"), name(slow, "google"), name(said, "offline"), name(slow, "offline")]
        for expected in order:
            sound = clip_of(selector, said)
            assert sound.name == expected
            remove(audio, sound)
            assert selector.look()
        assert heard(selector, said) == SpokenByProvider("Polly.Suvi-Neural", "fi-FI", said.text)
        assert clip_of(selector, other).name == name(other, "google")
        assert selector.sources["fi"] == "google"
        assert selector.lost == set(order[:2])

    def test_to_its_twin_where_nothing_has_its_words(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector
    ) -> None:
        said, plain = first(content, "hours.phone.open", "uk"), first(content, "hours.phone.open.plain", "uk")
        remove(audio, clip_of(ukrainian, said), clip_of(ukrainian, replace(said, slow=True)))
        assert ukrainian.look()
        assert ukrainian(said) == ukrainian(plain) != ()

    def test_to_the_languages_that_speak_first_or_to_nothing(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector
    ) -> None:
        danger, press = first(content, "safety.danger", "uk"), first(content, "nobody_free.sorry", "uk")
        for said in (danger, press):
            remove(audio, clip_of(ukrainian, said), clip_of(ukrainian, replace(said, slow=True)))
        assert ukrainian.look()
        assert [getattr(sound, "text", "") for sound in ukrainian(danger)] == [
            first(content, "safety.danger", code).text for code in FIRST
        ]
        assert ukrainian(press) == ()
        assert "uk" in ukrainian.voiced

    def test_the_hours_of_now_are_the_same_hours_in_other_languages(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector
    ) -> None:
        shutil.rmtree(audio.rendered)
        ukrainian.look()
        said = [u for u in script(content, "uk") if u.prompt == "hours.phone.opens" and not u.slow]
        assert said
        for each in said:
            same = [u.text for u in script(content, "sv") if (u.id, u.slow) == (each.id, False)]
            assert [getattr(sound, "text", "") for sound in ukrainian(each)][1:2] == same

    def test_whom_nobody_else_understands_is_told_in_english_what_to_say(
        self, content: Content, ukrainian: VoiceSelector, audio: Audio
    ) -> None:
        shutil.rmtree(audio.rendered)
        ukrainian.look()
        (sound,) = ukrainian(first(content, "safety.languages_of_112", "uk"))
        assert isinstance(sound, SpokenByProvider)
        assert sound.text == "One one two answers in Finnish, Swedish and English. Say: Ukrainian. Wait."

    def test_no_voice_at_all_is_no_error(self, content: Content) -> None:
        for code in FIRST:
            content = without_provider(content, code)
        assert VoiceSelector(content, NO_AUDIO, TODAY)(first(content, "safety.danger")) == ()


Copy = Callable[[], tuple[Content, VoiceSelector]]


@pytest.fixture(scope="module")
def whole(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """Gives copies of a selector in which Ukrainian and Finnish are made, and some of both recorded."""
    folder = tmp_path_factory.mktemp("whole")
    where = Audio(folder / "rendered", folder / "recorded")
    where.rendered.mkdir()
    for code, engine in (("uk", "offline"), ("fi", "google")):
        for said in script(content, code):
            make(content, where, said, engine)
        for prompt in ("safety.danger", "nobody_free.sorry", "safety.goodbye"):
            record(where, first(content, prompt, code))
    own = replace(content)  # without all that other tests have had put together, which would be copied each time
    closed_set(own, TODAY)
    pickled = pickle.dumps((own, VoiceSelector(own, where, TODAY)))
    return lambda: pickle.loads(pickled)  # noqa: S301 - our own


@settings(max_examples=12)
@given(
    seed=st.integers(0, 2**32),
    share=st.sampled_from((0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0)),
    all_of=st.sampled_from(("", "safety.", "hours.", "choose_language.")),
)
def test_whatever_is_lost_nothing_raises_and_nobody_misses_what_they_must_hear(
    whole: Copy, seed: int, share: float, all_of: str
) -> None:
    """Any share of the clips, and all of some sentences."""
    content, selector = whole()
    everything, dice = closed_set(content, TODAY), random.Random(seed)  # noqa: S311 - chooses what a test loses
    losing = set[str]()
    for said in everything:
        of_these = bool(all_of) and said.prompt.startswith(all_of)
        clips = {sound.name for sound in selector(said) if isinstance(sound, Clip)}
        losing |= {name for name in clips if of_these or dice.random() < share}
    for name in losing:
        selector.lose(name)
    assert selector.lost >= losing
    for said in everything:
        sounds = selector(said)
        assert losing.isdisjoint({sound.name for sound in sounds if isinstance(sound, Clip)})
        assert sounds or not nobody_may_miss(content, said)
        assert sounds or not content.languages.languages[said.language].provider_voice
    assert selector.look() is bool(losing)
    assert selector.lost == frozenset(), "every file is still there"


def truncated(path: Path) -> None:
    path.write_bytes(A_SECOND[:-1])


def grown(path: Path) -> None:
    path.write_bytes(A_SECOND + b"more")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.wav")


DAMAGE = (truncated, grown, emptied, a_folder, a_broken_link, Path.unlink)


class TestLook:
    def test_nothing_has_changed(self, ukrainian: VoiceSelector) -> None:
        assert not ukrainian.look()

    @pytest.mark.parametrize("damage", DAMAGE)
    @pytest.mark.parametrize("at_start", [False, True])
    def test_a_clip_that_is_not_whole_is_lost_and_heard_again_when_it_is(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector, damage: Callable[[Path], None], at_start: bool
    ) -> None:
        said = first(content, "nobody_free.sorry", "uk")
        sound = clip_of(ukrainian, said)
        path = audio.rendered / f"{sound.name}.wav"
        damage(path)
        selector = VoiceSelector(content, audio, TODAY, keep=frozenset({"uk"})) if at_start else ukrainian
        assert selector.look() is not at_start
        assert selector(said) == selector(replace(said, slow=True)) != (sound,)
        assert selector.lost == {sound.name}
        assert "uk" in selector.voiced
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        path.write_bytes(A_SECOND)
        assert selector.look()
        assert (selector(said), selector.lost) == ((sound,), frozenset())

    @pytest.mark.parametrize("damage", DAMAGE)
    def test_a_recording_too(self, content: Content, audio: Audio, damage: Callable[[Path], None]) -> None:
        said = first(content, "nobody_free.sorry")
        record(audio, said)
        path = audio.recorded / "fi" / "nobody_free.sorry.wav"
        good = path.read_bytes()
        selector = VoiceSelector(content, audio, TODAY)
        sound = clip_of(selector, said)
        damage(path)
        if path.is_file() and path.stat().st_size > len(good):
            path.write_bytes(good + b"more")
        assert selector.look()
        assert isinstance(heard(selector, said), SpokenByProvider)
        assert selector.lost == {"fi/nobody_free.sorry"}
        path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        path.write_bytes(good)
        assert selector.look()
        assert selector(said) == (sound,)

    def test_what_could_not_be_opened_is_read_again_at_the_next_look(
        self, content: Content, ukrainian: VoiceSelector
    ) -> None:
        said = first(content, "nobody_free.sorry", "uk")
        sound = clip_of(ukrainian, said)
        ukrainian.lose(sound.name)
        ukrainian.lose(sound.name)
        assert ukrainian.lost == {sound.name}
        assert ukrainian.file(sound.name) is None
        assert ukrainian(said) == ukrainian(replace(said, slow=True))
        assert ukrainian.look()
        assert (ukrainian(said), ukrainian.lost) == ((sound,), frozenset())

    def test_a_recording_that_could_not_be_opened(self, content: Content, audio: Audio) -> None:
        said = first(content, "nobody_free.sorry")
        record(audio, said)
        selector = VoiceSelector(content, audio, TODAY)
        sound = clip_of(selector, said)
        selector.lose(sound.name)
        assert isinstance(heard(selector, said), SpokenByProvider)
        assert selector.look()
        assert selector(said) == (sound,)

    def test_a_name_that_is_no_clip_is_not_lost(self, ukrainian: VoiceSelector) -> None:
        ukrainian.lose("0" * 32)
        assert ukrainian.lost == frozenset()
        assert not ukrainian.look()

    def test_a_recording_that_is_replaced_is_the_new_one(self, content: Content, audio: Audio) -> None:
        said = first(content, "nobody_free.sorry")
        record(audio, said)
        selector = VoiceSelector(content, audio, TODAY)
        before = clip_of(selector, said)
        (audio.recorded / "fi" / "nobody_free.sorry.wav").write_bytes(A_SECOND)
        assert selector.look()
        assert clip_of(selector, said).seconds == 1 != before.seconds
        assert selector.file(before.name) is None

    def test_a_build_that_ends_brings_its_language_and_one_recording_changes_one_sentence(
        self, content: Content, audio: Audio
    ) -> None:
        selector = VoiceSelector(content, audio, TODAY)
        assert selector.missing()["sw"] == "it has no clips and no recordings"
        everything = script(content, "sw")
        for said in everything:
            if said.prompt != "welcome.machine":
                make(content, audio, said, "offline")
        assert selector.look()
        assert selector.missing()["sw"].endswith(" sentences have no voice: welcome.machine")
        make(content, audio, first(content, "welcome.machine", "sw"), "offline")
        assert selector.look()
        assert ("sw" in selector.voiced, selector.sources["sw"]) == (True, "offline")
        assert "sw" not in selector.missing()
        press = first(content, "nobody_free.sorry", "sw")
        before = selector(press)
        record(audio, press)
        assert selector.look()
        assert selector(press) != before

    def test_a_better_voice_that_becomes_whole_takes_over(self, content: Content, audio: Audio) -> None:
        selector = VoiceSelector(content, audio, TODAY)
        for said in script(content, "fi"):
            make(content, audio, said, "google")
        assert selector.sources["fi"] == "provider"
        assert selector.look()
        assert selector.sources["fi"] == "google"


class TestLanguages:
    def test_one_whose_clips_are_all_lost_is_not_offered_until_they_are_back(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector
    ) -> None:
        away = audio.rendered.rename(audio.rendered.with_name("away"))
        assert ukrainian.look()
        assert "uk" not in ukrainian.voiced
        assert ukrainian.missing()["uk"] == "all its clips are lost"
        name = Rendered(content, audio.rendered).name
        assert ukrainian.lost == {name(said, "offline") for said in script(content, "uk")}
        away.rename(audio.rendered)
        assert ukrainian.look()
        assert "uk" in ukrainian.voiced
        assert ukrainian.lost == frozenset()

    @pytest.mark.usefixtures("ukrainian")
    @pytest.mark.parametrize("unreadable", [Path.mkdir, lambda path: path.write_bytes(b""), None])
    def test_clips_missing_at_start_are_told_and_found_later(
        self, content: Content, audio: Audio, unreadable: Callable[[Path], None] | None
    ) -> None:
        """A file where the folder should be cannot be read, as a folder without permission; root may read those."""
        away = audio.rendered.rename(audio.rendered.with_name("away"))
        if unreadable:
            unreadable(audio.rendered)
        selector = VoiceSelector(content, audio, TODAY)
        why = "it has no clips and no recordings"
        if audio.rendered.is_file():
            (fault,) = selector.faults()
            assert fault.endswith("/rendered cannot be read: Not a directory")
            why += f"; {fault}"
        assert selector.missing()["uk"] == why
        assert selector.lost == frozenset(), "nobody was promised Ukrainian"
        if audio.rendered.exists():
            audio.rendered.rmdir() if audio.rendered.is_dir() else audio.rendered.unlink()
        away.rename(audio.rendered)
        assert selector.look()
        assert ("uk" in selector.voiced, selector.faults()) == (True, ())

    def test_a_swap_takes_no_language_away_for_sentences_without_clips(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector
    ) -> None:
        """Rule O4: new words in two sentences, one of them safety, and hours that were never made."""
        texts = {**content.catalogue.texts["uk"]}
        for prompt in ("nobody_free.sorry", "safety.danger", "hours.phone.opens"):
            texts[prompt] += " Нове."
        swapped = replace(content, catalogue=Catalogue({**content.catalogue.texts, "uk": texts}))
        assert "uk" not in VoiceSelector(swapped, audio, TODAY).voiced
        selector = VoiceSelector(swapped, audio, TODAY, keep=ukrainian.kept)
        assert "uk" in selector.voiced
        assert selector.kept >= ukrainian.kept
        assert selector(first(swapped, "nobody_free.sorry", "uk")) == ()
        assert locales(selector, first(swapped, "safety.danger", "uk")) == ["fi-FI", "sv-SE", "en-GB"]
        exact, plain = first(swapped, "hours.phone.opens", "uk"), first(swapped, "hours.phone.opens.plain", "uk")
        assert selector(exact) == selector(plain) != ()
        for said in script(swapped, "uk"):
            make(swapped, audio, said, "offline")
        assert selector.lost
        assert selector.look()
        assert clip_of(selector, first(swapped, "nobody_free.sorry", "uk"))
        assert selector.lost == frozenset()

    def test_one_that_was_kept_and_has_nothing_left_is_not_offered(self, content: Content, audio: Audio) -> None:
        selector = VoiceSelector(content, audio, TODAY, keep=frozenset({"uk", "ru"}))
        assert "uk" not in selector.voiced
        assert "ru" in selector.voiced
        assert selector.missing()["uk"] == "all its clips are lost"

    def test_why_not_where_only_the_provider_may_speak(self, content: Content) -> None:
        missing = VoiceSelector(content, NO_AUDIO, TODAY, "say").missing()
        assert missing.keys() == {"uk", "fa", "so", "ckb", "sw"}
        assert missing["uk"] == "the provider has no voice for it, and IVR_SPEECH allows no other"


class TestAnotherProcess:
    def test_a_selector_can_be_sent_there_and_goes_on(
        self, content: Content, audio: Audio, ukrainian: VoiceSelector
    ) -> None:
        record(audio, first(content, "nobody_free.sorry"))
        ukrainian.look()
        # Whatever was worked out and kept before must not be in the way.
        content.office.hours_now(datetime.fromisoformat("2026-11-24T10:00:00+02:00"))
        there, selector = pickle.loads(pickle.dumps((content, ukrainian)))  # noqa: S301 - our own
        for said in closed_set(content, TODAY):
            assert selector(said) == ukrainian(said)
        assert closed_set(there, TODAY) == closed_set(content, TODAY)
        assert there.office == content.office
        assert (selector.voiced, selector.kept, selector.lost) == (ukrainian.voiced, ukrainian.kept, ukrainian.lost)
        assert not selector.look()
        remove(audio, clip_of(ukrainian, first(content, "nobody_free.sorry", "uk")))
        assert selector.look()
        assert len(selector.lost) == 1


# --- whole calls ------------------------------------------------------------------------------------------------------


@pytest.fixture
def real(rendered: Rendered, tmp_path: Path) -> Audio:
    """The clips that the real engine made, to lose."""
    folder = next(iter(rendered.paths.values())).parent
    return Audio(Path(shutil.copytree(folder, tmp_path / "real")), tmp_path / "recorded")


class Line:
    """A line whose voices a test can take away during a call; `swap` offers the languages that have one now."""

    def __init__(self, content: Content, audio: Audio, at: str) -> None:
        self.clock = VirtualClock(datetime.fromisoformat(at))
        self.selector = VoiceSelector(content, audio, TODAY)
        self._content = content
        self._settings = Settings(PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), contact_numbers(content.office.contacts))
        self._current = Current(self._serving())
        now = self.clock.now
        self._app = line_app(self._current, now, lambda: now().timestamp(), Journal(io.StringIO()), Metrics())

    def _serving(self) -> Serving:
        return Serving.of(self._settings, self._content, self.selector)

    @property
    def provider(self) -> Provider:
        return self._current.serving.provider

    def swap(self) -> None:
        self._current.swap(self._serving())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return self._app.wsgi_app(environ, start_response)

    def call(self, caller: ScriptedCaller) -> list[Event]:
        hearing = Hearing(self, self.selector.subtitle)
        carrier = carrier_for(self, self.clock, lambda text, _locale: len(text) / 12, hearing=hearing)
        return list(carrier.call(caller, ScriptedContacts({})))


class LosesAVoice(ScriptedCaller):
    """Presses a key and waits; as soon as it is pressed the line loses clips, and after its answer it is swapped."""

    def __init__(self, key: str, line: Line, lose: Callable[[], None]) -> None:
        super().__init__([key])
        self._line, self._lose, self._pressed, self._swapped = line, lose, False, False

    def hears(self, event: Event) -> None:
        super().hears(event)
        if isinstance(event, Pressed):
            self._pressed = True
            self._lose()
            assert self._line.selector.look()
            self._line.provider.clear_cache()
        elif isinstance(event, Said) and self._pressed and not self._swapped:
            self._swapped = True
            self._line.swap()


def said_after_the_key(events: list[Event]) -> list[Said]:
    place = next(place for place, event in enumerate(events) if isinstance(event, Pressed))
    return [event for event in events[place:] if isinstance(event, Said) and event.where != "whisper"]


def seconds_to_ringing(events: list[Event]) -> float:
    pressed = next(event.at for event in events if isinstance(event, Pressed))
    return next(event.at for event in events if isinstance(event, Ringing)) - pressed


BY_DAY, BY_NIGHT = "2026-11-24T10:00:00+02:00", "2026-11-24T03:00:00+02:00"


class TestWholeCalls:
    @pytest.mark.parametrize("at", [BY_DAY, BY_NIGHT])
    def test_a_caller_who_waits_hears_ringing_within_a_minute_though_all_of_the_language_is_lost(
        self, content: Content, real: Audio, at: str
    ) -> None:
        line = Line(content, real, at)
        name = Rendered(content, real.rendered).name

        def lose() -> None:
            for said in script(content, "uk"):
                (real.rendered / f"{name(said, 'offline')}.wav").unlink(missing_ok=True)

        events = line.call(LosesAVoice(content.languages.languages["uk"].key, line, lose))
        said = [event.spoken for event in said_after_the_key(events)]
        assert [spoken.text for spoken in said[:3]] == [first(content, "safety.danger", code).text for code in FIRST]
        assert {spoken.language for spoken in said} == {"fi-FI", "sv-SE", "en-GB"}
        assert seconds_to_ringing(events) <= 60
        addresses = [event.url for event in events if isinstance(event, Requested) and "/at/" in event.url]
        assert "lang=uk" in addresses[-1], "a call under way keeps its language"

        again = line.call(ScriptedCaller([content.languages.languages["uk"].key]))
        heard_before = {event.spoken.language for event in again if isinstance(event, Said)}
        assert "uk-UA" not in heard_before, "its name is not said"
        addresses = [event.url for event in again if isinstance(event, Requested)]
        assert not any("lang=" in address for address in addresses), "its digit is a wrong key"

    def test_the_name_of_a_language_is_lost_and_every_call_goes_on(self, content: Content, real: Audio) -> None:
        """A1: two clips of 1,716, and every caller in every language got the emergency document."""
        line = Line(content, real, BY_DAY)
        name, slow = (replace(first(content, "choose_language.choice", "uk"), slow=slow) for slow in (False, True))
        clips = [clip_of(line.selector, said) for said in (name, slow)]
        remove(real, *clips)
        assert line.selector.look()
        line.provider.clear_cache()
        events = line.call(ScriptedCaller([content.languages.languages["uk"].key]))
        texts = [event.spoken.text for event in events if isinstance(event, Said)]
        assert name.text not in texts
        assert first(content, "safety.danger", "uk").text in texts, "its key works"
        for clip in clips:
            (real.rendered / f"{clip.name}.wav").write_bytes(A_SECOND)
        assert line.selector.look()
        line.provider.clear_cache()
        events = line.call(ScriptedCaller(["1"]))
        assert name.text in [event.spoken.text for event in events if isinstance(event, Said)]
