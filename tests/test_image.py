"""The steps of the Dockerfile, carried out on this machine; there need not be any Docker.

`/line` is a folder that begins empty, and an environment of its own stands for the Python of the base. Every step is
carried out as it is written, but that

- `useradd` only notes what it was asked, and `nobody` plays the user: tests add no user to anybody's machine;
- the line listens on any free port of this machine alone, in place of port 8080 of every address;
- for `make test`, which fetches nothing, the first RUN is not run: of what the tests are installed with, exactly the
  packages of requirements-runtime.lock are linked into the environment, each at its version; and the clips that the
  tests have made lie there, so that `ivr audio build` makes only what is missing.

`make image-steps` replaces neither of the last two: it fetches by hash, and makes every clip.
"""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
import venv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path
from types import MappingProxyType
from typing import TextIO
from urllib.parse import urlsplit

import pytest

from ivr.content.files import APPROVED
from ivr.core.content import Content
from ivr.phone.network.events import Spoken
from ivr.phone.network.people import ScriptedCaller, ScriptedContacts
from ivr.phone.network.sounds import ClipOf
from ivr.speech.clips import wav_seconds
from tests.conftest import ROOT
from tests.content.conftest import FIRST
from tests.dockerfile import (
    Copy,
    Env,
    NotUnderstood,
    Recipe,
    Run,
    Workdir,
    files_of,
    is_kept_out,
    read_dockerfile,
    read_dockerignore,
)
from tests.limits import PATIENCE, until
from tests.locks import RUNTIME, read_lock
from tests.test_serve import ENVIRONMENT, ON_CALL, PUBLIC_URL, Server, rings

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
IGNORE = read_dockerignore((ROOT / ".dockerignore").read_text(encoding="utf-8"))
RECIPE = read_dockerfile(DOCKERFILE)
AS_ROOT = os.geteuid() == 0
NOBODY = pwd.getpwnam("nobody")
NOTES = "asked-of-useradd"
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Image:
    """What the steps have made: `folder` stands for the root of its files; `environment`, `workdir`: how it is run."""

    folder: Path
    environment: dict[str, str]
    workdir: Path
    recipe: Recipe

    def place(self, path: str) -> Path:
        return self.folder / path.lstrip("/")

    @property
    def state(self) -> Path:
        return Path(self.environment["IVR_STATE"])

    def run(
        self,
        words: tuple[str, ...],
        *,
        port: int = 0,
        settings: Mapping[str, str] = NO_SETTINGS,
        errors: int | TextIO = subprocess.PIPE,
    ) -> subprocess.Popen[str]:
        """A command of the image, by its user, with another port in place of its own and nothing else from here."""
        moved = [word.replace(str(self.recipe.port), str(port)).replace("0.0.0.0", "127.0.0.1") for word in words]  # noqa: S104
        return subprocess.Popen(
            [*as_nobody(self.folder / "python" / "bin" / "python"), *moved],
            cwd=self.workdir,
            env={**self.environment, **settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def everything(self) -> dict[str, tuple[int, ...]]:
        """Each file and folder but those of the state, with all that a change of it would change."""
        found = {path: path.lstat() for path in walked(self.folder) if not path.is_relative_to(self.state)}
        return {
            str(path): (each.st_mode, each.st_uid, each.st_gid, each.st_size, each.st_mtime_ns, each.st_ino)
            for path, each in found.items()
        }


def walked(folder: Path) -> Iterator[Path]:
    """A folder and everything in it, without following links."""
    yield folder
    for parent, folders, files in os.walk(folder):
        yield from (Path(parent, name) for name in (*folders, *files))


@cache
def as_nobody(python: Path) -> list[str]:
    """What stands before a command that `nobody` is to run; nothing where we are not root, who may write everywhere.

    The interpreter may lie in root's own home: then nobody gets the right to read whatever there is, and no other.
    """
    if not AS_ROOT:
        return []
    plain = ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups", "--no-new-privs"]
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    # One whose library cannot be read may run with that of another Python: so it has to say that it is this one.
    program = "import ivr, pydantic, sys; print(sys.version, sys.base_prefix)"
    tried = subprocess.run(
        [*plain, python, "-c", program], cwd="/", env={}, capture_output=True, text=True, check=False
    )
    return plain if tried.stdout == f"{sys.version} {sys.base_prefix}\n" else [*plain, *reading]


@contextmanager
def built(clips: Path | None) -> Iterator[Image]:
    """Carry out the steps; `clips`: nothing is fetched, and these clips are there."""
    # Not below the temporary folder of the tests, which nobody else may enter.
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    try:
        folder.chmod(0o755)
        image = replace(started(folder, with_pip=clips is None), recipe=RECIPE)
        for step in RECIPE.steps:
            match step:
                case Workdir(where):
                    image = replace(image, workdir=image.place(where))
                    image.workdir.mkdir(parents=True)
                case Env(variables):
                    placed = {n: str(image.place(v)) if v.startswith("/") else v for n, v in variables.items()}
                    image = replace(image, environment={**image.environment, **placed})
                case Copy(sources, target):
                    copy(sources, image.workdir / target)
                case Run(command) if clips and "--require-hashes" in command:
                    link_packages(folder / "python")
                case Run(command):
                    if clips:
                        seed(image.workdir / "audio" / "rendered", clips)
                    execute(image, command, **({"PIP_NO_INDEX": "1"} if clips else {}))
        close(image)
        yield image
    finally:
        for path in walked(folder):
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def started(folder: Path, *, with_pip: bool) -> Image:
    """What the base has: a Python without packages but pip, and the tools of a Debian, of which two are played.

    Without pip: it is linked from where the tests are installed, as installing it takes seconds.
    """
    venv.create(folder / "python", symlinks=True, with_pip=with_pip)
    if not with_pip:
        link_package(folder / "python", distribution("pip"))
    tools = folder / "tools"
    tools.mkdir()
    played = {
        "useradd": f'echo "$*" >> {shlex.quote(str(folder / NOTES))}',
        "install": 'for word do shift; [ "$word" = "$USER_OF_IMAGE" ] && word=$PLAYED_BY; set -- "$@" "$word"; done\n'
        f'exec {shutil.which("install")} "$@"',
    }
    for name, script in played.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    path = f"{folder}/python/bin:{tools}:/usr/bin:/bin:/usr/sbin:/sbin"
    return Image(folder, {"PATH": path, "LANG": "C.UTF-8"}, folder, RECIPE)


def copy(sources: tuple[str, ...], target: Path) -> None:
    for source in sources:
        names = [*files_of(ROOT, source, IGNORE)]
        assert names, f"a builder ends where it has nothing to copy: {source}"
        for name in names:
            inner = Path(name).relative_to(source) if (ROOT / source).is_dir() else Path(Path(name).name)
            (target / inner).parent.mkdir(parents=True, exist_ok=True)
            if not name.endswith(APPROVED):  # what this office has approved would hide that approval is required
                shutil.copyfile(ROOT / name, target / inner)


def link_packages(environment: Path) -> None:
    """Link what the lock names into an environment, from where the tests are installed."""
    for name, locked in read_lock(RUNTIME).items():
        package = distribution(name)
        assert package.version == locked.version, f"{name}: make setup"
        link_package(environment, package)


def link_package(environment: Path, package: Distribution) -> None:
    here = Path(sysconfig.get_path("purelib"))
    (there,) = environment.glob("lib/python*/site-packages")
    for top in {path.parts[0] for path in package.files or ()} - {"..", "__pycache__"}:
        (there / top).symlink_to(here / top)


def seed(rendered: Path, clips: Path) -> None:
    rendered.mkdir(parents=True)
    for clip in clips.iterdir():
        shutil.copyfile(clip, rendered / clip.name)


def execute(image: Image, command: str, **more: str) -> None:
    """As the builder does, which is root and has the network settings of the machine."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("IVR_", "TWILIO_", "PYTHON"))}
    player = NOBODY.pw_name if AS_ROOT else pwd.getpwuid(os.geteuid()).pw_name
    played = {"USER_OF_IMAGE": image.recipe.user, "PLAYED_BY": player}
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=image.workdir,
        env={**outside, **image.environment, **played, **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def close(image: Image) -> None:
    """Make everything readable, and nothing writable but the state."""
    for path in walked(image.folder):
        if not path.is_symlink() and not path.is_relative_to(image.state):
            runs = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH if path.stat().st_mode & stat.S_IXUSR else 0
            path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH | runs)


@contextmanager
def answering(image: Image, told: Path) -> Iterator[Server]:
    """The CMD of the image, with settings that an office gives it; `told`: a file for what it says of itself."""
    with told.open("w") as errors, image.run(image.recipe.command, settings=ENVIRONMENT, errors=errors) as process:
        try:
            until(lambda: process.poll() is not None or "known to the world" in told.read_text(encoding="utf-8"))
            found = re.search(r"http://[\d.]+:\d+", told.read_text(encoding="utf-8"))
            assert found, told.read_text(encoding="utf-8")
            yield Server(process, found[0], image.state)
        finally:
            process.kill()


@pytest.fixture(scope="module", params=["linked", pytest.param("fetched", marks=pytest.mark.index)])
def image(request: pytest.FixtureRequest) -> Iterator[Image]:
    with built(request.getfixturevalue("made_clips") if request.param == "linked" else None) as image:
        yield image


def hearing(line: Server) -> ClipOf:
    """Fetches a clip of the line, as the provider does where a call plays it."""

    def heard(url: str) -> Spoken:
        path = urlsplit(url).path
        with urllib.request.urlopen(f"{line.address}{path}", timeout=PATIENCE) as reply:  # noqa: S310 - our own server
            data = reply.read()
        seconds = wav_seconds(data[:64], len(data))
        assert seconds is not None, path
        return Spoken("", path, seconds, slow=False, clip=url)

    return heard


def healthy(image: Image, port: int) -> bool:
    check = image.run(image.recipe.healthcheck, port=port)
    check.communicate(timeout=PATIENCE)
    return check.returncode == 0


def test_it_serves_as_nobody_and_writes_nothing_but_its_state(image: Image, content: Content, tmp_path: Path) -> None:
    before = image.everything()
    with answering(image, tmp_path / "told") as line:
        port = int(line.address.rpartition(":")[2])
        if AS_ROOT:
            status = Path(f"/proc/{line.process.pid}/status").read_text(encoding="utf-8")
            users = re.search(r"^Uid:\s+(.+)$", status, re.MULTILINE)
            assert users
            assert set(users[1].split()) == {str(NOBODY.pw_uid)}
        assert healthy(image, port)
        events = line.carrier(content, hearing(line)).call(
            ScriptedCaller(["0"]), ScriptedContacts({ON_CALL: ["answers"]})
        )
        assert ON_CALL in rings(events)
        clip = next(image.place("/line/audio/rendered").iterdir())
        assert hearing(line)(f"{PUBLIC_URL}/audio/{clip.name}").seconds > 0
        line.process.terminate()
        output, _ = line.process.communicate(timeout=PATIENCE)
        assert line.process.returncode == 0
    assert '"what":' in output, "the journal goes to where the gatherer of logs reads it"
    assert not healthy(image, port), "the check tells a line that has ended"
    assert any(image.state.iterdir()), "it may write there"
    assert image.everything() == before
    told = (tmp_path / "told").read_text(encoding="utf-8")
    reasons = dict(re.findall(r"\((\w+)\) is not offered: (.+)", told))
    assert set(reasons) == set(content.languages.languages) - set(FIRST), "else IVR_REQUIRE_APPROVAL does not count"
    assert any(why.startswith("nobody has approved") for why in reasons.values())


WRITABLE = """
import os, sys
for folder, folders, files in os.walk(sys.argv[1]):
    for path in (folder, *(os.path.join(folder, name) for name in files)):
        if os.access(path, os.W_OK) and not os.path.islink(path):
            print(path)
"""


def test_nothing_there_can_be_written_but_the_state(image: Image) -> None:
    """Else the test above would show nothing."""
    asked = image.run(("python", "-c", WRITABLE, str(image.folder)))
    told, errors = asked.communicate(timeout=PATIENCE)
    assert asked.returncode == 0, errors
    writable = [Path(line) for line in told.splitlines()]
    assert image.state in writable
    assert [path for path in writable if not path.is_relative_to(image.state)] == []


def test_the_user_is_made_without_a_home(image: Image) -> None:
    asked = (image.folder / NOTES).read_text(encoding="utf-8").split()
    assert asked == ["--system", "--no-create-home", image.recipe.user]
    assert image.recipe.user not in ("root", "0")
    assert image.state.stat().st_uid == (NOBODY.pw_uid if AS_ROOT else os.geteuid())


def test_every_clip_was_made(image: Image) -> None:
    again = image.run(("ivr", "audio", "build"))
    told, errors = again.communicate(timeout=PATIENCE)
    assert (again.returncode, told.partition(" ")[0]) == (0, "0"), told + errors


def test_no_secret_and_nothing_of_this_checkout_is_there(image: Image) -> None:
    inside = {path.relative_to(image.workdir) for path in walked(image.workdir)} - {Path()}
    assert {path.parts[0] for path in inside} == {
        "requirements-runtime.lock", "pyproject.toml", "README.md", "LICENSE", "ivr", "prompts", "audio", "var",
    }  # fmt: skip
    assert [path for path in inside if path.name.startswith(".env")] == []
    assert set(image.environment) == {"PATH", "LANG", "IVR_SITE", "IVR_STATE", "IVR_REQUIRE_APPROVAL"}


def test_pip_fetches_only_by_hash() -> None:
    commands = [part for step in RECIPE.steps if isinstance(step, Run) for part in step.command.split("&&")]
    installs = [part for part in commands if re.search(r"\bpip3?\b", part)]
    assert len(installs) == 2
    assert all(("--require-hashes" in each) != ("--no-index" in each) for each in installs)


def test_what_the_steps_on_one_machine_cannot_show() -> None:
    """Who else reaches it, whose its folders are, and what says that it is well."""
    assert RECIPE.command == ("ivr", "serve", "--host", "0.0.0.0", "--port", str(RECIPE.port))  # noqa: S104
    assert f"http://127.0.0.1:{RECIPE.port}/live" in RECIPE.healthcheck[-1], "one that is not ready yet is not ill"
    commands = [each.strip() for step in RECIPE.steps if isinstance(step, Run) for each in step.command.split("&&")]
    owned = [each for each in commands if re.search(rf"\b(chown|chmod|{RECIPE.user})\b", each)]
    assert owned == [
        f"useradd --system --no-create-home {RECIPE.user}", f"install --directory --owner {RECIPE.user} var",
    ]  # fmt: skip
    assert any("'.[offline,office,postgresql]'" in each for each in commands), (
        "clips of new words, and the office's pages"
    )


def test_the_base_is_a_python_that_the_line_runs_on() -> None:
    assert re.fullmatch(r"python:3\.1[1-9]-slim", RECIPE.base)
    guide = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    assert f"docker buildx imagetools inspect {RECIPE.base}" in guide
    assert f"--build-arg BASE={RECIPE.base}@sha256:" in guide


class TestReader:
    """What reads the Dockerfile reads nothing that it does not understand."""

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("EXPOSE 8080", "VOLUME /line/var"),
            ("EXPOSE 8080", ""),
            ("EXPOSE 8080", "EXPOSE 8080\nEXPOSE 9090"),
            ("USER line", "USER line\nRUN true"),
            ("FROM ${BASE}", "FROM ${BASE} AS build"),
            ("FROM ${BASE}", "FROM ${OTHER}"),
            ("FROM ${BASE}", "FROM ${BASE}\nARG TOKEN=1"),
            ("COPY ivr ivr", "ADD ivr ivr"),
            ("COPY ivr ivr", "COPY --from=build ivr ivr"),
            ("COPY prompts prompts", "COPY prompts/*.po prompts/"),
            ("WORKDIR /line", "WORKDIR line"),
            ("IVR_STATE=/line/var", 'IVR_STATE="/line/var"'),
            ('CMD ["ivr", "serve"', 'CMD ivr serve # "'),
            ("HEALTHCHECK CMD", "HEALTHCHECK --interval=5s CMD"),
            ("RUN python -m pip install --no-cache-dir --only", "RUN --mount=type=cache,target=/x python --only"),
        ],
    )
    def test_other_instructions_are_refused(self, old: str, new: str) -> None:
        assert DOCKERFILE.count(old) == 1
        with pytest.raises(NotUnderstood):
            read_dockerfile(DOCKERFILE.replace(old, new))

    def test_a_line_goes_on_behind_a_backslash(self) -> None:
        commands = [step.command for step in RECIPE.steps if isinstance(step, Run)]
        assert "\\" not in "".join(commands)
        assert " && ivr audio build" in " ".join(commands[-1].split())

    @pytest.mark.parametrize(
        ("path", "out"),
        [
            (".env", True),
            (".git/config", True),
            ("var/journal", True),
            ("deploy/kubernetes/secret.yaml", True),
            ("tests/test_image.py", True),
            ("prompts/.env", True),
            ("prompts/.env.old", True),
            ("ivr/core/__pycache__/engine.pyc", True),
            ("audio/rendered/a.wav", True),
            ("ivr/core/engine.py", False),
            ("prompts/fi.approved.yaml", False),
            ("audio/recorded/fi/safety.opening.wav", True),
            ("audio/README.md", False),
            ("pyproject.toml", False),
        ],
    )
    def test_what_does_not_come_to_the_builder(self, path: str, out: bool) -> None:
        assert is_kept_out(path, IGNORE) is out

    @pytest.mark.parametrize("pattern", ["secret[0-9]", "/var", "a?"])
    def test_a_pattern_that_is_not_understood_is_refused(self, pattern: str) -> None:
        with pytest.raises(NotUnderstood):
            read_dockerignore(f"*\n{pattern}\n")
