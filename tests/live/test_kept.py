"""What is kept for the next start: taken where nothing has changed, else refused; and no start needs it."""

from __future__ import annotations

import errno
import hashlib
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.live.kept import HEAD, WRITERS, kept
from ivr.live.prepare import prepare
from ivr.live.prepared import Prepared, Wanted
from ivr.live.preparer import NotPrepared, Preparer
from ivr.live.start import Starter
from ivr.live.state import StateFolder
from ivr.live.watcher import Place
from ivr.settings.read import read_settings
from ivr.speech.voices import NO_AUDIO, VoiceSelector
from tests.conftest import TODAY
from tests.content.conftest import FIRST, Prompts
from tests.speech.test_clip_header import wav
from tests.test_serve import ENVIRONMENT


@pytest.fixture(scope="module")
def proved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a site that was proved, and its state."""
    folder = tmp_path_factory.mktemp("proved")
    site = Prompts.copied_to(folder, *FIRST).folder
    prepare(Wanted(site, NO_AUDIO, TODAY, "auto", folder / "var", "if_new"))
    return folder


@pytest.fixture
def wanted(proved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wanted:
    """A start from a copy of it. Clips are looked for in the working folder."""
    shutil.copytree(proved, tmp_path, dirs_exist_ok=True)
    StateFolder(tmp_path / "var").keep_site(tmp_path / "prompts")
    monkeypatch.chdir(tmp_path)
    return Wanted(tmp_path / "prompts", NO_AUDIO, TODAY, "auto", tmp_path / "var", "never")


def file_of(wanted: Wanted) -> Path:
    return wanted.state / "start" / "prepared"


def test_it_is_what_would_be_prepared(wanted: Wanted) -> None:
    """Also where it is read for the last good content, which lies in another folder."""
    for folder in (wanted.folder, StateFolder(wanted.state).last_good):
        found, prepared = kept(replace(wanted, folder=folder)), prepare(replace(wanted, folder=folder))
        assert found
        assert (found.key, found.issues, found.proved_on) == (prepared.key, prepared.issues, TODAY)
        assert found.usable
        assert prepared.usable
        (content, voices), (content_now, voices_now) = found.usable, prepared.usable
        assert content.catalogue.texts == content_now.catalogue.texts
        assert voices.script == voices_now.script
        assert (voices.sources, voices.missing()) == (voices_now.sources, voices_now.missing())
        assert content.offered == voices.offered == set(FIRST)


CHANGES: dict[str, Callable[[Wanted], Wanted]] = {
    "the day": lambda wanted: replace(wanted, today=TODAY + timedelta(days=1)),
    "the day before": lambda wanted: replace(wanted, today=TODAY - timedelta(days=1)),
    "the voices": lambda wanted: replace(wanted, speech="say"),
    "approval": lambda wanted: replace(wanted, require_approval=True),
    "the folder of the clips": lambda wanted: replace(wanted, audio=replace(NO_AUDIO, rendered=Path("elsewhere"))),
    "the folder of the recordings": lambda wanted: replace(wanted, audio=replace(NO_AUDIO, recorded=Path("elsewhere"))),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_prepared_for_something_else_is_not_taken(wanted: Wanted, change: str) -> None:
    assert kept(CHANGES[change](wanted)) is None
    assert kept(wanted)


def test_a_change_of_the_site_is_never_missed(wanted: Wanted) -> None:
    for path in wanted.folder.iterdir():
        if path.suffix in (".yaml", ".po", ".pot"):
            before = path.read_bytes()
            path.write_bytes(before + b"\n")
            assert kept(wanted) is None
            path.write_bytes(before)
    assert kept(wanted)
    path.unlink()
    shutil.rmtree(wanted.folder)
    assert kept(wanted) is None


def test_a_change_of_the_clips_is_never_missed(wanted: Wanted) -> None:
    clip = NO_AUDIO.rendered / f"{0:032}.wav"
    clip.parent.mkdir()
    clip.write_bytes(wav(b"\xff", 1))
    assert kept(wanted) is None
    clip.unlink()
    assert kept(wanted)
    (NO_AUDIO.recorded / "fi").mkdir(parents=True)
    (NO_AUDIO.recorded / "fi" / "welcome.machine.wav").write_bytes(wav(b"\xff", 1))
    assert kept(wanted) is None


def test_of_what_is_not_taken_no_loss_is_told(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is prepared anew, and may then offer other languages than what would be told here."""
    clip = NO_AUDIO.rendered / f"{0:032}.wav"
    clip.parent.mkdir()
    clip.write_bytes(wav(b"\xff", 1))
    monkeypatch.setattr(VoiceSelector, "_judge", lambda _: pytest.fail("it was judged"))
    assert kept(wanted) is None


