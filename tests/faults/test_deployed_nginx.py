"""deploy/nginx/kemi.conf does what it says, in a real nginx before two real processes of the line."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from tests.faults.ring import Telephone
from tests.faults.served import TOKEN, URL, Served, free_port
from tests.faults.test_two_processes import CHILD_MATTER, call
from tests.nginx import deployed, nginx

pytestmark = pytest.mark.long
SAME = ("Content-Type", "Cache-Control", "Content-Length")
NUMBER = "358401234567"


@pytest.fixture
def before(two: tuple[Served, Served], tmp_path: Path) -> Iterator[str]:
    """The address of an nginx that has the clips of the first."""
    with started(two, tmp_path / "nginx", two[0].rendered) as address:
        yield address


@contextmanager
def started(lines: tuple[Served, Served], folder: Path, rendered: Path) -> Iterator[str]:
    """nginx before these lines, with the clips of a folder."""
    ports = [urlsplit(line.address).port or 0 for line in lines]
    listens = free_port()
    with nginx(folder, deployed(folder, ports, listens, rendered), listens) as running:
        yield running.address


def fetched(address: str, path: str) -> tuple[int, bytes, dict[str, str | None]]:
    """Status and body, and the headers that must be the same."""
    try:
        with urllib.request.urlopen(f"http://{urlsplit(address).netloc}{path}") as reply:
            return reply.status, reply.read(), {name: reply.headers[name] for name in SAME}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), {}


def path_of(line: Served) -> str:
    return f"/audio/{min(line.rendered.glob('*.wav')).name}"


def test_a_clip_is_the_same_by_nginx_and_by_the_line(two: tuple[Served, Served], before: str) -> None:
    path = path_of(two[0])
    ours, theirs = fetched(two[0].address, path), fetched(before, path)
    assert ours[0] == 200
    assert None not in ours[2].values()
    assert theirs == ours


def test_a_clip_needs_no_line(two: tuple[Served, Served], before: str) -> None:
    for line in two:
        line.kill()
    path = path_of(two[0])
    assert fetched(before, path)[:2] == (200, (two[0].rendered / Path(path).name).read_bytes())
    assert fetched(before, "/live")[0] == 502


def test_a_clip_of_another_folder_is_had_from_the_line(two: tuple[Served, Served], tmp_path: Path) -> None:
    path = path_of(two[0])
    (tmp_path / "empty").mkdir()
    with started(two, tmp_path / "other", tmp_path / "empty") as address:
        assert fetched(address, path) == fetched(two[0].address, path)


def test_nothing_but_clips_is_had(two: tuple[Served, Served], before: str) -> None:
    (two[0].rendered / "secret.txt").write_text("secret", encoding="utf-8")
    unknown = ("f" * 32 + ".wav", "secret.txt", "..%2f..%2fprompts%2foffice.yaml", "%2e%2e/x.wav", "")
    assert {fetched(before, f"/audio/{name}")[0] for name in unknown} <= {400, 404}


def test_whole_calls_go_through_it_also_when_a_process_is_lost(two: tuple[Served, Served], before: str) -> None:
    assert call(Telephone(replace(two[0], address=before))) == CHILD_MATTER
    two[0].kill()
    assert call(Telephone(replace(two[1], address=before))) == CHILD_MATTER


def test_no_number_is_in_a_log_whatever_happens(two: tuple[Served, Served], before: str, tmp_path: Path) -> None:
    asked = f"/voice?From=%2B{NUMBER}"
    assert fetched(before, asked)[0] == 403
    for line in two:
        line.kill()
    assert fetched(before, asked)[0] == 502
    logs = [path for path in (tmp_path / "nginx").rglob("*") if path.is_file()]
    assert logs
    assert [path for path in logs if NUMBER in path.read_text(encoding="utf-8", errors="replace")] == []


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "//health", "/%68ealth", "/x/../ready", "/health/x"])
def test_how_the_line_is_no_stranger_learns(two: tuple[Served, Served], before: str, path: str) -> None:
    assert fetched(before, path)[0] == 404
    assert fetched(before, "/live")[0] == 200
    assert fetched(two[0].address, "/ready")[0] == 200, "a process itself tells it"


def test_the_path_goes_on_as_it_was_written(two: tuple[Served, Served], before: str) -> None:
    """Escapes too, and slashes: the signature is over it."""
    form = {"CallSid": "CA1", "From": f"+{NUMBER}", "CallStatus": "ringing"}
    for path, status in (("/v%6Fice?", 200), ("/voice?", 403)):
        signature = RequestValidator(TOKEN).compute_signature(f"{URL}/v%6Fice?", form)
        request = urllib.request.Request(  # noqa: S310
            before + path, urlencode(form).encode(), {"X-Twilio-Signature": signature}
        )
        try:
            with urllib.request.urlopen(request) as reply:  # noqa: S310
                found = reply.status
        except urllib.error.HTTPError as error:
            with error:
                found = error.code
        assert found == status


def test_a_body_is_never_on_the_disk(two: tuple[Served, Served], before: str, tmp_path: Path) -> None:
    """Where nginx would write it there is no folder any more."""
    (tmp_path / "nginx" / "body").rmdir()
    body = b"x" * 60_000  # as long as one may be, nearly
    with pytest.raises(urllib.error.HTTPError) as told:
        urllib.request.urlopen(f"{before}/voice", body)  # noqa: S310
    told.value.close()
    assert told.value.code == 403
