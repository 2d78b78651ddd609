"""What somebody records is judged at once, kept as callers would hear it, and never lost or kept twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import soundfile  # type: ignore[import-untyped]

from ivr.listening.takes import keep
from ivr.records.faults import RecordsFault
from ivr.records.room import Room, Take
from ivr.room.uploads import MOST_SOUND
from ivr.speech.clips import seconds_of
from ivr.speech.recorded import RecordedText, take_in
from tests.folders import files_of
from tests.room.conftest import AMINA, BAHAR, TriedRoom, spoken, told

DANGER = "safety.danger"
NAME, OTHER = "a" * 32, "b" * 32


def files(tried: TriedRoom) -> list[str]:
    """Everything that lies where takes lie."""
    return sorted(path.name for path in tried.takes.rglob("*") if path.is_file())


def test_a_take_is_the_clip_that_callers_would_hear(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    answer = amina.record(DANGER, spoken())
    assert answer.status_code == 200, answer.text
    assert told(answer)["take"] == {"url": f"sound/{NAME}.wav", "seconds": 3.9, "stale": False, "in_use": False}
    assert told(answer)["progress"]["done"] == 1
    data = (tried.takes / f"{NAME}.wav").read_bytes()
    assert amina.get(f"/sound/{NAME}.wav").data == data
    assert seconds_of(tried.takes / f"{NAME}.wav") == pytest.approx(3.8, abs=0.1)
    (kept,) = tried.room.takes("so")
    assert (kept.sentence, kept.text, kept.sha256) == (
        DANGER,
        amina.sentence(DANGER)["text"],
        hashlib.sha256(data).hexdigest(),
    )


def test_the_same_again_is_one_take(tried: TriedRoom) -> None:
    """A phone whose network has gone sends it again."""
    amina = tried.let_in(AMINA)
    first, second = (amina.record(DANGER, spoken()) for _ in range(2))
    assert first.json == second.json
    assert len(tried.room.takes("so")) == 1


def test_a_better_take_takes_the_place_of_the_first(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    amina.record(DANGER, spoken())
    amina.record(DANGER, spoken(4), OTHER)
    assert amina.sentence(DANGER)["take"]["url"] == f"sound/{OTHER}.wav"
    assert amina.state["progress"]["done"] == 1


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (b"", "nothing"),
        (b"no sound at all", "again"),
        (spoken(0.8), "fast"),
        (spoken(dbov=-60), "quiet"),
        (b"RIFF\xff\xff\xff\x00WAVEfmt ", "again"),
    ],
)
def test_a_bad_take_is_told_and_leaves_nothing(tried: TriedRoom, sound: bytes, reason: str) -> None:
    amina = tried.let_in(AMINA)
    answer = amina.record(DANGER, sound)
    assert (answer.status_code, answer.json) == (422, {"reasons": [reason]})
    assert files(tried) == []
    assert amina.sentence(DANGER)["take"] is None


def test_one_that_would_keep_callers_waiting_is_told(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    assert amina.record(DANGER, spoken(8)).status_code == 200, "it is not known yet"
    tried.site.now.measure()
    answer = amina.record(DANGER, spoken(8), OTHER)
    assert answer.status_code == 422
    assert answer.json
    took, most = answer.json["seconds"]
    assert answer.json["reasons"] == ["slow"]
    assert 3 < most < took == pytest.approx(8, abs=0.5)
    assert amina.record(DANGER, spoken(3), OTHER).status_code == 200


def test_digits_that_are_fit_alone_and_too_slow_together_are_refused(tried: TriedRoom) -> None:
    """The last words say ten digits twice: what each may take hangs on the others."""
    tried.site.now.measure()
    amina = tried.let_in(AMINA)
    digits = [each["id"] for each in amina.state["sentences"] if each["id"].startswith("digit.")]
    assert len(digits) == 5
    answers = [amina.record(id_, spoken(1.1), uuid4().hex) for id_ in digits]
    assert [each.status_code for each in answers][:1] == [200]
    refused: list[dict[str, Any]] = [each.get_json() for each in answers if each.status_code != 200]
    assert refused
    for each in refused:
        took, most = each["seconds"]
        assert (each["reasons"], took > most) == (["slow"], True)
    for id_, answer in zip(digits, answers, strict=True):
        if answer.status_code != 200:
            assert amina.record(id_, spoken(0.5), uuid4().hex).status_code == 200


def test_a_sound_of_many_channels_is_not_unpacked(tried: TriedRoom, tmp_path: Path) -> None:
    import numpy as np

    soundfile.write(tmp_path / "many.flac", np.zeros((48000, 8), np.float32), 48000)
    assert tried.let_in(AMINA).record(DANGER, (tmp_path / "many.flac").read_bytes()).json == {"reasons": ["again"]}


def test_a_recording_of_a_phone_is_taken_as_a_file(tried: TriedRoom, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(spoken())
    samples, rate = soundfile.read(tmp_path / "a.wav")
    soundfile.write(tmp_path / "a.ogg", samples, rate, format="OGG", subtype="OPUS")
    assert tried.let_in(AMINA).record(DANGER, (tmp_path / "a.ogg").read_bytes()).status_code == 200


def test_too_long_a_body_is_refused_before_it_is_read(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    answer = amina.record(DANGER, bytes(MOST_SOUND + 1))
    assert (answer.status_code, told(answer)["why"]) == (413, "request entity too large")


def test_without_consent_nothing_is_kept(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA, agrees=False)
    answer = amina.record(DANGER, spoken())
    assert (answer.status_code, answer.json) == (403, {"why": "consent"})
    assert files(tried) == []


def test_words_that_have_changed_meanwhile_are_told(changes_site: None, tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    before = amina.sentence("welcome.machine")
    amina.record("welcome.machine", spoken())
    tried.prompts.translate("so.po", "welcome.machine", "Tani waa mashiin. Kuma maqli karto.")
    tried.site.look()
    after = amina.sentence("welcome.machine")
    assert after["text"] == "Tani waa mashiin. Kuma maqli karto." != before["text"]
    assert after["take"]["stale"]
    assert amina.state["progress"]["done"] == 0
    address = f"/takes/{OTHER}?sentence=welcome.machine&words={before['words']}"
    answer = amina.put(address, spoken())
    assert (answer.status_code, answer.json) == (409, {"text": after["text"]})
    for path, more in (("/judge", {"verdict": "right"}), ("/suggest", {"said": "Haa."})):
        told = amina.post(path, {"sentence": "welcome.machine", "words": before["words"], **more})
        assert (told.status_code, told.json) == (409, {"text": after["text"]})


def test_a_broken_site_changes_nothing(changes_site: None, tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    before = amina.state["sentences"]
    good = tried.prompts.read("flow.yaml")
    tried.prompts.write("flow.yaml", good.replace("start: opening", "start: nowhere"))
    tried.site.look()
    assert amina.state["sentences"] == before
    tried.prompts.write("flow.yaml", good)
    tried.prompts.translate("so.po", "welcome.machine", "Tani waa mashiin. Kuma maqli karto.")
    tried.site.look()
    assert amina.state["sentences"] != before


def test_a_sentence_that_is_not_said_any_more_is_told(tried: TriedRoom) -> None:
    answer = tried.let_in(AMINA).put(f"/takes/{NAME}?sentence=no.such&words=x", spoken())
    assert (answer.status_code, answer.json) == (409, {"text": None})


@pytest.mark.parametrize("name", ["A" * 32, "a" * 31, "a" * 33, "..", "a" * 31 + "g"])
def test_a_name_that_could_be_another_file_is_none(tried: TriedRoom, name: str) -> None:
    assert tried.let_in(AMINA).record(DANGER, spoken(), name).status_code in (404, 405)


def test_nobody_takes_the_place_of_anothers_take(tried: TriedRoom) -> None:
    tried.let_in(AMINA).record(DANGER, spoken())
    mine = (tried.takes / f"{NAME}.wav").read_bytes()
    assert tried.let_in(BAHAR).record(DANGER, spoken(4)).status_code == 409
    assert (tried.takes / f"{NAME}.wav").read_bytes() == mine


def test_records_that_fail_leave_no_voice_behind(tried: TriedRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    amina = tried.let_in(AMINA)

    def fails(*_: object, **__: object) -> None:
        raise RecordsFault("the database is full", "make room")

    monkeypatch.setattr(type(tried.room), "keep_take", fails)
    answer = amina.record(DANGER, spoken())
    assert (answer.status_code, told(answer)["why"]) == (503, "records")
    assert files(tried) == []
    monkeypatch.undo()
    assert amina.record(DANGER, spoken()).status_code == 200


def test_a_file_without_its_row_is_made_again(tried: TriedRoom) -> None:
    """A process was killed between the two."""
    tried.takes.mkdir(parents=True)
    (tried.takes / f"{NAME}.wav").write_bytes(b"half")
    amina = tried.let_in(AMINA)
    assert amina.record(DANGER, spoken()).status_code == 200
    assert amina.get(f"/sound/{NAME}.wav").data[:4] == b"RIFF"


def test_what_is_recorded_by_others_is_counted_and_not_heard(tried: TriedRoom) -> None:
    tried.let_in(AMINA).record(DANGER, spoken())
    bahar = tried.let_in(BAHAR)
    assert (bahar.sentence(DANGER)["others"], bahar.sentence(DANGER)["take"]) == (1, None)
    assert bahar.get(f"/sound/{NAME}.wav").status_code == 404


def test_what_callers_hear_is_heard_here_and_marked_as_mine(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    amina.record(DANGER, spoken())
    data, text = (tried.takes / f"{NAME}.wav").read_bytes(), amina.sentence(DANGER)["text"]
    take_in(tried.recordings / "so", {DANGER: (RecordedText(text, voice="v1"), data)})
    tried.site.look()
    sentence = amina.sentence(DANGER)
    assert sentence["take"]["in_use"]
    assert sentence["today"]["by"] == "person"
    assert amina.get("/" + sentence["today"]["url"]).data == data
    bahar = tried.let_in(BAHAR)
    assert bahar.get("/" + bahar.sentence(DANGER)["today"]["url"]).data == data


def test_a_part_of_a_sound_is_given_as_safari_asks(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    amina.record(DANGER, spoken())
    part = amina.get(f"/sound/{NAME}.wav", Range="bytes=0-1")
    assert (part.status_code, part.data, part.headers["Cache-Control"]) == (206, b"RI", "no-store")
    assert part.headers["Content-Range"].startswith("bytes 0-1/")


def test_a_verdict_is_of_these_words(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    sentence = amina.sentence(DANGER)
    said = {"sentence": DANGER, "words": sentence["words"]}
    assert amina.post("/judge", {**said, "verdict": "wrong"}).status_code == 204
    assert amina.sentence(DANGER)["verdict"] == "wrong"
    assert amina.post("/judge", {**said, "verdict": "right"}).status_code == 204
    assert amina.sentence(DANGER)["verdict"] == "right"
    assert amina.post("/judge", {**said, "verdict": "maybe"}).status_code == 400
    assert tried.let_in(BAHAR).sentence(DANGER)["verdict"] is None


def test_a_wish_is_kept_for_these_words(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    said = {"sentence": DANGER, "words": amina.sentence(DANGER)["words"]}
    assert amina.post("/suggest", {**said, "said": "  Khatar \n haddii.\u200d "}).status_code == 204
    assert amina.sentence(DANGER)["suggestion"] == "Khatar haddii.\u200d"
    for bad in ("", "  ", "x" * 501, "a\x00b", "a\u202eb"):
        answer = amina.post("/suggest", {**said, "said": bad})
        assert (answer.status_code, answer.json) == (422, {"reasons": ["again"]}), bad
    assert amina.post("/suggest", {**said, "said": 5}).status_code == 400
    assert amina.sentence(DANGER)["suggestion"] == "Khatar haddii.\u200d"


@pytest.mark.parametrize("body", ["[]", "null", "{", '{"sentence": ["x"]}', json.dumps({"said": {"a": 1}})])
def test_what_is_no_request_is_refused(tried: TriedRoom, body: str) -> None:
    amina = tried.let_in(AMINA)
    for path in ("/judge", "/suggest", "/consent", "/withdraw", "/enter"):
        answer = amina.client.post(path, base_url=amina.base, data=body, content_type="application/json")
        assert answer.status_code == 400, path


def test_all_of_a_voice_is_taken_back(tried: TriedRoom) -> None:
    amina = tried.let_in(AMINA)
    amina.record(DANGER, spoken())
    data, text = (tried.takes / f"{NAME}.wav").read_bytes(), amina.sentence(DANGER)["text"]
    voice = f"v{tried.id(AMINA)}"
    take_in(tried.recordings / "so", {DANGER: (RecordedText(text, voice=voice), data)})
    assert amina.post("/withdraw", {"sure": False}).status_code == 400
    assert amina.post("/withdraw", {"sure": True}).status_code == 204
    assert amina.get("/state").status_code == 401
    tried.room = Room.open({"IVR_RECORDINGS": str(tried.recordings)})
    assert tried.room.takes("so") == ()
    assert list(tried.recordings.rglob("*.wav")) == []
    assert [path for path, held in files_of(tried.recordings).items() if AMINA.encode() in held] == []


def test_what_is_uploaded_has_no_name_on_the_disk(
    tried: TriedRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would stay there where the room is killed, and no withdrawal would find it."""
    seen = list[list[str]]()
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    def looked(*arguments: Any, **more: Any) -> Take:
        seen.append([each.name for each in (tmp_path / "temporary").iterdir()])
        return keep(*arguments, **more)

    monkeypatch.setattr("ivr.room.speaking.keep", looked)
    assert tried.let_in(AMINA).record(DANGER, spoken()).status_code == 200
    assert seen == [[]]
