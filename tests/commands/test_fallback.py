"""`ivr fallback`, as an operator types it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.phone.twiml.document import DialVerb, HangupVerb, read
from ivr.telephony.twilio.emergency import FALLBACK_RINGS, MOST_BYTES
from tests.content.conftest import FIRST, Prompts

OURS = "+358753250000"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prompts:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IVR_CALLER_ID", OURS)
    prompts = Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.setenv("IVR_SITE", str(prompts.folder))
    return prompts


def fallback(*words: str) -> Result:
    return CliRunner().invoke(main, ("fallback", *words))


def test_it_prints_a_document_that_rings_the_number_of_the_office(site: Prompts) -> None:
    result = fallback()
    assert result.exit_code == 0
    assert OURS not in result.stderr
    document = result.stdout_bytes
    assert len(document) < MOST_BYTES
    verbs = read(document, "https://other.example/fallback.xml", "caller").verbs
    (dial,) = (verb for verb in verbs if isinstance(verb, DialVerb))
    assert (dial.number, dial.caller_id) == ("+358400291141", OURS)
    assert isinstance(verbs[-1], HangupVerb)


def test_a_private_number_of_the_environment_is_not_in_it(site: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_CONTACT_ON_CALL", "+358403333333")
    assert "+358403333333" not in fallback().output


def test_a_folder_gets_what_is_printed_and_the_steps(site: Prompts, tmp_path: Path) -> None:
    result = fallback("to put/elsewhere")
    folder = tmp_path / "to put" / "elsewhere"
    assert (result.exit_code, result.stdout) == (0, "")
    assert (folder / "fallback.xml").read_bytes() == fallback().stdout_bytes.removesuffix(b"\n")
    assert f"fallback.xml: {(folder / 'fallback.xml').stat().st_size} bytes" in result.stderr
    steps = (folder / "steps.md").read_text(encoding="utf-8")
    assert all(f"`{named}`" in steps for named in ("fallback.xml", "IVR_FALLBACK_URL", "ivr connect", "ivr doctor"))
    assert f"rings that number once for {FALLBACK_RINGS} seconds" in " ".join(steps.split())


def test_a_folder_that_cannot_be_written_is_told(site: Prompts, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("no folder")
    result = fallback("a file/inside")
    assert result.exit_code == 1
    assert "could not be written" in result.stderr
    assert not list(tmp_path.rglob("*fallback*"))


def test_without_a_number_of_ours_it_says_what_that_means(site: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IVR_CALLER_ID")
    result = fallback()
    assert result.exit_code == 0
    assert "callerId" not in result.stdout
    assert "warning: IVR_CALLER_ID is not set" in result.stderr
    assert "Remedy" in result.stderr


def test_a_number_of_ours_stands_in_the_env_file_too(
    site: Prompts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IVR_CALLER_ID")
    (tmp_path / ".env").write_text("IVR_CALLER_ID=+358 75 325 0000\n", encoding="utf-8")
    assert f'callerId="{OURS}"' in fallback().stdout


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("0753250000", "IVR_CALLER_ID is not in international form"),
        ("112", "IVR_CALLER_ID is an emergency number"),
        ("+358400291141", "IVR_CALLER_ID is the number of on_call, which would ring itself"),
    ],
)
def test_a_wrong_number_of_ours_is_refused(
    site: Prompts, monkeypatch: pytest.MonkeyPatch, number: str, why: str
) -> None:
    monkeypatch.setenv("IVR_CALLER_ID", number)
    result = fallback()
    assert (result.exit_code, result.stdout) == (1, "")
    assert why in result.stderr
    assert "Remedy: write the number that you have at Twilio" in result.stderr


def test_a_public_number_that_cannot_be_rung_is_refused(site: Prompts) -> None:
    site.edit("office.yaml", "number: 0400 291 141", "number: 0600 12345")
    result = fallback()
    assert (result.exit_code, result.stdout) == (1, "")
    assert re.search(r"the number of on_call in office\.yaml is .*\. Remedy: write the public number", result.stderr)


def test_a_language_that_the_provider_does_not_speak_is_refused(site: Prompts) -> None:
    site.edit("languages.yaml", "      provider: {voice: Polly.Elin-Neural}\n", "")
    result = fallback()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "sv has no voice of the provider" in result.stderr
    assert "Remedy: add 'provider'" in result.stderr


def test_broken_content_is_refused(site: Prompts) -> None:
    site.edit("office.yaml", "    number: 0400 291 141", "    # no number")
    result = fallback()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "on_call has no number. Write the public number" in result.stderr
    assert "ivr check" in result.stderr


def test_a_number_of_ours_is_read_as_the_line_reads_it(site: Prompts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IVR_CALLER_ID", "+358 75\N{NO-BREAK SPACE}325 0000\t")
    result = fallback()
    assert result.exit_code == 0, result.stderr
    assert 'callerId="+358753250000"' in result.stdout
