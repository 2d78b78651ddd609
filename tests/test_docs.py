"""What the documents say is true."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import pytest
from twilio.request_validator import RequestValidator

from ivr.commands import COMMANDS, main
from ivr.core.content import Content
from ivr.core.diagram import mermaid
from ivr.live import intervals
from tests.conftest import ROOT
from tests.deploy.parts import alerts
from tests.deploy.test_alerts import rules

README = (ROOT / "README.md").read_text(encoding="utf-8")
FLOW = (ROOT / "docs" / "flow.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
PAGES = (ROOT / "docs" / "office.md").read_text(encoding="utf-8")
SILENT, CARD, DATA = (
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("silent-line.md", "card.md", "data-protection.md")
)
DOCUMENTS = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "prompts" / "README.md",
    ROOT / "audio" / "README.md",
    *sorted((ROOT / "deploy").rglob("*.md")),
]


def test_the_drawn_flow_is_the_flow(content: Content) -> None:
    found = re.search(r"```mermaid\n(.*?)```", FLOW, re.DOTALL)
    assert found
    assert found[1] == mermaid(content.flow), "copy the output of `ivr flow` into docs/flow.md"


def test_the_shown_call_is_a_call() -> None:
    shown = [line.strip() for line in README.splitlines() if re.match(r" \d:\d\d  ", line)]
    heard = (ROOT / "tests" / "calls" / "again_and_slowly.yaml").read_text(encoding="utf-8")
    assert shown
    assert [line for line in shown if line not in heard] == []


def test_every_path_where_something_is_changed_is_there() -> None:
    table = README.split("## Where do I change")[1].split("## Before")[0]
    paths = re.findall(r"`((?:prompts|ivr|tests|docs)/[\w./-]*)`", table)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_are_commands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for command in re.findall(r"\bivr ([a-z]+)\b(?=[ `\n])", text):
        assert command in COMMANDS, f"{path}: ivr {command}"
    targets = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE):
        assert f"\n{target}:" in targets, f"{path}: make {target}"


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len(README.splitlines()) <= 200


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_that_are_there(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_into_a_document_lead_to_its_headings(path: Path) -> None:
    for file, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
        target = (path.parent / file) if file else path
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, file


def test_every_variable_that_is_read_is_documented() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ivr").rglob("*.py"))
    variables = set(re.findall(r'"((?:IVR|TWILIO)_[A-Z_]+)"', code)) - {"IVR_CONTACT_", "IVR_SPARE_", intervals.PREFIX}
    assert variables
    variables |= {intervals.PREFIX + each.name.upper() for each in fields(intervals.Intervals)}
    assert [name for name in variables if f"`{name}`" not in OPERATORS + PAGES] == []


def test_what_the_guide_shows_of_nginx_is_what_the_tests_run() -> None:
    told = "".join(re.findall(r"```nginx\n(.*?)```", OPERATORS, re.DOTALL)).replace("http://line;", "http://kemi;")
    ours = {line.strip() for line in (ROOT / "deploy" / "nginx" / "kemi.conf").read_text(encoding="utf-8").splitlines()}
    assert [line for line in told.splitlines() if line.endswith(";") and line.strip() not in ours] == []


def test_the_dockerfile_copies_what_is_there() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [name for names in copied for name in names.split() if not (ROOT / name).exists()] == []


def options(words: list[str]) -> Iterator[str]:
    """The options among words behind `ivr` that the command has not, nor the groups that it stands in."""
    command: click.Command = main
    known = {"--help"}
    for word in words:
        known |= {each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts)}
        if word.startswith("-"):
            if word.partition("=")[0] not in known:
                yield word
        elif isinstance(command, click.Group) and (under := command.get_command(click.Context(command), word)):
            command = under


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_options_are_those_of_the_command(path: Path) -> None:
    lines = re.findall(r"(?<![\w.])(?:kemi-)?ivr ([a-z][^`\n#|;&>]*)", path.read_text(encoding="utf-8"))
    assert [line for line in lines if list(options(re.sub(r"[][,.)]", " ", line).split()))] == []


@pytest.mark.parametrize("line", ["conect --dry-run", "connect --dry", "audio build --voices", "serve --reload"])
def test_an_option_that_is_none_would_be_noticed(line: str) -> None:
    assert list(options(line.split()))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_files_of_deploy_are_there(path: Path) -> None:
    named = re.findall(r"[ `(](deploy/[\w@./*-]*[\w*])", path.read_text(encoding="utf-8"))
    assert [name for name in named if not list(ROOT.glob(name))] == []


def blocks(text: str, holds: str) -> str:
    """The only block of commands that has these words."""
    (found,) = (block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if holds in block)
    return str(found)


def ran(folder: Path, commands: str, **environment: str) -> str:
    """What a shell says of commands of a document, beside stand-ins for programs, in a folder of their own."""
    done = subprocess.run(
        [shutil.which("sh") or "sh", "-eu"],
        input=commands,
        cwd=folder,
        env={**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{commands}\n{done.stderr}"
    return done.stdout


def stand_in(folder: Path, name: str, does: str = "") -> None:
    (folder / "bin").mkdir(exist_ok=True)
    (folder / "bin" / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    (folder / "bin" / name).chmod(0o755)


def test_the_shown_call_by_hand_is_signed_as_the_provider_signs(tmp_path: Path) -> None:
    stand_in(tmp_path, "curl", "printf '%s\\n' \"$@\"")
    defined, _, _ = blocks(OPERATORS, "ring() {").partition("\n}\n")
    said = ran(tmp_path, f"{defined}\n}}\nring a-token\n").splitlines()
    address = next(word for word in said if word.startswith("http"))
    form = dict(said[place + 1].split("=", 1) for place, word in enumerate(said) if word in {"-d", "--data-urlencode"})
    (header,) = (word for word in said if word.startswith("X-Twilio-Signature: "))
    signature = header.partition(": ")[2]
    assert set(form) == {"CallSid", "From", "To"}
    assert RequestValidator("a-token").validate(address, form, signature)
    assert not RequestValidator("another").validate(address, form, signature)


@pytest.mark.parametrize(
    ("document", "holds", "file"),
    [
        ("docs/operators.md", "--standalone", "nginx/conf.d/kemi.conf"),
        ("deploy/README.md", "promtool", "prometheus/prometheus.yml"),
    ],
)
def test_no_example_is_left_where_the_name_was_written(tmp_path: Path, document: str, holds: str, file: str) -> None:
    commands = blocks((ROOT / document).read_text(encoding="utf-8"), holds)
    for program in ("certbot", "nginx", "systemctl", "apt-get", "promtool"):
        stand_in(tmp_path, program)
    for folder in ("nginx/conf.d", "nginx/sites-enabled", "prometheus", "ssl"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    ours = commands.replace("NAME=line.example.fi ", "NAME=linja.kunta.fi ")
    assert ours != commands
    ran(tmp_path, re.sub(r"(?<=[ >])/etc/(?=nginx/|prometheus/)", f"{tmp_path}/", ours))
    written = (tmp_path / file).read_text(encoding="utf-8")
    assert "linja.kunta.fi" in written
    assert [line for line in written.splitlines() if "example" in line and not line.startswith("#")] == []


def test_the_machine_is_set_up_by_files_that_are_there(tmp_path: Path) -> None:
    """All of it is carried out below a folder; only packages, the clone, users and the environment are stood in for."""
    for program in ("apt-get", "systemd-sysusers", "systemctl", "chown"):
        stand_in(tmp_path, program)
    stand_in(
        tmp_path, "git", f'mkdir -p "$3"; cd {ROOT}; cp -r requirements*.lock deploy prompts "$3"; mkdir "$3/audio"'
    )
    stand_in(tmp_path, "pip", 'for each; do case "$each" in *.lock) cat "$each" >> ../locks;; esac; done')
    stand_in(tmp_path, "python3", f'mkdir -p "$3/bin"; ln -s {tmp_path}/bin/pip "$3/bin/pip"')
    # What Debian 12 has. It has no /etc/sysusers.d.
    for folder in ("opt", "etc/systemd/system", "usr/local/sbin"):
        (tmp_path / folder).mkdir(parents=True)
    commands = blocks(OPERATORS, "systemd-sysusers")
    ran(
        tmp_path,
        re.sub(r"(?<= )/(?=opt/|etc/|usr/|srv/)", f"{tmp_path}/", re.sub(r"(?m)^/opt", f"{tmp_path}/opt", commands)),
    )
    units = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}
    there = {path.name for path in (tmp_path / "etc/systemd/system").iterdir()}
    assert units - there == {"kemi-ivr", "kemi-line.sysusers"}
    assert (tmp_path / "usr/local/sbin/kemi-ivr").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "etc/sysusers.d/kemi-line.conf").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "opt/kemi-line").resolve() == tmp_path / "opt/kemi-line-1"
    assert (tmp_path / "srv/kemi/prompts/office.yaml").exists()
    assert (tmp_path / "srv/kemi/audio").stat().st_mode & 0o7777 == 0o2750
    assert "sha256:" in (tmp_path / "opt/locks").read_text(encoding="utf-8")


def test_the_certificate_is_asked_for_once_port_80_is_free(tmp_path: Path) -> None:
    """nginx as Debian installs it goes on holding port 80 until it is reloaded without its default site."""
    for program in ("certbot", "nginx", "systemctl"):
        stand_in(tmp_path, program, f'echo {program} "$@"')
    for folder in ("nginx/conf.d", "nginx/sites-enabled"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    commands = re.sub(r"(?<=[ >])/etc/(?=nginx/)", f"{tmp_path}/", blocks(OPERATORS, "--standalone"))
    said = ran(tmp_path, commands).splitlines()
    assert said[0] == "systemctl reload nginx"
    assert said[1].startswith("certbot certonly --standalone")


@pytest.mark.parametrize(("fails", "links"), [(None, "2"), ("pip", "1"), ("ivr", "1")])
def test_an_update_that_fails_leaves_the_running_program(tmp_path: Path, fails: str | None, links: str) -> None:
    """Pasted as a whole, commands go on after one that fails: the link must not lead to a half installed program."""
    (tmp_path / "opt/kemi-line-1").mkdir(parents=True)
    (tmp_path / "opt/kemi-line").symlink_to(tmp_path / "opt/kemi-line-1")
    for program in ("git", "systemctl", "kemi-ivr"):
        stand_in(tmp_path, program, f'echo {program} "$@"')
    stand_in(tmp_path, "ivr", "exit 1" if fails == "ivr" else "")
    installs = f'test "$1" != install || ln -sf {tmp_path}/bin/ivr {tmp_path}/opt/kemi-line-2/bin/ivr'
    stand_in(tmp_path, "pip", "exit 1" if fails == "pip" else installs)
    stand_in(tmp_path, "python3", f'mkdir -p "$3/bin"; ln -s {tmp_path}/bin/pip "$3/bin/pip"')
    commands = blocks(OPERATORS, "NEW=/opt/kemi-line-2").replace("/opt/", f"{tmp_path}/opt/")
    said = ran(tmp_path, f"set +e\n{commands}\ntrue\n")
    assert (tmp_path / "opt/kemi-line").resolve() == tmp_path / f"opt/kemi-line-{links}"
    assert ("systemctl start kemi-line-restart.service" in said) == (fails is None)


def test_the_backup_takes_what_cannot_be_made_again_and_no_key(tmp_path: Path) -> None:
    state, etc = tmp_path / "var/lib/kemi-line", tmp_path / "etc"
    recorded = state / "recordings/so"
    for folder in (etc, recorded, tmp_path / "srv/kemi/prompts"):
        folder.mkdir(parents=True)
    for file in (
        state / "connect-before.json",
        state / "journal-2026-11-24.key",
        etc / "kemi-line.env",
        recorded / "a.wav",
    ):
        file.write_text("", encoding="utf-8")
    written = tmp_path / "copy.tar.gz"
    stand_in(tmp_path, "kemi-ivr", 'test "$1 $2" = "records backup" && test ! -e "$3" && echo new > "$3"')
    (state / "backup.db").write_text("of a command that was broken off", encoding="utf-8")
    commands = blocks(OPERATORS, "--ignore-failed-read").replace(" -C / ", f" -C {tmp_path} ")
    commands = commands.replace("KEPT=/", f"KEPT={tmp_path}/").replace("${KEPT#/}", "${KEPT#" + f"{tmp_path}/" + "}")
    masks = ran(tmp_path, f"umask\n{re.sub(r'/root/.+?[.]gz', str(written), commands)}\numask\n").split()
    assert masks[0] == masks[1], "what is installed next in this terminal could not be read by the line"
    held = ran(tmp_path, f"tar -tzf {written}").splitlines()
    assert {"etc/kemi-line.env", "var/lib/kemi-line/connect-before.json"} <= {*held}
    assert not [name for name in held if name.endswith((".key", ".wav"))]
    assert ran(tmp_path, f"tar -xzOf {written} var/lib/kemi-line/backup.db") == "new\n"
    assert not (state / "backup.db").exists()
    assert written.stat().st_mode & 0o077 == 0


def test_each_row_of_the_settings_is_a_setting() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "ivr").rglob("*.py"))
    rows = re.findall(r"(?m)^\| (`(?:IVR|TWILIO)_[^|]*`) \|", OPERATORS)
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    contact = "IVR_CONTACT_"
    assert [name for name in names if f'"{name}"' not in code and not name.startswith(contact)] == []
    assert {name for name in names if name.startswith(contact)} == {contact + "SOCIAL_INSTRUCTOR", contact + "ON_CALL"}


def test_every_alarm_and_alert_has_its_row_on_the_page_for_a_silent_line() -> None:
    rows = re.findall(r"(?m)^\| (?:`(\w+)`, )?`(Kemi\w+)` \| (\w+) \| [^|]+ \| [^|]+ \|$", SILENT)
    assert {alarm: alert for alarm, alert, _ in rows if alarm} == rules()
    assert {alert: severity for _, alert, severity in rows} == {
        name: rule["labels"]["severity"] for name, rule in alerts().items()
    }
    assert len(rows) == len(alerts())


def test_a_page_is_a_page() -> None:
    assert len(SILENT.splitlines()) <= 80
    assert len(OPERATORS.splitlines()) <= 400, "move what nobody needs on the way to behaviour.md"
    assert len(CARD.split("\n---\n")[0].splitlines()) <= 50


def test_the_card_says_what_the_line_says(content: Content) -> None:
    """What is quoted in Finnish is said by the line, but for what whoever answers may say, and a setting of phones."""
    finnish, english = CARD.split("\n---\n")
    texts = content.catalogue.texts[content.languages.staff]
    filled = texts["staff.language"].replace("{language}", texts["language.ar"])
    said = " ".join((*texts.values(), filled)).lower()
    quoted = ". ".join(re.findall(r'"([^"]+)"', " ".join(finnish.split()))).lower()
    sentences = {each.strip(" .") for each in quoted.split(".")}
    assert {each for each in sentences if each not in said} == {"olen täällä", "älä häiritse"}
    languages = content.languages.languages
    rows = [f"{texts[f'language.{code}']} | {language.name} |" for code, language in languages.items()]
    assert [row for row in rows if f"| {row}" not in finnish] == []
    assert finnish.count("____") == english.count("____") > 0


def test_every_field_of_the_journal_is_in_the_draft_for_the_officer() -> None:
    (row,) = re.findall(r"(?m)^\| journal: ([^|]*)\|", DATA)
    fields_of = (ROOT / "docs" / "journal.md").read_text(encoding="utf-8").split("## Fields")[1].split("\n## ")[0]
    assert re.findall(r"`(\w+)`", row) == re.findall(r"(?m)^\| `(\w+)` \|", fields_of)
