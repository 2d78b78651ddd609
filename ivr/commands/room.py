"""`ivr room`: the pages where volunteers listen, correct and record; and who is invited there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import click

from ivr.commands.pages import serve_pages
from ivr.commands.shown import Group, told
from ivr.commands.site import Site, now, this_site
from ivr.commands.who import user
from ivr.connections.connection import Limits
from ivr.files import NotWritten
from ivr.program import how_to_install
from ivr.records.room import INVITED, KINDS, Gone, Kind, NewInvitation, Room, Volunteer
from ivr.serve import log_without_words
from ivr.settings.env_file import SettingsError, environment, file_warnings
from ivr.settings.pages import PROXY, is_loopback
from ivr.settings.read import recordings_folder
from ivr.settings.room_pages import PORT, URL, RoomSettings, read_room_settings, room_base

SENDING_S = 60.0
"""How long a phone may take to send a recording, where no proxy has taken it before."""


@click.group(cls=Group, invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.pass_context
def room(context: click.Context, host: str, port: int) -> None:
    """Serve the listening room, where invited volunteers give a language its voice. Ends on SIGTERM.

    With a command below: who is invited.
    """
    if context.invoked_subcommand is None:
        _serve(this_site(context), host, port)


@room.command()
@click.option("--lang", required=True, help="The language that they speak.")
@click.option("--name", required=True, help="Their name, by which the office knows them.")
@click.option("--kind", required=True, type=click.Choice(KINDS), help="What the invitation is for.")
@click.option(
    "--days", default=INVITED.days, show_default=True, type=click.IntRange(1, 365), help="How long it is good."
)
@click.pass_context
def invite(context: click.Context, lang: str, name: str, kind: Kind, days: int) -> None:
    """Invite somebody, and print the link by which they enter. A new link for the same person ends the old one.

    Where the room is served at a port of its own, the link leads there if it is named: ivr room --port 9000 invite ...
    """
    known = this_site(context).content().languages.languages
    if lang not in known:
        raise click.UsageError(f"--lang: '{lang}' is no language of the line; there are {', '.join(known)}")
    with told():
        base = room_base(environment(Path.cwd()), _port_of(context))
        try:
            made = _room().invite(lang, name, kind, _by(), now(), timedelta(days=days))
        except ValueError as error:
            raise click.ClickException(f"{error}. Remedy: write the name by which the office knows them.") from None
    _print_link(base, made)


def _port_of(context: click.Context) -> int:
    """The port before the name of the command. UsageError for 0, which no link can lead to."""
    port: int = context.parent.params["port"] if context.parent else PORT
    if not port:
        raise click.UsageError("--port: 0 is any free port; name the port at which the room is served")
    return port


@room.command("list")
def list_() -> None:
    """Print who is or was invited, and what they have left."""
    with told():
        records = _room()
        for each in records.volunteers():
            takes = sum(take.volunteer == each.id and take.replaced is None for take in records.takes(each.language))
            click.echo(f"{each.id}: {_in_words(each)}{'' if each.withdrawn else f', {takes} recordings'}")


@room.command()
@click.argument("id", type=int)
def end(id: int) -> None:
    """End the invitation with the number ID: who has entered by it is out. What they have left stays."""
    with told():
        records = _room()
        try:
            records.end(_volunteer(records, id).id, _by(), now())
        except Gone:
            raise _nobody(id) from None
        click.echo(f"{_in_words(_volunteer(records, id))}.")


@room.command()
@click.argument("id", type=int)
@click.confirmation_option(prompt="Their recordings, and what callers hear of them, are deleted for good. Go on?")
def withdraw(id: int) -> None:
    """Take the voice with the number ID back: every recording of it is deleted, and the name."""
    from ivr.listening.withdrawal import take_back

    with told():
        try:
            fallen = take_back(_room(), recordings_folder(environment(Path.cwd())), id, _by(), now())
        except Gone:
            raise _nobody(id) from None
        except NotWritten as error:
            raise click.ClickException(f"{error}. Then run the same command again") from None
    click.echo(f"the voice is deleted. Callers lose {len(fallen)} sentences{': ' if fallen else ''}{', '.join(fallen)}")


def _serve(site: Site, host: str, port: int) -> None:
    try:
        from ivr.room.access import Reception
        from ivr.room.app import create_room
        from ivr.room.housekeeping import Housekeeper
        from ivr.room.site import RoomSite
        from ivr.room.uploads import MOST_JSON, MOST_SOUND
    except ImportError:
        raise click.ClickException(
            f"the room is not installed. Remedy: {how_to_install('office,recordings')}"
        ) from None
    log_without_words()
    settings = _settings(host)
    with told():
        records = _room()
    site.content()  # what is wrong with it is told
    shown = RoomSite(site.folder, site.audio, today)
    app = create_room(Reception(records, settings, shown, now))

    keeper = Housekeeper(records, settings.recordings, shown, now)
    for each in (shown, keeper):
        each.start()
    try:
        limits = Limits(whole=SENDING_S, body=MOST_SOUND + MOST_JSON)
        serve_pages(app, host, port, settings.url, limits)
    finally:
        for each in (shown, keeper):
            each.stop()


def _settings(host: str) -> RoomSettings:
    try:
        settings = read_room_settings(environment(Path.cwd()))
    except SettingsError as error:
        raise click.ClickException("the room cannot be served:\n  " + "\n  ".join(error.faults)) from None
    if settings.url is None and not is_loopback(host):
        raise click.ClickException(
            f"--host {host} lets other machines reach the room, and voices must not go there by plain http. "
            f"Remedy: set {URL} to the https address of the proxy in front, or leave out --host."
        )
    for warning in (*file_warnings(Path.cwd()), *_warnings(settings)):
        click.echo(f"warning: {warning}", err=True)
    return settings


def _warnings(settings: RoomSettings) -> Iterator[str]:
    if find_spec("av") is None:
        yield (
            "files of a phone's recorder cannot be read, only what the page records. "
            f"Remedy: {how_to_install('recordings')}"
        )
    if settings.url and settings.proxy is None:
        yield (
            f"{PROXY} is missing: all who open a link through the proxy count as one where too many are slowed. "
            "Remedy: write the address of the proxy"
        )


def _room() -> Room:
    return Room.open(environment(Path.cwd()))


def _volunteer(records: Room, id: int) -> Volunteer:
    found = next((each for each in records.volunteers() if each.id == id), None)
    if found is None:
        raise Gone
    return found


def _nobody(id: int) -> click.ClickException:
    return click.ClickException(
        f"nobody with the number {id} is in the room. Remedy: `ivr room list` prints the numbers"
    )


def _in_words(volunteer: Volunteer) -> str:
    """Somebody, in a line without their token."""
    who = f"{volunteer.name} ({volunteer.language}, {volunteer.kind})"
    if volunteer.withdrawn:
        return (
            f"{who}: {'voice deleted' if volunteer.forgotten else 'voice not deleted yet: `ivr room withdraw` again'}"
        )
    state = "ended" if volunteer.ended else "over" if volunteer.ends <= now() else f"until {volunteer.ends:%Y-%m-%d}"
    agreed = "agreed" if volunteer.consent else "not agreed"
    return f"{who}: {state}, {agreed}"


def _by() -> str:
    """Who does it: the user of this machine."""
    return f"ivr room ({user() or os.getuid()})"


def _print_link(base: str, made: NewInvitation) -> None:
    who = made.volunteer
    click.echo(f"{who.name} enters here until {who.ends:%Y-%m-%d}; send it to nobody else:", err=True)
    click.echo(f"{base}/#{made.token}")


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()
