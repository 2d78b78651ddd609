"""The draft voice for Somali: the real espeak-ng says all of it, and no line ever does."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import get_args

import pytest

from ivr.content.files import letters_name
from ivr.content.letters import read_letters
from ivr.content.load import load
from ivr.core.content import Content
from ivr.core.letters import Letters
from ivr.core.utterance import Clip, SpeechMode, SpokenByProvider, Utterance
from ivr.proof.voices import unusable, voice_issues
from ivr.settings.read import speech_mode
from ivr.speech.clips import RENDERED, Rendered, request_of
from ivr.speech.draft_voice import DRAFT, DraftEngine, DraftVoice, draft_folder, faults_by_sound
from ivr.speech.engines import CLOUD, ENGINES, VOICE_SOURCES
from ivr.speech.espeak import Espeak
from ivr.speech.estimate import estimate
from ivr.speech.offer import offer_of
from ivr.speech.port import EngineFault, Speech
from ivr.speech.render import build
from ivr.speech.telephone import to_clip
from ivr.speech.voices import TEXT_ONLY, Audio, VoiceSelector
from tests.conftest import ROOT, TODAY
from tests.content.conftest import FIRST, Prompts
from tests.speech.test_offered import approved
from tests.speech.test_voices import A_SECOND, audio, script
from tests.telephony.conftest import Line, line_settings

__all__ = ["audio"]
AZURE = "azure: {voice: so-SO-UbaxNeural, pace: 0.9}"
NAMED_IN_LANGUAGES = (AZURE, "draft: {voice: ar}", "offline: {voice: ar}")
"""What somebody may write below Somali in languages.yaml."""


@pytest.fixture(scope="module")
def letters(content: Content) -> Letters:
    read = read_letters(ROOT / "prompts", "so", content.catalogue.texts["so"])
    assert read
    assert read.issues == ()
    assert read.letters
    return read.letters


@pytest.fixture(scope="module")
def somali(content: Content) -> list[Utterance]:
    return script(content, "so")


@pytest.fixture(scope="module")
def spoken(content: Content, letters: Letters, somali: list[Utterance]) -> Mapping[Utterance, Speech]:
    """Everything, as the draft voice says it."""
    jobs = DraftVoice("so", letters).jobs(content, somali)
    speeches = dict(DraftEngine().speak({job.request for job in jobs.values()}))
    return {said: speeches[job.request] for said, job in jobs.items()}


def told(known: Letters, **changes: object) -> list[tuple[tuple[str, ...], str]]:
    """Place and message of what is not heard in a changed table, with one text."""
    table = known.model_copy(update=changes)
    return [(issue.where, issue.message) for issue in faults_by_sound(table, {"a": "Riix kow."}, letters_name("so"))]


class TestBySound:
    def test_every_letter_and_every_word_of_every_text_is_heard_whole(self, content: Content, letters: Letters) -> None:
        assert list(faults_by_sound(letters, content.catalogue.texts["so"], letters_name("so"))) == []

    @pytest.mark.parametrize("lacking", ["E", "d.", "G", "I", "a E", "E a", "%", "_"])
    def test_a_name_that_the_voice_lacks_or_that_is_silent_is_told(self, letters: Letters, lacking: str) -> None:
        ((where, message),) = told(letters, letters={**letters.letters, "b": lacking})
        assert where == ("letters", "b")
        assert f"'{lacking}'" in message

    def test_of_a_word_of_its_own_too(self, letters: Letters) -> None:
        ((where, _),) = told(letters, words={"kemi": "k E m i"})
        assert where == ("words", "kemi")

    def test_a_word_that_is_cut_is_told_though_each_of_its_letters_is_heard(
        self, letters: Letters, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No such word is known, so one is read here with a name that the voice lacks."""
        phonemes = Letters.phonemes
        cut = ("R", "E", "H")
        monkeypatch.setattr(Letters, "phonemes", lambda self, word: cut if word == "riix" else phonemes(self, word))
        ((where, message),) = told(letters)
        assert where == ("words",)
        assert "'riix'" in message

    def test_an_unknown_voice_is_told(self, letters: Letters) -> None:
        ((where, message),) = told(letters, voice="so")
        assert where == ("voice",)
        assert "'so'" in message

    def test_the_voice_of_a_language_that_lacks_the_sounds_of_somali_is_no_choice(self, letters: Letters) -> None:
        assert {("letters", "c"), ("letters", "x")} <= {where for where, _ in told(letters, voice="sw")}


