"""`ivr office`: the pages on which the office sees and closes the line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from ivr.commands.pages import serve_pages
from ivr.commands.site import this_site
from ivr.live.preparer import NotPrepared
from ivr.live.site import WatchedSite
from ivr.live.start import CannotStart
from ivr.office.desk import FrontDesk
from ivr.office.running import Processes
from ivr.program import how_to_install
from ivr.records.closings import Records
from ivr.records.counted import Counts
from ivr.records.faults import RecordsFault
from ivr.records.people import People
from ivr.serve import log_without_words
from ivr.settings.env_file import SettingsError, environment, file_warnings
from ivr.settings.office import PORT, URL, OfficeSettings, read_office_settings
from ivr.settings.pages import PROXY, is_loopback
from ivr.settings.read import state_folder
from ivr.settings.room_pages import room_base


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.pass_context
def office(context: click.Context, host: str, port: int) -> None:
    """Serve the pages of the office: who may log in is made by `ivr staff add`. Ends on SIGTERM."""
    try:
        from ivr.office.app import create_office
        from ivr.office.closings import closings_pages
        from ivr.office.counts import counts_pages
        from ivr.office.language_desk import LanguageDesk, RoomPlace, open_room
        from ivr.office.languages import languages_pages
    except ImportError:
        raise click.ClickException(f"the pages are not installed. Remedy: {how_to_install('office')}") from None
    log_without_words()
    try:
        env = environment(Path.cwd())
        settings, room_at = read_office_settings(env), room_base(env)
        if settings.url is None and not is_loopback(host):
            raise click.ClickException(
                f"--host {host} lets other machines reach the pages, and passwords must not go there by plain http. "
                f"Remedy: set {URL} to the https address of the proxy in front, or leave out --host."
            )
        people, records, counts = People.open(env), Records.open(env), Counts.open(env)
        nobody = not any(each.has_password for each in people.all())
        site = this_site(context)
        watched = WatchedSite(site.folder, site.audio, env)
        watched.start()
    except SettingsError as error:
        raise click.ClickException("the pages cannot be served:\n  " + "\n  ".join(error.faults)) from None
    except CannotStart as error:
        site.print_issues(error.issues)
        raise click.ClickException(f"the content is broken; `{site.ivr} check` lists all issues") from None
    except NotPrepared as error:
        raise click.ClickException(f"the content cannot be prepared: {error}") from None
    except RecordsFault as error:
        raise click.ClickException(str(error)) from None
    for warning in (*file_warnings(Path.cwd()), *_warnings(settings)):
        click.echo(f"warning: {warning}", err=True)
    if nobody:
        click.echo("nobody can log in yet: `ivr staff add NAME --leader` makes a link for the first person", err=True)

    desk = FrontDesk(lambda: watched.current.serving, records, Processes(state_folder(env)))

    def now() -> datetime:
        """The time, in the zone of the office: the machine may have another."""
        return datetime.now(desk.zone)

    watched.watcher.start()
    try:
        place = RoomPlace(room_at, site.folder, site.audio)
        languages = LanguageDesk(
            lambda: watched.current.serving, lambda: open_room(env, site.audio.recorded, now()), place
        )
        pages = [closings_pages(desk, now), counts_pages(counts, desk, now), languages_pages(languages, now)]
        serve_pages(create_office(people, settings, now, pages), host, port, settings.url)
    finally:
        watched.watcher.stop()


def _warnings(settings: OfficeSettings) -> Iterator[str]:
    if settings.url and settings.proxy is None:
        yield (
            f"{PROXY} is missing: whoever comes through the proxy counts as one where wrong passwords are slowed. "
            "Remedy: write the address of the proxy"
        )
