"""A language that volunteers recorded, and what the files of a press change under a running line (decision 28)."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest

from ivr.content.approval import Approval, approve_heard
from ivr.core.script import to_record
from ivr.core.utterance import Utterance
from ivr.phone.network.events import Said
from ivr.speech.line_state import LINE, LineState, write_line_state
from ivr.speech.mulaw import to_wav
from ivr.speech.recorded import RecordedText, remove_voice, take_in
from tests.conftest import made_once
from tests.faults.ring import Telephone
from tests.faults.served import Served, make_proved_template, served, today
from tests.limits import PATIENCE, until

SO, KEY, LOCALE, DANGER = "so", "8", "so-SO", "safety.danger"
NEW = "Halis ma ku jirtaa? Taleefanka dhig. Wac kow kow laba."


def make_somali(folder: Path) -> None:
    make_proved_template(folder, SO)


@pytest.fixture(scope="module")
def somali(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with a language that no machine speaks."""
    return made_once(tmp_path_factory, "somali", make_somali)


class Press:
    """What the office's page writes when a team leader takes the language into use."""

    def __init__(self, line: Served) -> None:
        self.folder, self._recordings = line.recordings / SO, line.recordings
        self._line = line

    def sentences(self) -> tuple[Utterance, ...]:
        return to_record(self._line.content(), today(), SO)

    def record(self, *sentences: Utterance, voice: str, seconds: float = 0.7) -> None:
        clips = {
            said.id: (RecordedText(said.text, "", "2026-11-24", voice), sound(number, seconds))
            for number, said in enumerate(sentences, 1000 * int(voice[1:]))
        }
        take_in(self.folder, clips)

    def approve(self) -> None:
        texts = self._line.prompts.load(today()).texts
        assert texts
        signed = {
            id_: Approval.signed(SO, id_, texts.wording(SO, id_).translation, texts.sources[id_].source, "A", today())
            for id_ in texts.safety(SO)
        }
        approve_heard(self._recordings, SO, "Soomaali", signed)

    def use(self, *, in_use: bool) -> None:
        write_line_state(self.folder, LineState(in_use))


def sound(number: int, seconds: float) -> bytes:
    """Another one for each number, as a name is a hash of the sound."""
    samples = np.full(round(8000 * seconds), 0.1, np.float32)
    samples[:64] = np.array([0.3 if number >> bit & 1 else -0.3 for bit in range(16) for _ in range(4)], np.float32)
    return to_wav(samples)


def offers(line: Served, *, wanted: bool) -> None:
    until(lambda: (SO in line.languages()) == wanted, lambda: f"{line.health()}\n{''.join(line.told)}")


def fetched(line: Served, url: str) -> tuple[int, str]:
    """Status of a clip, and how long it may be kept."""
    path = url[url.index("/audio/") :]
    try:
        with urllib.request.urlopen(f"{line.address}{path}", timeout=PATIENCE) as reply:  # noqa: S310
            return reply.status, reply.headers["Cache-Control"]
    except urllib.error.HTTPError as error:
        return error.code, ""


def clips_heard(line: Served) -> dict[str, str]:
    """Text -> the address of its clip, of what a caller hears in the language."""
    events = Telephone(line).ring(KEY).events
    said = [event.spoken for event in events if isinstance(event, Said) and event.where != "whisper"]
    return {spoken.text: spoken.clip for spoken in said if spoken.language == LOCALE and spoken.clip}


@pytest.mark.long
def test_from_the_press_to_the_last_voice_taken_back(somali: Path, tmp_path: Path) -> None:
    with served(somali, tmp_path / "line", IVR_REQUIRE_APPROVAL="1") as line:
        press = Press(line)
        line.start()
        sentences = press.sentences()
        press.record(*sentences[::2], voice="v1")
        press.record(*sentences[1::2], voice="v2")
        press.use(in_use=True)
        until(lambda: "nobody has approved" in line.health()["not_offered"][SO], lambda: str(line.health()))
        assert SO not in line.languages()

        press.approve()
        offers(line, wanted=True)
        heard = clips_heard(line)
        assert fetched(line, next(iter(heard.values()))) == (200, "public, max-age=3600")

        # Off the line, and back; a damaged decision changes nothing.
        press.use(in_use=False)
        offers(line, wanted=False)
        missing = line.alarms().get("languages_missing", "")
        assert f"{SO}:" not in missing, "nobody is woken by what a team leader has decided"
        (press.folder / LINE).write_bytes(b"{")
        until(lambda: any(LINE in fault for fault in line.health()["audio_faults"]), lambda: str(line.health()))
        assert SO not in line.languages()
        press.use(in_use=True)
        offers(line, wanted=True)

        # A safety sentence gets other words: callers hear the approved ones, by their recording.
        danger = line.content().catalogue.utter(DANGER, SO, {})
        assert danger.text in heard
        before = line.swaps()
        line.prompts.translate("so.po", DANGER, NEW)
        until(lambda: line.swaps() > before, lambda: str(line.health()))
        assert clips_heard(line)[danger.text] == heard[danger.text]
        # Approved, and not recorded: it alone is said in the languages that speak first.
        press.approve()
        until(lambda: line.swaps() > before + 1, lambda: str(line.health()))
        assert SO in line.languages()
        now = clips_heard(line)
        assert danger.text not in now
        assert set(now) >= set(heard) - {danger.text}

        # A voice is taken back: its clips are gone, and those of the other go on.
        gone = remove_voice(press.folder, "v1")
        assert len(gone) == len(sentences[::2])
        one, other = ({said.text for said in each} for each in (sentences[::2], sentences[1::2]))
        both = one & other  # sentences of the same words were recorded by either
        until(
            lambda: all(fetched(line, url)[0] == 404 for text, url in now.items() if text in one - both),
            lambda: str(line.health()),
        )
        assert all(fetched(line, url)[0] == 200 for text, url in now.items() if text in other - both)
