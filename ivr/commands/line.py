"""The commands of `ivr`."""

from __future__ import annotations

import io
import sys
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from ivr.app import create_app
from ivr.commands.audio import audio_group, engine_named
from ivr.commands.texts import texts_group
from ivr.content.load import Loaded, load
from ivr.core.content import Content
from ivr.core.diagram import mermaid
from ivr.core.issue import Issue, any_broken
from ivr.core.script import closed_set
from ivr.journal import Journal, open_journal
from ivr.phone.network.errors import CarrierError
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers, language_numbers
from ivr.proof import report
from ivr.proof.prove import Proved, load_and_prove, proving
from ivr.serve import log_without_words
from ivr.serve import serve as serve_until_stopped
from ivr.settings import SettingsError, Settings, content_folder, environment, read_settings
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector, audio_folders

if TYPE_CHECKING:
    from flask import Flask


@click.group(help=__doc__)
@click.version_option(package_name="kemi-guidance-line")
def main() -> None:
    """The Kemi guidance line."""


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print issues and proofs as JSON.")
def check(as_json: bool) -> None:
    """Look for all that is wrong in prompts/, and prove the rules. Exit 1 if anything is broken or incomplete."""
    proved = _proved()
    if as_json:
        click.echo(report.as_json(proved))
    else:
        click.echo(report.as_text(proved))
    sys.exit(any(issue.severity != "note" for issue in proved.issues))


@main.command()
def flow() -> None:
    """Print the flow as a Mermaid diagram."""
    click.echo(mermaid(_content().flow), nl=False)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
def serve(host: str, port: int) -> None:
    """Answer the webhooks of the telephony provider. Stops on SIGTERM without losing a request."""
    log_without_words()
    today = _now().date()
    loaded = load(_folder(), today)
    content = _whole(loaded, loaded.issues)
    with proving(content, today) as found:
        settings, journal = _settings_and_journal(content)
        app = create_app(settings, content, _now, journal, audio_folders(_folder()))
        _whole(loaded, loaded.in_order(found()))
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)

    def ready(host: str, port: int) -> None:
        click.echo(f"answering on http://{host}:{port}, known to the world as {settings.public_url}", err=True)

    try:
        serve_until_stopped(app, host, port, ready)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port}: {error.strerror}. Remedy: another --port."
        ) from None
    finally:
        journal.close()


def _settings_and_journal(content: Content) -> tuple[Settings, Journal]:
    try:
        settings = read_settings(environment(Path.cwd()), content.office)
        return settings, open_journal(settings.log)
    except SettingsError as faults:
        raise click.ClickException("the line cannot go live:\n  " + "\n  ".join(faults.faults)) from None
    except OSError as error:
        raise click.ClickException(f"IVR_LOG cannot be written: {error.strerror}. Remedy: name a file.") from None


@main.command()
@click.option("--at", metavar='"YYYY-MM-DD HH:MM"', help="When the call takes place, in the office's time zone.")
@click.option("--keys", default="", help='What the caller does, for example "3,1" or "3,wait,early 0,hang up".')
@click.option("--lang", help="Choose this language first, for example sv.")
@click.option("--dials", metavar="LANG", help="Dial a number that belongs to this language; it needs no menu.")
@click.option("--contact", "contacts", multiple=True, metavar="NAME=WHAT", help="For example on_call=no_answer.")
@click.option("--golden", is_flag=True, help="Print the call as a golden call for tests/calls/.")
def call(
    at: str | None, keys: str, lang: str | None, dials: str | None, contacts: tuple[str, ...], golden: bool
) -> None:
    """Ring the line in the terminal. With --keys it plays at once; without, your keyboard is the phone."""
    from ivr.phone.ring import Dial, ring  # rich is slow to import, and only this command shows calls

    content = _content()
    try:
        wanted = Dial.read(content, _moment(at, content), keys, lang, dials, contacts)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    try:
        audio = audio_folders(_folder())
        ring(
            wanted,
            content,
            partial(simulated_app, audio=audio),
            seconds_by_locale(content.languages),
            VoiceSelector(content, audio, wanted.at.date()).subtitle,
            as_golden=golden,
            live=not keys and sys.stdin.isatty(),
        )
    except CarrierError as error:
        raise click.ClickException(f"the line broke a rule of telephony: {error}") from None


@main.command()
@click.option("--port", default=8123, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--no-open", is_flag=True, help="Do not open the page.")
def phone(port: int, no_open: bool) -> None:
    """Hear whole calls in a browser on this machine. Nobody is really called."""
    from ivr.phone.browser.app import SimulatedLine, create_phone, serve_page  # only this command shows pages
    from ivr.phone.browser.clip_builder import ClipBuilder

    content, audio, today = _content(), audio_folders(_folder()), _now().date()
    exchange = SimulatedLine(
        content,
        closed_set(content, today),
        partial(simulated_app, content, audio=audio),
        lambda: VoiceSelector(content, audio, today, "text").subtitle,
        seconds_by_locale(content.languages),
    )
    studio = ClipBuilder(content, exchange.script, audio.rendered, partial(engine_named, "offline"))
    app = create_phone(exchange, studio)
    studio.start()

    def ready(address: str) -> None:
        click.echo(f"the phone is at {address}   (Ctrl-C ends it)", err=True)
        if not no_open:
            webbrowser.open(address)

    try:
        serve_page(app, port, ready)
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}. Remedy: another --port.") from None


def simulated_app(content: Content, clock: Callable[[], datetime], audio: Audio = NO_AUDIO) -> Flask:
    """The whole application of a line that rings nobody; every language has a number that belongs to it."""
    dialled = {number: code for code, number in language_numbers(content.languages.languages).items()}
    office = content.office.model_copy(update={"languages_by_number": dialled})
    content = replace(content, office=office)
    numbers = contact_numbers(content.office.contacts)
    settings = Settings(PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), numbers, speech="text")
    return create_app(settings, content, clock, Journal(io.StringIO()), audio)


def _moment(at: str | None, content: Content) -> datetime:
    zone = ZoneInfo(content.office.zone)
    if at is None:
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter(f"'{at}' is no date and time; write \"2026-12-24 10:00\"", param_hint="--at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _now() -> datetime:
    return datetime.now(UTC)


def _content_and_audio() -> tuple[Content, Audio]:
    return _content(), audio_folders(_folder())


def _folder_and_loaded() -> tuple[Path, Loaded]:
    return _folder(), load(_folder(), _now().date())


main.add_command(audio_group(_content_and_audio))
main.add_command(texts_group(_folder_and_loaded))


def _folder() -> Path:
    return content_folder(environment(Path.cwd()))


def _proved() -> Proved:
    return load_and_prove(_folder(), _now().date(), audio_folders(_folder()))


def _content() -> Content:
    """The content as it is read, for what rings nobody: its rules need not be proved."""
    loaded = load(_folder(), _now().date())
    return _whole(loaded, loaded.issues)


def _whole(loaded: Loaded, issues: tuple[Issue, ...]) -> Content:
    for issue in issues:
        if issue.severity != "note":
            click.echo(str(issue), err=True)
    if loaded.content is None or any_broken(issues):
        raise click.ClickException("the content is broken; `ivr check` tells all about it")
    return loaded.content