def test_that_of_another_program_is_not_taken(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.live.prepared.this_installation", lambda: b"another")
    assert kept(wanted) is None


def test_that_of_another_version_of_any_package_is_not_taken(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as of the one that reads YAML: a content that it reads otherwise was never proved."""
    from ivr.program import this_installation

    (tmp_path / "packages" / "pyyaml-99.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    this_installation.cache_clear()
    try:
        assert kept(wanted) is None
        assert prepare(wanted).proved_on is None
    finally:
        this_installation.cache_clear()


def test_languages_that_only_a_running_line_keeps_are_no_part_of_it(wanted: Wanted) -> None:
    """A start would not offer them: some of their clips are lost."""
    prepared, found = prepare(replace(wanted, keep=frozenset({"lost"}))), kept(wanted)
    assert prepared.voices
    assert found
    assert found.voices
    assert prepared.voices.kept == {*FIRST, "lost"}
    assert found.voices.kept == set(FIRST)


@pytest.mark.parametrize("what", ["not proved", "broken"])
def test_what_may_not_be_served_is_not_kept(wanted: Wanted, what: str) -> None:
    before = file_of(wanted).read_bytes()
    office = wanted.folder / "office.yaml"
    office.write_bytes(office.read_bytes() + (b"\n" if what == "not proved" else b"\nnonsense"))
    prepare(replace(wanted, proving="never" if what == "not proved" else "if_new"))
    assert file_of(wanted).read_bytes() == before


# --- what is spoilt ---------------------------------------------------------------------------------------------------


def spoil(path: Path, how: str) -> None:
    data = path.read_bytes()
    match how:
        case "missing":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut in its head":
            path.write_bytes(data[: HEAD - 1])
        case "cut behind its head":
            path.write_bytes(data[:HEAD])
        case "cut":
            path.write_bytes(data[:-1])
        case "longer":
            path.write_bytes(data + b"\0")
        case "a byte is wrong":
            path.write_bytes(data[:-100] + bytes([data[-100] ^ 1]) + data[-99:])
        case "its hash is wrong":
            path.write_bytes(data[: HEAD - 1] + bytes([data[HEAD - 1] ^ 1]) + data[HEAD:])
        case "of something else, and whole":
            path.write_bytes(bytes(32) + data[32:])
        case "a link":
            path.rename(path.with_name("other"))
            path.symlink_to("other")
        case "a folder":
            path.unlink()
            path.mkdir()
        case "a pipe":
            path.unlink()
            os.mkfifo(path)
        case "others may write it":
            path.chmod(0o666)
        case "others may enter its folder":
            path.parent.chmod(0o711)
        case "its folder is a link":
            path.parent.rename(path.parent.with_name("other"))
            path.parent.symlink_to("other")


SPOILT = (
    "missing",
    "empty",
    "cut in its head",
    "cut behind its head",
    "cut",
    "longer",
    "a byte is wrong",
    "its hash is wrong",
    "of something else, and whole",
    "a link",
    "a folder",
    "a pipe",
    "others may write it",
    "others may enter its folder",
    "its folder is a link",
)
LASTING = ("a folder", "its folder is a link")
"""Where an operator has to take something away."""


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_one_is_refused_before_it_is_read_and_made_anew(
    wanted: Wanted, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("ivr.live.kept.pickle.load", lambda _: pytest.fail("it was read"))
        spoil(file_of(wanted), how)
        assert kept(wanted) is None
    assert prepare(wanted).usable
    assert (kept(wanted) is None) == (how in LASTING)


def test_one_of_another_user_is_refused(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr("ivr.live.kept.pickle.load", lambda _: pytest.fail("it was read"))
    assert kept(wanted) is None


def test_it_is_for_us_alone(wanted: Wanted) -> None:
    assert (file_of(wanted).stat().st_mode & 0o777, file_of(wanted).parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_one_that_cannot_be_read_is_told_and_stops_no_start(wanted: Wanted, caplog: pytest.LogCaptureFixture) -> None:
    """Its hash is right: so the program is at fault, and somebody should hear of it."""
    data, pickled = file_of(wanted).read_bytes(), pickle.dumps(len)[:-1]
    file_of(wanted).write_bytes(data[: HEAD // 2] + hashlib.sha256(pickled).digest() + pickled)
    assert kept(wanted) is None
    assert [record.getMessage() for record in caplog.records] == [
        "what was kept for this start cannot be read; the content is prepared anew"
    ]


def test_a_disk_without_room_is_told_and_stops_no_start(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write = Path.write_bytes

    def no_room(path: Path, data: bytes) -> int:
        if path.parent == file_of(wanted).parent:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", no_room)
    assert prepare(wanted).usable
    [told] = [record.getMessage() for record in caplog.records]
    assert told.startswith(f"what the next start takes at once cannot be kept in {wanted.state}: ")
    assert "No space left on device. See that the disk has room" in told


def test_a_link_in_its_place_is_told_and_what_is_behind_it_stays_as_it_is(
    wanted: Wanted, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever may write into the state folder could else have any folder of ours closed to those who need it."""
    shutil.rmtree(file_of(wanted).parent)
    (tmp_path / "other").mkdir()
    (tmp_path / "other").chmod(0o755)
    file_of(wanted).parent.symlink_to(tmp_path / "other")
    assert prepare(wanted).usable
    assert (tmp_path / "other").stat().st_mode & 0o777 == 0o755
    assert [*(tmp_path / "other").iterdir()] == []
    assert [record.getMessage() for record in caplog.records] == [
        f"what the next start takes at once cannot be kept in {wanted.state}: Not a directory"
    ]


def test_what_killed_processes_have_left_half_written_is_deleted(wanted: Wanted) -> None:
    for number in range(20):
        left = file_of(wanted).with_name(f".prepared.{number}.part")
        left.write_bytes(b"half")
        os.utime(left, (number, number))
    assert prepare(wanted).usable
    assert kept(wanted)
    assert len([*file_of(wanted).parent.iterdir()]) <= WRITERS


# --- a start that takes it --------------------------------------------------------------------------------------------


class Counted(Preparer):
    """How many contents were prepared. It prepares here: other tests start the process."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared = list[Path]()

    def prepare(self, wanted: Wanted) -> Prepared:
        self.prepared.append(wanted.folder)
        return prepare(wanted)


def starter(wanted: Wanted, preparer: Preparer, monkeypatch: pytest.MonkeyPatch) -> Starter:
    monkeypatch.setattr("ivr.live.watcher.audio_folders", lambda *_: NO_AUDIO)
    return Starter(
        Place(
            wanted.folder,
            NO_AUDIO,
            wanted.state,
            lambda content: read_settings(ENVIRONMENT, content.office),
            lambda: wanted.today,
        ),
        preparer,
        "auto",
    )


def test_a_start_with_what_was_proved_prepares_nothing(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = Counted()
    started = starter(wanted, counted, monkeypatch).start()
    assert (counted.prepared, started.refused, started.proved_on) == ([], "", TODAY)
    assert started.files
    assert started.serving.content.offered == set(FIRST)


def test_a_start_on_the_next_day_prepares_it_once(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow, counted = replace(wanted, today=TODAY + timedelta(days=1)), Counted()
    for _ in range(2):
        assert starter(tomorrow, counted, monkeypatch).start().proved_on == TODAY
    assert counted.prepared == [wanted.folder]


def test_a_start_with_a_broken_site_takes_the_last_good_content(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    (wanted.folder / "flow.yaml").unlink()
    counted = Counted()
    started = starter(wanted, counted, monkeypatch).start()
    assert counted.prepared == [wanted.folder]
    assert started.files is None
    assert "the last good content goes on" in started.refused


def test_without_the_last_good_content_it_is_prepared_and_proved_anew(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(StateFolder(wanted.state).last_good)
    shutil.rmtree(wanted.state / "proofs")
    counted = Counted()
    assert starter(wanted, counted, monkeypatch).start().proved_on == TODAY
    assert counted.prepared == [wanted.folder]
    assert StateFolder(wanted.state).last_good.is_dir()


def test_a_state_that_cannot_be_looked_at_keeps_no_line_from_its_start(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is too long; a folder of another user is refused by the same error."""
    counted = Counted()
    started = starter(replace(wanted, state=Path(300 * "x")), counted, monkeypatch).start()
    assert started.proved_on == TODAY
    assert counted.prepared == [wanted.folder]


def test_where_nothing_can_be_prepared_it_starts_with_what_is_kept(
    wanted: Wanted, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Preparer):
        def prepare(self, wanted: Wanted) -> Prepared:  # noqa: ARG002
            raise NotPrepared("no process can be started")

    assert starter(wanted, Broken(), monkeypatch).start().proved_on == TODAY


def test_a_site_that_shares_its_state_with_another_is_proved_first_and_that_is_told(
    wanted: Wanted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its callers would hear the number and the hours of another office until it is proved."""
    other = Prompts(tmp_path / "other" / "prompts")
    shutil.copytree(wanted.folder, other.folder)
    other.edit("office.yaml", "0400 291 141", "0400 291 142")
    started = starter(replace(wanted, folder=other.folder), Counted(), monkeypatch).start()
    assert started.serving.content.office.contacts["on_call"].number == "0400 291 142"
    assert started.files
    assert [record.getMessage() for record in caplog.records] == [
        f"IVR_STATE was last used for the site {wanted.folder}; if that is another line, give each a folder of its own"
    ]
    assert StateFolder(wanted.state).site() == other.folder


def test_a_changed_site_does_not_wait_for_its_proof(wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last good content is that of the same site, also where that was itself proved anew."""
    office, counted = wanted.folder / "office.yaml", Counted()
    office.write_bytes(office.read_bytes() + b"\n")
    for before in ("proofs", "start"):
        shutil.rmtree(wanted.state / before)
    started = starter(wanted, counted, monkeypatch).start()
    assert counted.prepared == [wanted.folder, StateFolder(wanted.state).last_good]
    assert started.files is None
    assert StateFolder(wanted.state).site() == wanted.folder
