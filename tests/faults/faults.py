"""Every fault that a running line may meet: how it begins and ends, what the caller gets, what an operator is told.

`docs/faults.md` is made of this list.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ivr.core.closing import Closing
from ivr.core.office import PHONE
from ivr.records.closings import KeptClosing, Records
from tests.faults.ring import NOBODY, Telephone
from tests.faults.served import CLIPPED, CLIPPED_KEY, INSTRUCTOR, OURS, Heard, Served
from tests.limits import PATIENCE, until

Kind = Literal[
    "clips", "steps", "signatures", "strangers", "signals", "journal", "content", "state", "closings", "process"
]
Act = Callable[["Scene"], object]


@dataclass
class Scene:
    """A line, the telephone that rings it, and what the fault needs to remember until it ends."""

    line: Served
    telephone: Telephone
    kept: dict[str, object] = field(default_factory=dict)
    open: ExitStack = field(default_factory=ExitStack)

    def ring(self, *keys: str, **how: object) -> Heard:
        return self.telephone.ring(*keys, **how)  # type: ignore[arg-type]


def silent(scene: Scene) -> Heard:
    """Somebody who presses nothing at all."""
    return scene.ring()


def clipped(scene: Scene) -> Heard:
    """Somebody who chooses the language that speaks by clips, and then waits."""
    return scene.ring(CLIPPED_KEY)


def forged(scene: Scene) -> Heard:
    """The provider signs with a token that the line does not know."""
    return scene.ring(token="another-token-than-ours")


def nothing(_scene: Scene) -> None:
    """The fault ends by itself."""


def both(*acts: Act) -> Act:
    """One after the other."""

    def act(scene: Scene) -> None:
        for one in acts:
            one(scene)

    return act


@dataclass(frozen=True)
class Fault:
    """One fault. `sign`: the alarm that it raises (empty: nobody suffers, and none is raised).

    `gets`: a talk with a person, or 112 where nobody can be reached. `quick`: also in `make test`.
    """

    kind: Kind
    what: str
    begin: Act
    end: Act = nothing
    sign: str = ""
    gets: Literal["a person", "112"] = "a person"
    caller: Callable[[Scene], Heard] = silent
    environment: tuple[tuple[str, str], ...] = ()
    rule: str = "O1"
    quick: bool = False


# --- clips --------------------------------------------------------------------------------------------------------


def clips_of(scene: Scene, *prompts: str) -> list[Path]:
    """The files of the clips of some prompts of the language that speaks by clips, both paces; of all without any."""
    from ivr.core.script import closed_set
    from ivr.speech.clips import Rendered
    from tests.faults.served import today

    content = scene.line.content()
    rendered = Rendered(content, scene.line.rendered)
    names = {
        name
        for utterance in closed_set(content, today())
        if utterance.language == CLIPPED and (not prompts or utterance.prompt in prompts)
        if (name := rendered.name(utterance, "offline"))
    }
    files = [path for name in sorted(names) if (path := scene.line.rendered / f"{name}.wav").exists()]
    assert files, prompts
    return files


def take_clips(*prompts: str) -> Act:
    def act(scene: Scene) -> None:
        away = scene.line.folder / "away"
        away.mkdir(exist_ok=True)
        for path in clips_of(scene, *prompts):
            shutil.move(path, away / path.name)

    return act


def clips_back(scene: Scene) -> None:
    away = scene.line.folder / "away"
    scene.line.rendered.mkdir(parents=True, exist_ok=True)
    for path in away.iterdir():
        there = scene.line.rendered / path.name
        if there.is_dir():
            there.rmdir()
        there.unlink(missing_ok=True)
        shutil.move(path, there)


def spoil_clips(how: Callable[[Path], object], *prompts: str) -> Act:
    def act(scene: Scene) -> None:
        take = clips_of(scene, *prompts)
        away = scene.line.folder / "away"
        away.mkdir(exist_ok=True)
        for path in take:
            shutil.copy(path, away / path.name)
            how(path)

    return act


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def longer(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\xff" * 8000)


def as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.wav")


def folder_away(scene: Scene) -> None:
    shutil.move(scene.line.rendered, scene.line.folder / "rendered-away")


def folder_back(scene: Scene) -> None:
    if scene.line.rendered.is_file():
        scene.line.rendered.unlink()
    shutil.rmtree(scene.line.rendered, ignore_errors=True)
    shutil.move(scene.line.folder / "rendered-away", scene.line.rendered)


def folder_is_a_file(scene: Scene) -> None:
    folder_away(scene)
    scene.line.rendered.write_text("not a folder", encoding="utf-8")


def restart_without_clips(scene: Scene) -> None:
    scene.line.stop()
    folder_away(scene)
    scene.line.start()


NAME = "choose_language.choice"
CLIPS = (
    Fault(
        "clips",
        "the clips of a language's name, both paces, are gone",
        take_clips(NAME),
        clips_back,
        "clips_lost",
        quick=True,
    ),
    Fault("clips", "every clip of a language is gone", take_clips(), clips_back, "clips_lost"),
    Fault(
        "clips",
        "every clip of a language is gone, and somebody chooses it",
        take_clips(),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault("clips", "the folder of clips is gone", folder_away, folder_back, "clips_lost"),
    Fault("clips", "the folder of clips is a file", folder_is_a_file, folder_back, "clips_lost"),
    Fault(
        "clips",
        "the words about danger have no clip",
        take_clips("safety.danger"),
        clips_back,
        "clips_lost",
        caller=clipped,
        quick=True,
    ),
    Fault(
        "clips",
        "the words before ringing have no clip",
        take_clips(
            "instructor.calling",
            "on_call.calling",
            "calling.say_language",
            "safety.only_these_languages",
            "calling.short",
        ),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault(
        "clips",
        "what is said of the hours now has no clip",
        take_clips("hours.phone.open", "hours.phone.open.plain"),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault(
        "clips",
        "a clip was cut off",
        spoil_clips(cut, "safety.danger"),
        clips_back,
        "clips_lost",
        caller=clipped,
        quick=True,
    ),
    Fault(
        "clips",
        "a clip is longer than its header says",
        spoil_clips(longer, "safety.danger"),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault(
        "clips",
        "a clip is empty",
        spoil_clips(lambda path: path.write_bytes(b""), "safety.danger"),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault(
        "clips",
        "a clip is another kind of file",
        spoil_clips(lambda path: path.write_bytes(b"ID3" * 400), "safety.danger"),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault(
        "clips", "a clip is a folder", spoil_clips(as_folder, "safety.danger"), clips_back, "clips_lost", caller=clipped
    ),
    Fault(
        "clips",
        "a clip is a link to nowhere",
        spoil_clips(dangling, "safety.danger"),
        clips_back,
        "clips_lost",
        caller=clipped,
    ),
    Fault("clips", "the line starts while the clips are gone", restart_without_clips, folder_back, "languages_missing"),
)


# --- steps --------------------------------------------------------------------------------------------------------


def planted(name: str, what: str, sign: str = "emergency_documents", rule: str = "O6", **more: Any) -> Fault:
    """A fault in the code (tests/faults/planted.py)."""
    begin, end = (lambda scene: scene.line.plant(name)), (lambda scene: scene.line.mend(name))
    return Fault("steps", what, begin, end, sign, rule=rule, **more)


def hang_twenty(scene: Scene) -> None:
    """Twenty steps hang, one caller after the other."""
    scene.line.plant("deadlock")
    for _ in range(20):
        scene.kept["heard"] = scene.ring()


STEPS = (
    planted("step-raises", "every step raises an error", quick=True),
    planted("step-hangs", "every step hangs", "hung_steps", quick=True),
    Fault(
        "steps",
        "twenty steps have hung for ever",
        hang_twenty,
        lambda scene: scene.line.mend("deadlock"),
        "hung_steps",
        rule="O6",
    ),
    planted("step-slow", "every step is slow", "slow_answers", "O3", environment=(("IVR_SECONDS_STEP", "3"),)),
    planted("memory", "memory runs out in a step"),
    planted("recursion", "a step calls itself without end"),
    planted("exit", "a step wants to end the process"),
    planted("interrupt", "a step is interrupted"),
    planted("read-raises", "the address cannot be read"),
    planted("write-raises", "the document cannot be written"),
    planted("write-hangs", "writing the document hangs", "hung_steps"),
    planted("dial-raises", "only ringing fails", caller=clipped),
    planted("hours-raise", "the hours cannot be worked out"),
    planted("form-raises", "the form cannot be read"),
    planted("whisper-raises", "the whisper fails: whoever picks up is connected", rule="O2"),
    planted("whisper-hangs", "the whisper hangs", "hung_steps"),
    planted("record-raises", "the journal raises at every step", ""),
    planted("clock-back", "the clock is set back by a day", "", "O5"),
    planted("clock-on", "the clock is set on by a day", "", "O5"),
    planted(
        "read-hangs",
        "a fault, and nobody answers",
        "hung_steps",
        "O2",
        gets="112",
        caller=lambda scene: scene.ring(contacts=NOBODY),
    ),
)


# --- signatures ---------------------------------------------------------------------------------------------------


def fifty_forged(scene: Scene) -> None:
    for _ in range(50):
        post(scene.line, "/voice", b"To=%2B358753250000&CallSid=CA1", {"X-Twilio-Signature": "x" * 27 + "="})


def strangers_forge(scene: Scene) -> None:
    for _ in range(50):
        post(scene.line, "/voice", b"To=%2B358111111111&CallSid=CA1", {"X-Twilio-Signature": "A" * 27 + "="})


def post(line: Served, path: str, body: bytes, headers: dict[str, str]) -> int:
    from http.client import HTTPConnection

    connection = HTTPConnection(urlsplit(line.address).netloc, timeout=PATIENCE)
    connection.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers})
    status = connection.getresponse().status
    connection.close()
    return status


def wrong_token(scene: Scene) -> None:
    scene.kept["heard"] = forged(scene)


SIGNATURES = (
    Fault(
        "signatures",
        "the provider signs with another token",
        wrong_token,
        sign="signatures_refused",
        caller=forged,
        end=silent,
        rule="O3",
        quick=True,
    ),
    Fault(
        "signatures",
        "fifty forged requests that name our number",
        fifty_forged,
        sign="signatures_refused",
        caller=forged,
        end=silent,
        rule="O3",
    ),
    Fault("signatures", "fifty forged requests that do not name us", strangers_forge, rule="O3"),
    Fault(
        "signatures",
        "a form of thousands of fields",
        lambda scene: post(scene.line, "/voice", b"&".join(b"a=%d" % n for n in range(9000)), {}),
        rule="O5",
    ),
)


# --- strangers ----------------------------------------------------------------------------------------------------

MANY = 150


def stall(sent: bytes, *, reads: bool = True) -> Act:
    """Many connections that go no further."""

    def act(scene: Scene) -> None:
        parts = urlsplit(scene.line.address)
        links = []
        for _ in range(MANY):
            link = socket.create_connection((parts.hostname, parts.port), PATIENCE)
            scene.open.callback(link.close)
            links.append(link)
            if sent:
                link.sendall(sent)
        scene.kept["links"] = links

    return act


def go_away(scene: Scene) -> None:
    scene.open.close()


def clip_without_reading(scene: Scene) -> None:
    path = max(scene.line.rendered.glob("*.wav"), key=lambda clip: clip.stat().st_size)
    request = f"GET /audio/{path.stem}.wav HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 20
    stall(request)(scene)


def trickle(scene: Scene) -> None:
    """A byte now and then: never idle, never whole."""
    stall(b"P")(scene)
    import threading

    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.1):
            for link in scene.kept["links"]:  # type: ignore[attr-defined]
                try:
                    link.send(b"O")
                except OSError:
                    continue

    worker = threading.Thread(target=drip, daemon=True)
    worker.start()
    scene.open.callback(worker.join)
    scene.open.callback(over.set)


HALF_HEAD = b"POST /voice HTTP/1.1\r\nHost: line.example.fi\r\nContent-Le"
HALF_BODY = (
    b"POST /voice HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 500\r\n\r\nCallSid="
)
STRANGERS = (
    Fault("strangers", "many connections that send nothing", stall(b""), go_away, rule="O5", quick=True),
    Fault("strangers", "many connections that send half a header", stall(HALF_HEAD), go_away, rule="O5"),
    Fault("strangers", "many connections that send half a body", stall(HALF_BODY), go_away, rule="O5"),
    Fault("strangers", "many who ask for clips and do not read them", clip_without_reading, go_away, rule="O5"),
    Fault("strangers", "many who send a byte now and then", trickle, go_away, rule="O5"),
    Fault(
        "strangers",
        "many who speak TLS to the plain port",
        stall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 32),
        go_away,
        rule="O5",
    ),
    Fault(
        "strangers",
        "many who send a header without end",
        stall(b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000),
        go_away,
        rule="O5",
    ),
    Fault(
        "strangers",
        "many who promise a body of a gigabyte",
        stall(HALF_BODY.replace(b"500", b"1000000000")),
        go_away,
        rule="O5",
    ),
    Fault(
        "strangers",
        "connections that send nothing, and the clock is set back",
        both(stall(b""), lambda scene: scene.line.plant("clock-back")),
        both(go_away, lambda scene: scene.line.mend("clock-back")),
        rule="O5",
    ),
)


# --- signals ------------------------------------------------------------------------------------------------------


def sends(number: signal.Signals) -> Act:
    return lambda scene: scene.line.signal(number)


def stopped(scene: Scene) -> None:
    """The process is held: it takes connections and answers none."""
    scene.line.signal(signal.SIGSTOP)


SIGNALS = (
    *(
        Fault("signals", f"{number.name} is sent", sends(number), rule="O6", quick=number is signal.SIGHUP)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGQUIT, signal.SIGPIPE, signal.SIGWINCH)
    ),
    Fault(
        "signals",
        "the process is held and answers nothing",
        stopped,
        lambda scene: scene.line.signal(signal.SIGCONT),
        "down",
        rule="O2",
    ),
)


# --- journal ------------------------------------------------------------------------------------------------------


def replace_journal(scene: Scene) -> None:
    scene.line.journal.unlink(missing_ok=True)
    scene.line.journal.touch()


def full_disk(scene: Scene) -> None:
    """The journal's name leads to a device that is always full."""
    scene.line.journal.unlink()
    scene.line.journal.symlink_to("/dev/full")
    scene.ring()


