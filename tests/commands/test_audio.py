"""`ivr audio`, as a stranger types it, on a copy of the content with a few sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ivr.commands import main
from ivr.speech import azure as azure_engine
from ivr.speech.azure import Azure
from tests.content.conftest import FIRST, Prompts
from tests.speech.azure_service import KEY, LIST, VOICES, AzureService, Reply, murmur, serving_azure


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Prompts.copied_to(tmp_path, *FIRST)
    monkeypatch.setenv("IVR_SITE", str(tmp_path / "prompts"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def audio(*words: str) -> Result:
    return CliRunner().invoke(main, ["audio", *words])


class TestBuild:
    def test_makes_a_language_once_and_says_what_is_made(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        first = audio("build", "--lang", "sv")
        assert first.exit_code == 0, first.output
        made = len(list((folder / "audio" / "rendered").glob("*.wav")))
        assert first.output.endswith(f"{made} clips made, 0 were there\n")
        assert audio("build", "--lang", "sv").output == f"0 clips made, {made} were there\n"
        assert re.search(r"(?m)^sv .* (\d+) of \1 ", audio("status").output)
        monkeypatch.setenv("COLUMNS", "80")
        assert "…" not in audio("status").output  # whole words also where a line has 80 columns
        (folder / "audio" / "rendered" / f"{'0' * 32}.wav").write_bytes(b"old")
        assert "1 clips that nothing says removed" in audio("build", "--lang", "sv", "--prune").output

    def test_google_without_an_account_is_told_with_its_remedy(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "no-such-key.json"))
        result = audio("build", "--engine", "google", "--lang", "sv", "--yes")
        assert result.exit_code == 1
        assert "GOOGLE_APPLICATION_CREDENTIALS" in result.output
        assert "Traceback" not in result.output

    def test_google_tells_its_price_before_it_is_asked(self, folder: Path) -> None:
        result = CliRunner().invoke(main, ["audio", "build", "--engine", "google", "--lang", "sv"], input="n\n")
        assert "$" in result.output
        assert result.exit_code == 1
        assert not (folder / "audio").exists()

    def test_the_voices_named_are_looked_for(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(folder / "no-such-key.json"))
        assert "offline: sv: sv is there" in audio("status", "--voices").output


@pytest.mark.usefixtures("prompts")
class TestAzure:
    """Somali by Azure's voice, against a service on this machine."""

    @pytest.fixture
    def service(self) -> Iterator[AzureService]:
        with serving_azure(AzureService(sound=murmur)) as service:
            yield service

    @pytest.fixture
    def prompts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: AzureService) -> Prompts:
        prompts = Prompts.copied_to(tmp_path, *FIRST, "so")
        monkeypatch.setenv("IVR_SITE", str(prompts.folder))
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setenv("IVR_AZURE_KEY", KEY)
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(prompts.folder / "no-such-key.json"))
        monkeypatch.setattr(azure_engine, "Azure", partial(Azure, endpoint=service.url, per_minute=10**9, attempts=1))
        return prompts

    def build(self, said: str | None = None, *words: str) -> Result:
        build = ["audio", "build", "--engine", "azure", *words]
        return CliRunner().invoke(main, build, input=said)

    def test_the_voices_are_looked_at_before_money_is_spent_and_then_all_is_made(self, service: AzureService) -> None:
        result = self.build("y\n", "--lang", "so")
        assert result.exit_code == 0, result.output
        assert "$" in result.output
        assert [asked.path == LIST for asked in service.asked] == [True] + [False] * (len(service.asked) - 1)
        assert result.output.endswith(f"{len(service.texts)} clips made, 0 were there\n")
        assert {asked.voice for asked in service.asked[1:]} == {"so-SO-UbaxNeural"}
        assert {asked.language for asked in service.asked[1:]} == {"so-SO"}
        assert re.search(r"(?m)^so .* azure (\d+) of \1 ", audio("status").output)

    def test_whoever_does_not_want_to_pay_asks_azure_nothing(self, service: AzureService) -> None:
        assert self.build("n\n").exit_code == 1
        assert service.asked == []

    def test_a_voice_of_another_language_is_refused_before_anything_is_spent(
        self, prompts: Prompts, service: AzureService
    ) -> None:
        prompts.edit("languages.yaml", "so-SO-UbaxNeural", "sw-KE-ZuriNeural")
        result = self.build(None, "--yes")
        assert result.exit_code == 1
        assert "azure: so: sw-KE-ZuriNeural SPEAKS ANOTHER LANGUAGE: sw-KE, and not so-SO. Name one of" in result.output
        assert "Nothing was made, and nothing spent" in result.output
        assert [asked.path for asked in service.asked] == [LIST]

    def test_a_voice_that_is_gone_is_refused_too(self, service: AzureService) -> None:
        service.voices = {name: tags for name, tags in VOICES.items() if name != "so-SO-UbaxNeural"}
        result = self.build(None, "--yes")
        assert result.exit_code == 1
        assert "so-SO-UbaxNeural IS NOT THERE. Name one of these in languages.yaml: so-SO-MuuseNeural" in result.output
        assert service.texts == []

    def test_without_a_list_nothing_is_spent(self, service: AzureService) -> None:
        service.answers = [Reply(200, b"<html>", {"Content-Type": "text/html"})]
        result = self.build(None, "--yes")
        assert result.exit_code == 1
        assert "The list of voices: " in result.output
        assert service.texts == []

    def test_what_was_made_before_a_fault_is_kept_and_the_same_command_goes_on(
        self, prompts: Prompts, service: AzureService
    ) -> None:
        service.answers = [*[None] * 6, Reply(400)]
        first = self.build(None, "--yes")
        assert first.exit_code == 1
        assert "What was made is kept; run the same command again" in first.output
        asked, made = len(service.texts), len(list((prompts.folder.parent / "audio" / "rendered").glob("*.wav")))
        assert made == asked - 1
        second = self.build(None, "--yes")
        assert second.exit_code == 0, second.output
        assert second.output.endswith(f"{len(service.texts) - asked} clips made, {made} were there\n")

    def test_the_key_may_stand_in_the_env_file(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("IVR_AZURE_KEY")
        monkeypatch.chdir(tmp_path)
        assert "azure: Azure does not know who asks" in audio("status", "--voices").output
        (tmp_path / ".env").write_text(f"IVR_AZURE_KEY={KEY}\n", encoding="utf-8")
        assert "azure: so: so-SO-UbaxNeural is there" in audio("status", "--voices").output

    def test_the_lists_are_asked_for_and_each_voice_named_is_judged_by_them(self, service: AzureService) -> None:
        right = audio("status", "--voices")
        assert right.exit_code == 0
        assert "azure: so: so-SO-UbaxNeural is there" in right.output
        assert "google: " in right.output, "an engine that nobody can ask is told, and is no fault of a voice"
        service.voices = {"so-SO-UbaxNeural": ("sw-KE",)}
        wrong = audio("status", "--voices")
        assert wrong.exit_code == 1
        assert "azure: so: so-SO-UbaxNeural SPEAKS ANOTHER LANGUAGE: sw-KE, and not so-SO. It has none" in wrong.output
        assert "offline: sv: sv is there" in wrong.output
        assert service.texts == []


def test_a_language_has_one_cloud_voice_at_most(tmp_path: Path) -> None:
    prompts = Prompts.copied_to(tmp_path, *FIRST, "so")
    prompts.edit(
        "languages.yaml", "      azure: {voice: so-", "      google: {voice: so-SO-X}\n      azure: {voice: so-"
    )
    result = CliRunner().invoke(main, ["--site", str(prompts.folder), "check"])
    assert result.exit_code == 1
    place = f"{prompts.folder / 'languages.yaml'}:{prompts.line('languages.yaml', 'azure: {voice: so-')}"
    told = "Somali (so) has more than one cloud voice: google and azure. Keep one of them"
    assert f"{place}: broken: {told}" in result.output
