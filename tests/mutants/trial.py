"""Plants a fault in a copy of the tree and runs there the tests that should notice, in a fresh process for each."""

from __future__ import annotations

import compileall
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from tests.mutants.faults import Fault

ROOT = Path(__file__).parent.parent.parent
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "rendered", "pictures")
MEMORY = 3 << 30
"""Bytes of memory at which a run is ended: a fault may make a list without an end."""
WARM = (
    *("hypothesis", "coverage", "pydantic", "flask", "werkzeug.test", "waitress", "click", "rich.console", "yaml"),
    *("phonenumbers", "holidays.countries.finland", "twilio.twiml.voice_response", "twilio.request_validator"),
    *("numpy", "soundfile", "soxr"),
)
"""What is imported once for all runs: packages of others, nothing of ours. Any of them may be missing."""
PASSED, BROKEN, NO_TESTS, ELSEWHERE = 0, 3, 5, 99


@dataclass(frozen=True)
class Area:
    """Files in which faults are planted, and the tests that should notice: `near` first, `far` only if those pass.

    Tests are files or folders, and those that come first are run first.
    """

    places: tuple[str, ...]
    near: tuple[str, ...]
    far: tuple[str, ...]

    def has(self, path: str) -> bool:
        """Whether a file belongs to it."""
        return any(path == place or path.startswith(f"{place}/") for place in self.places)

    @cached_property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The test files of each stage, each once."""
        near = _files(self.near)
        return near, tuple(file for file in _files(self.far) if file not in near)


def _files(places: Sequence[str]) -> tuple[str, ...]:
    found = [path for place in places for path in sorted([ROOT / place, *(ROOT / place).rglob("test_*.py")])]
    return tuple(dict.fromkeys(path.relative_to(ROOT).as_posix() for path in found if path.is_file()))


AREAS = (
    Area(
        ("ivr/core",),
        near=("tests/core/test_engine.py", "tests/core/test_office.py", "tests/core/test_hours.py", "tests/core"),
        far=(
            *("tests/calls", "tests/telephony/test_webhook.py", "tests/content/test_load.py"),
            *("tests/content/test_flow_checks.py", "tests/content/test_text_checks.py", "tests/speech/test_voices.py"),
            *("tests/proof/test_rules.py", "tests/proof/test_ringing.py", "tests/proof/test_proofs.py"),
        ),
    ),
    Area(
        ("ivr/telephony",),
        near=(
            *("tests/telephony/test_webhook.py", "tests/telephony/test_twilio_tables.py"),
            *(
                "tests/telephony/test_recorded.py",
                "tests/telephony/test_talks.py",
                "tests/telephony/test_rounds_of_0_1.py",
            ),
            *("tests/telephony/test_spellings.py", "tests/telephony/test_version_0_1.py", "tests/telephony"),
        ),
        far=(
            "tests/calls",
            "tests/faults",
            "tests/test_privacy.py",
            "tests/test_serve.py",
            "tests/proof/test_proofs.py",
        ),
    ),
    Area(
        ("ivr/journal.py",),
        near=("tests/test_journal.py", "tests/test_journal_ends.py"),
        far=("tests/test_privacy.py", "tests/telephony/test_webhook.py", "tests/test_serve.py", "tests/faults"),
    ),
    Area(
        ("ivr/speech/clips.py", "ivr/speech/voices.py", "ivr/speech/web.py"),
        near=(
            *("tests/speech/test_clip_header.py", "tests/speech/test_audio_folders.py", "tests/speech/test_falls.py"),
            *("tests/speech/test_clips_on_disk.py", "tests/speech/test_voices.py", "tests/speech/test_web.py"),
        ),
        far=(
            *("tests/speech/test_offered.py", "tests/speech/test_render.py", "tests/speech/test_recording.py"),
            *("tests/speech/test_telephone.py", "tests/commands/test_audio.py", "tests/faults"),
        ),
    ),
)


def warm_up() -> None:
    """Import what every run needs, so that each begins with it: it is forked from this process."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # a process with threads cannot be forked
    for name in WARM:
        with suppress(ImportError):
            importlib.import_module(name)


class Scratch:
    """A copy of the tree, in which one fault at a time is planted."""

    def __init__(self, folder: Path) -> None:
        self.root, self._log, self._temporary = folder / "tree", folder / "log.txt", folder / "tmp"
        shutil.copytree(ROOT, self.root, ignore=NOT_COPIED)
        self._temporary.mkdir()
        # By default Python takes compiled code for current if time and size of the source are the same.
        compileall.compile_dir(self.root / "ivr", quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)

    @contextmanager
    def planted(self, fault: Fault) -> Iterator[None]:
        """The copy with a fault in it; without it again afterwards."""
        path = self.root / fault.path
        source = path.read_bytes()
        path.write_bytes(fault.planted(source))
        try:
            yield
        finally:
            path.write_bytes(source)

    def notices(self, tests: Sequence[str], seconds: float) -> bool:
        """Whether a test fails, takes too much memory, or does not end within the time."""
        pid = os.fork()
        if not pid:
            code = BROKEN
            try:
                code = self._run(tests)
            finally:
                os._exit(code)  # whatever happened: this process is a copy of the one that waits
        late = time.monotonic() + seconds
        try:
            while not (ended := os.waitpid(pid, os.WNOHANG))[0]:
                if time.monotonic() > late or _bytes_of(pid) > MEMORY:
                    return True
                time.sleep(0.05)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # also what the tests have started
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
            shutil.rmtree(self._temporary)
            self._temporary.mkdir()
        code = os.waitstatus_to_exitcode(ended[1])
        if code in (NO_TESTS, ELSEWHERE):
            raise RuntimeError(f"the tests do not run here:\n{self.told}")
        return code != PASSED

    @property
    def told(self) -> str:
        """The end of what the last tests printed."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-4000:]

    def _run(self, tests: Sequence[str]) -> int:
        """Run tests in this process, which does nothing else."""
        os.setsid()
        log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.chdir(self.root)
        os.environ |= {
            "PYTHONPATH": str(self.root),
            "TMPDIR": str(self._temporary),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # no test here needs one, and they take half a second
        }
        tempfile.tempdir = None
        sys.path[:] = [str(self.root), *(place for place in sys.path if place and Path(place).resolve() != ROOT)]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))
        sys.stdout.flush()
        ours = sys.modules.get("ivr")
        return code if ours is None or str(ours.__file__).startswith(str(self.root)) else ELSEWHERE


def _bytes_of(pid: int) -> int:
    """The memory of a process; 0 where the system does not tell, or it has just ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