def nobody_reads(scene: Scene) -> None:
    scene.line.journal.unlink()
    os.mkfifo(scene.line.journal)


JOURNAL = (
    Fault(
        "journal",
        "the disk of the journal is full",
        full_disk,
        replace_journal,
        "journal_failing",
        rule="O3",
        quick=True,
    ),
    Fault(
        "journal",
        "the journal was renamed by a log rotation",
        lambda scene: scene.line.journal.rename(scene.line.folder / "journal.1"),
        rule="O6",
    ),
    Fault(
        "journal",
        "the journal was emptied by a log rotation",
        lambda scene: os.truncate(scene.line.journal, 0),
        rule="O6",
    ),
    Fault("journal", "the journal was deleted", lambda scene: scene.line.journal.unlink(), rule="O6"),
    Fault(
        "journal",
        "the journal is a pipe that nobody reads",
        nobody_reads,
        replace_journal,
        "journal_failing",
        rule="O6",
    ),
)


# --- content ------------------------------------------------------------------------------------------------------


def write(name: str, text: str | bytes) -> Act:
    def act(scene: Scene) -> None:
        path = scene.line.prompts.path(name)
        scene.kept.setdefault(name, path.read_bytes())
        path.write_bytes(text.encode() if isinstance(text, str) else text)

    return act