class TestClips:
    def test_every_sentence_becomes_a_clip_for_the_telephone(
        self, content: Content, letters: Letters, spoken: Mapping[Utterance, Speech]
    ) -> None:
        jobs = DraftVoice("so", letters).jobs(content, spoken)
        assert all(to_clip(speech, jobs[said].ending) for said, speech in spoken.items())

    def test_it_is_about_as_fast_as_the_other_voices(
        self, content: Content, spoken: Mapping[Utterance, Speech]
    ) -> None:
        """Whole sentences only: of a short word most is the silence around it."""
        long = [said for said in spoken if len(said.text) > 20 and not said.slow]
        seconds = sum(len(spoken[said].samples) / spoken[said].rate for said in long)
        assert seconds == pytest.approx(sum(estimate(content.languages, said) for said in long), rel=0.15)

    def test_the_slow_version_is_slower(self, spoken: Mapping[Utterance, Speech]) -> None:
        seconds = {
            (said.id, said.slow): len(speech.samples) / speech.rate
            for said, speech in spoken.items()
            if len(said.text) > 20
        }
        pairs = [(seconds[id_, False], slow) for (id_, is_slow), slow in seconds.items() if is_slow]
        assert len(pairs) > 20
        assert all(slow > 1.15 * usual for usual, slow in pairs)

    def test_the_name_of_its_file_tells_what_it_is(
        self, content: Content, letters: Letters, somali: list[Utterance]
    ) -> None:
        jobs = DraftVoice("so", letters).jobs(content, somali)
        assert len(jobs) == len(somali)
        assert all(job.name.startswith(f"{DRAFT}-so-") for job in jobs.values())
        assert not any(RENDERED.fullmatch(job.name) for job in jobs.values())


def test_it_is_no_voice_source(content: Content) -> None:
    assert not any("draft" in name or "draft" in source.engine for name, source in VOICE_SOURCES.items())
    assert content.languages.languages["so"].voices.keys().isdisjoint({"draft", "offline"})


@pytest.fixture(scope="module")
def drafted(
    content: Content, letters: Letters, somali: list[Utterance], tmp_path_factory: pytest.TempPathFactory
) -> Audio:
    """Its clips, in their own folder and wherever somebody may have put them."""
    folder = tmp_path_factory.mktemp("audio")
    audio = Audio(folder / "rendered", folder / "recorded")
    made = DraftVoice("so", letters).jobs(content, somali)
    build([*made.values()][:2], DraftEngine(), draft_folder(audio), lambda _: None)
    assert len(list(draft_folder(audio).glob(f"{DRAFT}-so-*.wav"))) == 2
    for folder in (draft_folder(audio), audio.rendered, audio.recorded / "so"):
        folder.mkdir(parents=True, exist_ok=True)
        for said, job in made.items():
            (folder / f"{job.name}.wav").write_bytes(A_SECOND)
            if folder != audio.rendered:
                (folder / f"{said.id}.wav").write_bytes(A_SECOND)
    return audio


@pytest.fixture(
    scope="module", params=NAMED_IN_LANGUAGES, ids=["not named", "a source of its own", "the offline source"]
)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """A site in whose languages.yaml somebody has named a machine voice for Somali, or not."""
    prompts = Prompts.copied_to(tmp_path_factory.mktemp("site"), *FIRST, "so")
    prompts.edit("languages.yaml", AZURE, request.param)
    content = load(prompts.folder, TODAY).content
    assert content
    return content


