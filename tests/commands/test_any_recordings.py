"""Whatever people hand in: each file is heard for its own sentence, or refused with its name and what to do."""

from __future__ import annotations

import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile  # type: ignore[import-untyped]
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from ivr.commands import main, recordings
from ivr.speech.clips import seconds_of
from tests.content.conftest import FIRST, Prompts
from tests.speech.sounds import hiss, sentence, silence

RATE = 16_000
IDS = [
    "nobody_free.sorry",
    "safety.danger",
    "welcome.machine",
    "main.person+1",
    "hours.phone.opens+mon+0900",
    "main.calm",
    "digit.4",
]
GOOD, WRONG = (
    ("wav", "flac", "mp3", "ogg", "stopped wav"),
    ("text", "empty", "cut", "silent", "noisy", "picture", "folder"),
)
NAMES = ("number", "id", "capitals", "blanks", "bare number", "unknown code", "nonsense", "too high a number")
MISNAMED = NAMES[4:]


def sound(kind: str, seconds: float) -> bytes:
    """The bytes of a recording of a length that no other has."""
    said = sentence(RATE, seconds)
    made = {"silent": silence(RATE, 2.0), "noisy": said + hiss(RATE, seconds + 1, -28.0)}.get(kind, said)
    file, form = io.BytesIO(), {"flac": "FLAC", "mp3": "MP3", "ogg": "OGG"}.get(kind, "WAV")
    soundfile.write(file, made, RATE, format=form)
    data = file.getvalue()
    match kind:
        case "text":
            return b"Good morning. " * 50
        case "empty":
            return b""
        case "cut":
            return data[: len(data) // 2]
        case "picture":
            return b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(500)
        case "stopped wav":
            return data[:4] + bytes(4) + data[8:40] + bytes(4) + data[44:]
        case _:
            return data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Prompts:
    return Prompts.copied_to(tmp_path_factory.mktemp("site"), *FIRST, "so")


def name_of(kind: str, id_: str, row: dict[str, object], count: int) -> str:
    number, code = row["number"], row["code"]
    return {
        "number": f"{number}-{code}",
        "id": id_,
        "capitals": id_.upper(),
        "blanks": f" {id_.replace('+', ' ')} ",
        "bare number": f"{number}",
        "unknown code": f"{number}-{'b' * 6}",
        "nonsense": f"{id_}x",
        "too high a number": f"{count + 1}-{code}",
    }[kind]


Drawn = tuple[str, str, str]
FILE = st.tuples(st.sampled_from(IDS), st.sampled_from(NAMES[:4] * 3 + MISNAMED), st.sampled_from(GOOD * 2 + WRONG))


@pytest.fixture(scope="module", autouse=True)
def seconds_are_not_proved() -> Iterator[None]:
    """They have tests of their own; the proof takes two seconds at each import."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(recordings, "heard_now", lambda *_: None)
        patched.setattr(recordings, "too_long", lambda *_: {})
        patched.setenv("IVR_RECORDINGS", "each example has its own")
        yield


@settings(max_examples=8, phases=[Phase.generate])  # to look for a smaller case would take minutes
@given(st.lists(FILE, min_size=1, max_size=9))
def test_each_file_is_heard_for_its_own_sentence_or_refused(
    site: Prompts, tmp_path_factory: pytest.TempPathFactory, drawn: list[Drawn]
) -> None:
    folder = tmp_path_factory.mktemp("office")
    os.environ["IVR_RECORDINGS"] = str(tmp_path_factory.mktemp("recordings"))
    arguments = ["--site", str(site.folder), "audio"]
    (script,) = json.loads(CliRunner().invoke(main, [*arguments, "script", "--lang", "so", "--json"]).output)
    rows = {row["id"]: row for row in script["sentences"]}
    paths = dict[Path, tuple[Drawn, float]]()
    for place, (id_, naming, kind) in enumerate(drawn):
        path = folder / str(place) / f"{name_of(naming, id_, rows[id_], len(rows))}.wav"
        path.parent.mkdir()
        seconds = 0.6 + len(rows[id_]["text"]) / 16 + 0.15 * place
        if kind == "folder":
            path.mkdir()
        else:
            path.write_bytes(sound(kind, seconds))
        paths[path] = ((id_, naming, kind), seconds)

    result = CliRunner().invoke(main, [*arguments, "import", str(folder), "--lang", "so"])

    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    files = {path: what for path, what in paths.items() if path.is_file()}
    named = Counter(id_ for (id_, naming, _), _ in files.values() if naming not in MISNAMED)
    good = {
        path: (id_, seconds)
        for path, ((id_, naming, kind), seconds) in files.items()
        if naming not in MISNAMED and kind in GOOD and named[id_] == 1
    }
    recorded = Path(os.environ["IVR_RECORDINGS"]) / "so"
    table = recorded / "texts.json"
    texts = json.loads(table.read_text(encoding="utf-8")) if table.exists() else {}
    assert texts == {id_: rows[id_]["text"] for id_, _ in good.values()}
    for path, (id_, seconds) in good.items():
        assert f'{path}: TAKEN as {id_}: "{rows[id_]["text"]}"\n' in result.output
        assert seconds_of(recorded / f"{id_}.wav") == pytest.approx(seconds + 0.35, abs=0.07 + 0.3 * ("+1" in id_))
    for path in files.keys() - good.keys():
        (why,) = re.findall(rf"^{re.escape(str(path))}: REFUSED\. (.+)$", result.output, re.MULTILINE)
        assert len(why.split(". ")) >= 2, f"no remedy: {why}"
    assert f"{len(good)} recordings taken in, {len(files) - len(good)} refused" in result.output
    assert result.exit_code == (len(good) < len(files))
