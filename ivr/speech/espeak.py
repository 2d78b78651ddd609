"""espeak-ng, the offline speech engine: a robotic voice, no account, hundreds of times faster than real time.

The library is GPL-3 and keeps its state in globals, so it is loaded in worker processes only, once in each. Its
interface is espeak-ng's `speak_lib.h`.
"""

from __future__ import annotations

import ctypes
import functools
import importlib
import multiprocessing
import os
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from ivr.program import how_to_install
from ivr.speech.port import EngineFault, Speech, SynthesisRequest

BASE_WPM = 150
"""Words a minute at pace 1.0. espeak's default of 175 is too fast for a bad line or a second language."""
SLOWEST_WPM, FASTEST_WPM = 80, 450
"""The limits of espeak."""
BATCH = 16
"""Requests that are sent to a worker at once."""
LONGEST_PATH = 120
"""Bytes of the path of its data. espeak appends file names in buffers of 160 bytes, and aborts on overflow."""
REMEDY = how_to_install("offline")

# AUDIO_OUTPUT_SYNCHRONOUS, espeakINITIALIZE_DONT_EXIT, espeakCHARS_UTF8, espeakPHONEMES, POS_CHARACTER and espeakRATE
_SYNCHRONOUS, _DO_NOT_EXIT, _UTF8, _PHONEMES, _CHARACTERS, _RATE = 2, 0x8000, 1, 0x100, 1, 1


class _Files(NamedTuple):
    """Paths of the shared library and of the folder with its data."""

    library: str
    data: str