class TestNeverOnTheLine:
    """Whatever the settings: a caller who chooses Somali can only hear people."""

    @pytest.mark.parametrize("speech", ["", "auto", "say", "text", "draft", "anything"])
    @pytest.mark.parametrize("approval", [False, True])
    def test_no_setting_makes_the_line_speak_it(
        self, site: Content, drafted: Audio, letters: Letters, speech: str, approval: bool
    ) -> None:
        mode = speech_mode({"IVR_SPEECH": speech})
        assert mode != "text", "only simulated calls have it"
        for content, keep in product((site, approved(site, *site.offered)), (frozenset[str](), frozenset({"so"}))):
            selector = VoiceSelector(content, drafted, TODAY, mode, keep, require_approval=approval)
            assert "so" not in selector.offered | selector.voiced
            assert "so" not in offer_of(content, selector).now
            for said in script(content, "so"):
                assert not any(isinstance(sound, Clip) for sound in selector(said))
                assert all(
                    isinstance(sound, SpokenByProvider) and sound.locale != "so-SO" and sound.voice != TEXT_ONLY
                    for sound in selector(said)
                )
            assert not any(selector.file(job) for job in self.names(content, letters))

    def names(self, content: Content, letters: Letters) -> set[str]:
        return {job.name for job in DraftVoice("so", letters).jobs(content, script(content, "so")).values()}

    @pytest.mark.parametrize("speech", [mode for mode in get_args(SpeechMode) if mode != "text"])
    @pytest.mark.parametrize("approval", [False, True])
    def test_the_application_neither_offers_nor_serves_it(
        self, content: Content, drafted: Audio, letters: Letters, speech: SpeechMode, approval: bool
    ) -> None:
        line = Line(
            approved(content, *content.offered),
            settings=line_settings(speech=speech, require_approval=approval),
            audio=drafted,
        )
        answers = [line.post("/voice").text, *(line.post(f"/voice/at/{node}").text for node in content.flow.nodes)]
        assert not any(DRAFT in answer or "so-SO" in answer or "riix" in answer for answer in answers)
        for name in self.names(content, letters):
            assert line.client.get(f"/audio/{name}.wav").status_code == 404

    def test_a_clip_that_is_lost_is_not_replaced_by_it(self, content: Content, drafted: Audio) -> None:
        """Somali was recorded and approved, and then all its recordings went away."""
        selector = VoiceSelector(approved(content, "so"), drafted, TODAY, keep=frozenset({"so"}))
        assert "so" not in selector.offered
        assert all(not isinstance(sound, Clip) for said in script(content, "so") for sound in selector(said))

    def test_its_clips_are_no_rendered_clips(self, content: Content, drafted: Audio) -> None:
        rendered = Rendered(content, drafted.rendered)
        assert list(drafted.rendered.iterdir())
        assert not rendered.are_there
        assert rendered.paths == {}

    def test_nothing_that_is_told_of_the_line_changes_by_it(self, content: Content, audio: Audio) -> None:
        def seen() -> list[object]:
            selector = VoiceSelector(content, audio, TODAY)
            heard = [selector.heard(code) for code in content.languages.languages]
            return [offer_of(content, selector), selector.missing(), voice_issues(content, selector), heard]

        before = seen()
        draft_folder(audio).mkdir()
        (draft_folder(audio) / f"{DRAFT}-so-{'0' * 32}.wav").write_bytes(A_SECOND)
        (audio.rendered / f"{DRAFT}-so-{'0' * 32}.wav").write_bytes(A_SECOND)
        assert seen() == before

    def test_the_offline_engine_itself_refuses_to_say_somali(self, site: Content) -> None:
        """So naming its Arabic voice below Somali makes no clips, and naming a source that is none is told."""
        voices = site.languages.languages["so"].voices
        here = [engine for engine in ENGINES if engine not in CLOUD]
        requests = [request_of(site, said, engine) for said in script(site, "so")[:1] for engine in here]
        if "offline" in voices:
            with pytest.raises(EngineFault, match="no voice ar for so-SO"):
                list(Espeak(1).speak([request for request in requests if request]))
        else:
            assert requests == [None] * len(here)
            unknown = [name for name in voices if name not in VOICE_SOURCES]
            wrong = [issue.where for issue in unusable(site)]
            assert wrong == [("languages", "so", "voices", name) for name in unknown]