def edit(name: str, old: str, new: str) -> Act:
    def act(scene: Scene) -> None:
        path = scene.line.prompts.path(name)
        text = path.read_text(encoding="utf-8")
        assert old in text, (name, old)
        write(name, text.replace(old, new, 1))(scene)

    return act


def remove(name: str) -> Act:
    def act(scene: Scene) -> None:
        path = scene.line.prompts.path(name)
        scene.kept.setdefault(name, path.read_bytes())
        path.unlink()

    return act


def restore(scene: Scene) -> None:
    for name, data in scene.kept.items():
        if isinstance(data, bytes):
            scene.line.prompts.path(name).write_bytes(data)


def then_restart(act: Act) -> Act:
    return both(lambda scene: scene.line.stop(), act, lambda scene: scene.line.start())


def kill_prover(scene: Scene) -> None:
    """The process that proves a change is killed, once."""
    scene.line.prompts.write("office.yaml", scene.line.prompts.read("office.yaml") + "\n# a remark\n")
    child = until(lambda: children(scene.line))
    os.kill(child[0], signal.SIGKILL)


def children(line: Served) -> list[int]:
    """The processes that a line has started."""
    assert line.process
    return children_of(line.process.pid)


def children_of(process: int) -> list[int]:
    """Those of any process."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found.append(int(status.parent.name))
    return found


def site_away(scene: Scene) -> None:
    scene.line.prompts.folder.rename(scene.line.folder / "site-away")


def site_back(scene: Scene) -> None:
    (scene.line.folder / "site-away").rename(scene.line.prompts.folder)


def empty_site(scene: Scene) -> None:
    for path in sorted(scene.line.prompts.folder.iterdir()):
        if path.suffix in (".yaml", ".po", ".pot"):
            remove(path.name)(scene)


TYPO = edit("office.yaml", "hours:\n", "hours\n")
BAD_FLOW = edit("flow.yaml", "    rounds: 3", "    rounds: 2")
CONTENT = (
    Fault("content", "a typing error in office.yaml", TYPO, restore, "content_refused", rule="O4", quick=True),
    Fault(
        "content",
        "a typing error in office.yaml, and a restart",
        then_restart(TYPO),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault("content", "office.yaml is empty", write("office.yaml", ""), restore, "content_refused", rule="O4"),
    Fault(
        "content",
        "office.yaml was written by half",
        lambda scene: write("office.yaml", scene.line.prompts.read("office.yaml")[:900])(scene),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault("content", "flow.yaml is gone", remove("flow.yaml"), restore, "content_refused", rule="O4"),
    Fault("content", "a flow that breaks a rule", BAD_FLOW, restore, "content_refused", rule="O4"),
    Fault(
        "content",
        "a flow that breaks a rule, and a restart",
        then_restart(BAD_FLOW),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault(
        "content",
        "prompts.pot is no text",
        write("prompts.pot", b"\xff\xfe\x00"),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault("content", "the Finnish texts are gone", remove("fi.po"), restore, "content_refused", rule="O4"),
    Fault("content", "the texts of one language are gone", remove("uk.po"), restore, "languages_missing", rule="O3"),
    Fault(
        "content",
        "a contact without a number is added",
        edit("office.yaml", "contacts:\n", "contacts:\n  doctor:\n    accept: any_key\n"),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault(
        "content",
        "a time zone that does not exist",
        edit("office.yaml", "zone: ", "zone: Mars/"),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault("content", "the folder of the site is gone", site_away, site_back, "content_refused", rule="O4"),
    Fault(
        "content",
        "the folder of the site is gone, and a restart",
        then_restart(empty_site),
        restore,
        "content_refused",
        rule="O4",
    ),
    Fault("content", "the process that proves a change is killed", kill_prover, sign="content_refused", rule="O4"),
)


# --- state --------------------------------------------------------------------------------------------------------


def state_is_a_file(scene: Scene) -> None:
    scene.line.stop()
    shutil.rmtree(scene.line.state, ignore_errors=True)
    scene.line.state.write_text("not a folder", encoding="utf-8")
    scene.line.start()


def state_is_deleted(scene: Scene) -> None:
    """At once, as the line writes there meanwhile."""
    away = scene.line.state.rename(scene.line.folder / "deleted")
    shutil.rmtree(away, ignore_errors=True)


def spoil_state(scene: Scene) -> None:
    scene.line.stop()
    for path in scene.line.state.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\x00\xff not what it was")
    scene.line.start()


STATE = (
    Fault("state", "the state folder is deleted", state_is_deleted, rule="O4"),
    Fault("state", "the state folder cannot be made", state_is_a_file, rule="O4"),
    Fault("state", "every file of the state folder is spoilt, and a restart", spoil_state, rule="O4", quick=True),
)


# --- closings -----------------------------------------------------------------------------------------------------


def closed_phone(scene: Scene) -> None:
    """The office has closed the phone a moment ago, and the line knows, also for after a restart."""
    close_phone(Records.open({"IVR_STATE": str(scene.line.state)}))
    until(lambda: scene.line.closings() == 1, lambda: str(scene.line.health()))
    until((scene.line.state / "closings.json").exists)


def close_phone(records: Records) -> KeptClosing:
    now = datetime.now(UTC)
    closing = Closing(PHONE, now - timedelta(minutes=1), now + timedelta(hours=2))
    return records.close(closing, "no-staff", "Anna", now)


def wants_a_person(scene: Scene) -> Heard:
    """Somebody who presses 1 while the phone is closed: the urgent line rings, as at any closed hour."""
    heard = scene.ring("3", "1")
    assert INSTRUCTOR not in heard.rang
    return heard


def records_away(scene: Scene) -> None:
    away = scene.line.folder / "records"
    away.mkdir()
    for path in scene.line.state.glob("records.db*"):
        with suppress(FileNotFoundError):  # SQLite takes two of them away itself, when nobody reads
            shutil.move(path, away / path.name)


def records_back(scene: Scene) -> None:
    """The database is back, and the phone opens again."""
    for path in scene.line.state.glob("records.db*"):
        path.unlink(missing_ok=True)  # as in `records_away`
    for path in (scene.line.folder / "records").iterdir():
        shutil.move(path, scene.line.state / path.name)
    phone_opens(scene)


def phone_opens(scene: Scene) -> None:
    records, now = Records.open({"IVR_STATE": str(scene.line.state)}), datetime.now(UTC)
    for kept in records.current(now):
        records.withdraw(kept.id, "Anna", now)
    until(lambda: scene.line.closings() == 0, lambda: str(scene.line.health()))


def instead_of_records(make: Callable[[Path], object]) -> Act:
    def act(scene: Scene) -> None:
        records_away(scene)
        make(scene.line.state / "records.db")

    return act


def wanted_alone(scene: Scene) -> None:
    """Another program lets nobody read: what SQLite calls its exclusive mode."""
    other = sqlite3.connect(scene.line.state / "records.db", isolation_level=None)
    scene.open.callback(other.close)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("UPDATE closing SET why = 'other'")
    scene.kept["other"] = other


def let_go(scene: Scene) -> None:
    scene.open.close()
    phone_opens(scene)


def then_restarts(scene: Scene) -> None:
    assert scene.line.stop() == 0
    scene.line.start()


def closings(what: str, begin: Act, end: Act, *, quick: bool = False) -> Fault:
    """A fault of the database while the phone is closed by hand: it stays closed."""
    return Fault(
        "closings",
        what,
        both(closed_phone, begin),
        end,
        "closings_unknown",
        caller=wants_a_person,
        rule="O4",
        quick=quick,
    )


CLOSINGS = (
    closings("the database of closings is gone", records_away, records_back),
    closings(
        "the database of closings is gone, and a restart", both(records_away, then_restarts), records_back, quick=True
    ),
    closings(
        "the database of closings is damaged",
        instead_of_records(lambda file: file.write_bytes(b"no" * 9999)),
        records_back,
    ),
    closings(
        "the database of closings cannot be opened",
        instead_of_records(lambda file: file.symlink_to(file)),
        records_back,
    ),
    closings("another program wants the database of closings alone", wanted_alone, let_go),
    closings(
        "reading closings fails",
        lambda scene: scene.line.plant("closings-fail"),
        both(lambda scene: scene.line.mend("closings-fail"), phone_opens),
    ),
    closings(
        "reading closings hangs for ever",
        lambda scene: scene.line.plant("closings-hang"),
        both(lambda scene: scene.line.mend("closings-hang"), then_restarts, phone_opens),
    ),
)


# --- the process --------------------------------------------------------------------------------------------------


def restart_at(scene: Scene) -> None:
    scene.line.start(port=urlsplit(scene.line.address).port or 0)


def killed(scene: Scene) -> None:
    scene.line.kill()


PROCESS = (
    Fault("process", "the process was killed", killed, restart_at, "down", rule="O2", quick=True),
    Fault(
        "process",
        "the process was killed, and nobody answers",
        killed,
        restart_at,
        "down",
        "112",
        lambda scene: scene.ring(contacts=NOBODY),
        rule="O2",
    ),
)

FAULTS = (*CLIPS, *STEPS, *SIGNATURES, *STRANGERS, *SIGNALS, *JOURNAL, *CONTENT, *STATE, *CLOSINGS, *PROCESS)
__all__ = ["FAULTS", "OURS", "Fault", "Scene"]