class Espeak:
    """The offline engine. A voice is named as in `voices()`, with or without a variant: `fi`, `en-gb`, `sv+f3`."""

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or os.cpu_count() or 1

    def speak(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """Yield each request with its speech, made in worker processes that end with the last. Raises EngineFault."""
        yield from self._speak(requests, _UTF8)

    def speak_phonemes(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[SynthesisRequest, Speech]]:
        """The same of texts whose words stand as `[[names of phonemes]]`, which `speak` would spell out.

        Of a name that the voice lacks there is no error: it is silent, with the rest of its word.
        """
        yield from self._speak(requests, _UTF8 | _PHONEMES)

    def _speak(self, requests: Iterable[SynthesisRequest], flags: int) -> Iterator[tuple[SynthesisRequest, Speech]]:
        source = iter(requests)
        batches = iter(lambda: list(islice(source, BATCH)), [])
        with _files() as files, _pool(self._workers) as pool:
            running: dict[Future[_BatchResult], list[SynthesisRequest]] = {}
            while True:
                for batch in islice(batches, 4 * self._workers - len(running)):
                    running[pool.submit(_speak_batch, files, batch, flags)] = batch
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    yield from _speeches(running.pop(future), future.result())

    def voices(self) -> dict[str, tuple[str, ...]]:
        """The voices of espeak-ng: name -> BCP 47 tags of its languages."""
        with _files() as files, _pool(1) as pool:
            return pool.submit(_languages, files).result()


def _speeches(batch: list[SynthesisRequest], result: _BatchResult) -> Iterator[tuple[SynthesisRequest, Speech]]:
    import numpy as np

    for request, samples in zip(batch, result.samples, strict=False):  # fewer samples where a fault ended the batch
        yield request, Speech(np.frombuffer(samples, np.int16).astype(np.float32) / np.float32(32768), result.rate)
    if result.fault:
        raise EngineFault(result.fault)


@contextmanager
def _files() -> Iterator[_Files]:
    """The files of espeak-ng, by a short link where the path of its data is too long."""
    try:
        importlib.import_module("numpy")
        loader = importlib.import_module("espeakng_loader")
    except ImportError as missing:
        raise EngineFault(f"The offline voice is not installed ({missing}): {REMEDY}") from missing
    library, data = loader.get_library_path(), loader.get_data_path()
    if len(os.fsencode(data)) <= LONGEST_PATH:
        yield _Files(library, data)
        return
    with tempfile.TemporaryDirectory(prefix="espeak") as folder:
        link = Path(folder, "data")
        if len(os.fsencode(link)) > LONGEST_PATH:
            raise EngineFault(f"espeak-ng needs a path under {LONGEST_PATH} bytes: set TMPDIR to a short one")
        link.symlink_to(data)
        yield _Files(library, str(link))


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    context = multiprocessing.get_context("spawn")
    # A process that counts the locks of the pool begins here. It ignores Ctrl-C, but a closed terminal would end it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    pool = ProcessPoolExecutor(workers, context, _start_worker)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield pool
    except BrokenProcessPool as died:
        remedy = "Run the same command again; if it dies again, install the extra again"
        raise EngineFault(f"A process of espeak-ng died. {remedy}: {REMEDY}") from died
    finally:
        pool.shutdown(cancel_futures=True)


# All that follows runs in a worker process.


class _BatchResult(NamedTuple):
    """16-bit samples of each request of a batch, up to the one whose fault, if any, ended it; samples a second."""

    samples: list[bytes]
    rate: int
    fault: str | None


def _start_worker() -> None:
    # Ctrl-C, a closed terminal and a service manager reach the whole process group; the parent alone handles them. A
    # worker that is killed while it hands over a result would leave the parent waiting for the rest of it for ever.
    os.setsid()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this worker when its parent is killed: it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _speak_batch(files: _Files, batch: list[SynthesisRequest], flags: int) -> _BatchResult:
    samples: list[bytes] = []
    library = _library(files)
    try:
        for request in batch:
            samples.append(library.speak(request, flags))
    except EngineFault as fault:
        return _BatchResult(samples, library.rate, str(fault))
    return _BatchResult(samples, library.rate, None)


def _languages(files: _Files) -> dict[str, tuple[str, ...]]:
    return {name: voice.languages for name, voice in _library(files).voices.items()}


class _CVoice(ctypes.Structure):
    """`espeak_VOICE` of speak_lib.h."""

    _strings = (("name", ctypes.c_char_p), ("languages", ctypes.c_void_p), ("identifier", ctypes.c_char_p))
    _bytes = tuple((name, ctypes.c_ubyte) for name in ("gender", "age", "variant", "unused"))
    _fields_ = (*_strings, *_bytes, ("score", ctypes.c_int), ("spare", ctypes.c_void_p))


class _Voice(NamedTuple):
    identifier: str
    languages: tuple[str, ...]

    def speaks(self, tag: str) -> bool:
        """Whether it speaks the language of a BCP 47 tag, whatever the country in either."""
        return any(language.split("-")[0] == tag.lower().split("-")[0] for language in self.languages)


class _Library:
    """espeak-ng, loaded once in this process."""

    def __init__(self, files: _Files) -> None:
        try:
            self._c = ctypes.CDLL(files.library)
        except OSError as broken:
            raise EngineFault(f"espeak-ng does not load ({broken}): {REMEDY}") from broken
        self.rate: int = self._c.espeak_Initialize(_SYNCHRONOUS, 0, os.fsencode(files.data), _DO_NOT_EXIT)
        if self.rate <= 0:
            raise EngineFault(f"espeak-ng finds no data in {files.data}: {REMEDY}")
        self._c.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_CVoice))
        self._c.espeak_GetCurrentVoice.restype = ctypes.POINTER(_CVoice)
        self.voices = _by_name(self._c.espeak_ListVoices(None))
        self._samples = bytearray()
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._receive)  # kept, as ctypes callbacks that are garbage-collected crash
        self._c.espeak_SetSynthCallback(self._callback)

    def speak(self, request: SynthesisRequest, flags: int) -> bytes:
        self._set_voice(request)
        words = max(SLOWEST_WPM, min(FASTEST_WPM, round(BASE_WPM * request.pace)))
        self._c.espeak_SetParameter(_RATE, words, 0)
        self._samples.clear()
        text = request.text.encode() + b"\0"
        failed = self._c.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, _CHARACTERS, 0, flags, None, None)
        if failed or not any(self._samples):  # an empty text makes silence
            raise EngineFault(f"{request.prompt}: espeak-ng made no sound of {request.text!r} by {request.voice}")
        return bytes(self._samples)

    def _receive(self, samples: int | None, count: int, _events: Any) -> int:
        if samples:
            self._samples += ctypes.string_at(samples, 2 * count)
        return 0

    def _set_voice(self, request: SynthesisRequest) -> None:
        name, plus, variant = request.voice.partition("+")
        voice = self.voices.get(name)
        if not voice or not voice.speaks(request.language):
            names = [name for name, voice in self.voices.items() if voice.speaks(request.language)]
            remedy = f"choose from {', '.join(names)}" if names else "it has none for this language, so record it"
            missing = f"espeak-ng has no voice {request.voice} for {request.language}"
            raise EngineFault(f"{request.prompt}: {missing}: {remedy}")
        # By identifier, since en-gb is no file name, and espeak_SetVoiceByProperties picks a similar voice for an
        # unknown name. A failure leaves the previous voice, and an unknown variant is ignored without an error, so
        # the current voice is compared.
        wanted = (voice.identifier + plus + variant).encode()
        failed = self._c.espeak_SetVoiceByName(wanted)
        if failed or self._c.espeak_GetCurrentVoice().contents.identifier != wanted:
            remedy = f"leave out {plus}{variant}" if variant else REMEDY
            raise EngineFault(f"{request.prompt}: espeak-ng cannot load the voice {request.voice}: {remedy}")


_library = functools.cache(_Library)


def _by_name(voices: Any) -> dict[str, _Voice]:
    """Voices by their first language; by the name of their file where another voice has that language already."""
    named: dict[str, _Voice] = {}
    for pointer in takewhile(bool, voices):
        voice = pointer.contents
        identifier, languages = voice.identifier.decode(), tuple(_tags(voice.languages))
        name = languages[0] if languages[0] not in named else identifier.rpartition("/")[2].lower()
        named[name] = _Voice(identifier, languages)
    return named


def _tags(address: int) -> Iterator[str]:
    """Read a C list of languages: priority (a byte), tag, NUL, and so on until a priority of 0."""
    while ctypes.string_at(address, 1) != b"\0":
        tag = ctypes.string_at(address + 1)
        yield tag.decode()
        address += len(tag) + 2
