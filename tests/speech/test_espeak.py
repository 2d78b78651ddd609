"""The offline voice: the real espeak-ng in real worker processes."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import espeakng_loader  # type: ignore[import-untyped]
import numpy as np
import pytest

from ivr.speech.espeak import BATCH, Espeak
from ivr.speech.port import Engine, EngineFault, Speech, SynthesisRequest
from tests.limits import until

FINNISH = SynthesisRequest("menu.ask", "fi-FI", "Paina yksi, niin ohjaaja vastaa.", "fi", 1.0)
ENGLISH = SynthesisRequest("menu.ask", "en-GB", "Press one and an instructor answers.", "en-gb", 1.0)
SOMALI = SynthesisRequest("welcome.so", "so-SO", "Waad ku mahadsan tahay.", "so", 1.0)

KILLED = """
import multiprocessing
from ivr.speech.espeak import Espeak
from ivr.speech.port import SynthesisRequest

if __name__ == "__main__":
    endless = iter(lambda: SynthesisRequest("p", "fi-FI", "yksi kaksi kolme", "fi", 1.0), None)
    for number, _ in enumerate(Espeak(2).speak(endless)):
        if number == 100:
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
"""


@pytest.fixture(autouse=True)
def _nothing_stays_behind() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert multiprocessing.active_children() == []
    assert set(threading.enumerate()) <= before


def speech_of(request: SynthesisRequest, engine: Engine | None = None) -> Speech:
    [(spoken, speech)] = (engine or Espeak(1)).speak([request])
    assert spoken == request
    return speech


def refusal_of(request: SynthesisRequest) -> str:
    with pytest.raises(EngineFault) as fault:
        list(Espeak(1).speak([request]))
    return str(fault.value)


def test_speech_is_mono_float_at_the_rate_of_espeak() -> None:
    speech = speech_of(FINNISH)
    assert (speech.rate, str(speech.samples.dtype), speech.samples.ndim) == (22050, "float32", 1)
    assert 1.5 < len(speech.samples) / speech.rate < 5
    assert 0.1 < np.abs(speech.samples).max() <= 1.0


@pytest.mark.parametrize("voice", ["fi", "sv", "en-gb", "fr-fr", "ar", "ru", "uk", "fa", "sw", "ku", "ti"])
def test_every_language_that_the_line_counts_on_speaks_by_the_name_in_the_list(voice: str) -> None:
    texts = {"ar": "مَرْحَبًا", "fa": "سلام", "ru": "привет", "uk": "привіт", "ti": "ሰላም"}
    speech = speech_of(SynthesisRequest("hello", voice, texts.get(voice, "hello"), voice, 1.0))
    assert len(speech.samples) > 0.1 * speech.rate


def pauses_in(texts: Iterable[str], voice: str, locale: str) -> dict[str, float]:
    """Text -> seconds of the longest silence within it. One process says all of them."""
    requests = {SynthesisRequest("p", locale, text, voice, 1.0) for text in texts}
    return {request.text: longest_silence(speech) for request, speech in Espeak(1).speak(requests)}


def longest_silence(speech: Speech) -> float:
    loud = np.flatnonzero(np.abs(speech.samples) > 0.003)
    return float(np.diff(loud).max()) / speech.rate


@pytest.mark.parametrize(
    ("voice", "locale", "first", "second"),
    [
        ("fi", "fi-FI", "Odota nyt", "Soita meille"),
        ("sv", "sv-SE", "Vänta nu", "Ring oss"),
        ("en-gb", "en-GB", "Wait now", "Call us again"),
        ("ru", "ru-RU", "Ждите сейчас", "Звоните нам"),
        ("uk", "uk-UA", "Чекайте зараз", "Зателефонуйте нам"),
        ("sw", "sw-KE", "Subiri sasa", "Piga simu"),
        ("ar", "ar-XA", "اِنْتَظِروا", "نَتَّصِل بِمَنْ"),
        ("fa", "fa-IR", "صبر کنید", "ما زنگ می‌زنیم"),
    ],
)
def test_it_runs_on_at_a_full_stop_before_a_small_letter_and_at_no_other_mark(
    voice: str, locale: str, first: str, second: str
) -> None:
    """What the check of texts tells (`_pauses` in ivr/content/checks/lint.py)."""
    small = second[0].lower() + second[1:]
    texts, capital = {mark: f"{first}{mark} {small}." for mark in ".?!:,"}, f"{first}. {second}."
    pauses = pauses_in((*texts.values(), capital), voice, locale)
    assert all(pauses[text] > 0.15 for mark, text in texts.items() if mark != ".")
    assert pauses[capital] > 0.3
    assert (pauses[texts["."]] < 0.1) == (small != second)


def test_it_loses_a_vowel_that_stands_before_its_shadda() -> None:
    """Why the spoken forms keep that order (`in_reading_order` in ivr/content/po.py)."""
    known = "\u0646\u064e\u062a\u0651\u064e\u0635\u0650\u0644"  # nattasil
    composed = unicodedata.normalize("NFC", known)
    assert known != composed
    sounds = [speech_of(SynthesisRequest("p", "ar-XA", text, "ar", 1.0)).samples for text in (known, composed)]
    assert len(sounds[0]) > len(sounds[1]) + 500


def test_a_slower_pace_takes_longer_and_stays_within_what_espeak_can_do() -> None:
    def samples(pace: float) -> int:
        return len(speech_of(SynthesisRequest("p", "fi-FI", FINNISH.text, "fi", pace)).samples)

    assert samples(0.8) > 1.1 * samples(1.0)
    assert samples(0.01) == pytest.approx(samples(80 / 150), rel=0.02)
    assert samples(100) == pytest.approx(samples(3.0), rel=0.02)


def test_more_texts_than_a_batch_come_back_each_with_its_own_speech() -> None:
    requests = [SynthesisRequest(f"p{n}", "fi-FI", "yksi " * (1 + n % 7), "fi", 1.0) for n in range(5 * BATCH + 3)]
    spoken = list(Espeak(2).speak(iter(requests)))
    assert sorted(request.prompt for request, _ in spoken) == sorted(request.prompt for request in requests)
    lengths = [{len(speech.samples) for request, speech in spoken if len(request.text) == 5 * n} for n in range(1, 8)]
    assert all(max(shorter) < min(longer) for shorter, longer in pairwise(lengths))


def test_nothing_to_say_starts_no_process() -> None:
    assert list(Espeak(2).speak([])) == []


def test_a_language_it_lacks_right_after_one_it_has_is_a_fault_not_the_voice_before() -> None:
    speaking = Espeak(1).speak([FINNISH, SOMALI, ENGLISH])
    assert next(speaking)[0] == FINNISH  # what was made before the fault is kept
    with pytest.raises(EngineFault, match=r"^welcome\.so: espeak-ng has no voice so for so-SO: .*record it"):
        next(speaking)


def test_the_voice_of_another_language_is_not_taken_for_one_it_lacks() -> None:
    assert "no voice fr-fr for so-SO" in refusal_of(SynthesisRequest("p", "so-SO", "haa", "fr-fr", 1.0))
    assert "no voice ku for ckb" in refusal_of(
        SynthesisRequest("p", "ckb", "بەڵێ", "ku", 1.0)
    )  # Sorani is not Kurmanji


def test_a_misspelt_voice_names_those_to_choose_from() -> None:
    # espeak_SetVoiceByProperties would take British English for it.
    assert "p: espeak-ng has no voice en-xx for en-GB: choose from" in refusal_of(
        SynthesisRequest("p", "en-GB", "yes", "en-xx", 1.0)
    )
    assert "en-gb, en-gb-scotland" in refusal_of(SynthesisRequest("p", "en-GB", "yes", "en", 1.0))


def test_a_variant_sounds_different_and_a_misspelt_one_is_not_dropped_in_silence() -> None:
    plain = speech_of(FINNISH)
    female = speech_of(SynthesisRequest("p", "fi-FI", FINNISH.text, "fi+f3", 1.0))
    assert not np.array_equal(plain.samples, female.samples)
    assert "cannot load the voice fi+f33: leave out +f33" in refusal_of(
        SynthesisRequest("p", "fi-FI", "hei", "fi+f33", 1.0)
    )


def test_a_voice_whose_file_is_lost_is_a_fault_not_the_voice_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = shutil.copytree(espeakng_loader.get_data_path(), tmp_path / "data")
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(data))
    swedish = data / "lang" / "gmq" / "sv"

    def texts() -> Iterator[SynthesisRequest]:
        while swedish.exists():
            yield FINNISH
        yield SynthesisRequest("hours.open", "sv-SE", "Vi har öppet.", "sv", 1.0)

    speaking = Espeak(1).speak(texts())
    assert next(speaking)[0] == FINNISH
    swedish.unlink()  # the worker has listed it by now
    with pytest.raises(EngineFault, match=r"^hours\.open: espeak-ng made no sound"):
        assert {request.language for request, _ in speaking} == {"fi-FI"}


def test_a_text_that_makes_no_sound_is_a_fault() -> None:
    assert refusal_of(SynthesisRequest("menu.ask", "fi-FI", "", "fi", 1.0)).startswith(
        "menu.ask: espeak-ng made no sound"
    )


@pytest.mark.parametrize("length", [130, 157, 160, 250])
def test_a_long_data_path_is_shortened(length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "d"
    folder /= "x" * (length - len(str(folder)) - 1)
    folder.parent.mkdir()
    folder.symlink_to(espeakng_loader.get_data_path())
    assert len(str(folder)) == length
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(folder))
    assert len(speech_of(SynthesisRequest("p", "en-GB", "yes", "en-gb-scotland+RicishayMax3", 1.0)).samples)


def test_an_empty_data_folder_is_a_fault_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path))
    assert "make setup" in refusal_of(FINNISH)


@pytest.mark.parametrize("missing", ["espeakng_loader", "numpy"])
def test_without_the_extra_the_fault_tells_how_to_install_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert f"{sys.executable} -m pip install 'kemi-guidance-line[offline]'" in refusal_of(FINNISH)
    assert "make setup" in refusal_of(FINNISH)


def test_importing_the_engine_imports_no_extra() -> None:
    code = "import sys, ivr.speech.espeak; print({'numpy', 'espeakng_loader'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_voices_are_listed_with_their_languages() -> None:
    voices = Espeak().voices()
    assert voices["fi"] == ("fi",)
    assert voices["en-gb"] == ("en-gb", "en")
    assert len(voices) > 100
    assert "so" not in voices


def test_a_listener_who_leaves_early_leaves_no_process_behind() -> None:
    speaking = Espeak(2).speak(iter(lambda: FINNISH, None))
    next(speaking)
    assert multiprocessing.active_children()
    speaking.close()  # type: ignore[attr-defined]


def test_a_worker_that_dies_is_a_fault() -> None:
    speaking = Espeak(1).speak(iter(lambda: FINNISH, None))
    next(speaking)
    for child in multiprocessing.active_children():
        child.kill()
    with pytest.raises(EngineFault, match="A process of espeak-ng died"):
        list(speaking)


def test_a_signal_to_all_processes_of_a_terminal_does_not_reach_the_workers() -> None:
    """Ctrl-C, a closed terminal and a service manager reach the whole group; the parent alone decides what follows."""
    speaking = Espeak(1).speak(iter(lambda: FINNISH, None))
    next(speaking)
    assert [os.getpgid(child.pid or 0) == os.getpgid(0) for child in multiprocessing.active_children()] == [False]
    speaking.close()  # type: ignore[attr-defined]


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "killed.py").write_text(KILLED, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "killed.py")]
    quiet = subprocess.DEVNULL  # what cleans up after the killed one says so
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=quiet, text=True) as parent:
        assert parent.stdout
        workers = [int(pid) for pid in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert len(workers) == 2
    until(lambda: not any(map(_runs, workers)), lambda: "workers outlive their parent")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
