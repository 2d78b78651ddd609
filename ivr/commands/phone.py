"""`ivr call | phone`: call the line in a simulated network, in the terminal or in a browser."""

from __future__ import annotations

import io
import sys
import threading
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click
from click.core import ParameterSource

from ivr.app import create_app
from ivr.commands.draft_voices import draft_voices, heard_draft_voices
from ivr.commands.site import Site, this_site
from ivr.core.content import Content, once_read
from ivr.core.script import closed_set
from ivr.core.utterance import SpeechMode
from ivr.journal import Journal
from ivr.phone.browser.words import words
from ivr.phone.errors import CarrierError
from ivr.phone.offered import ENGLISH, in_words, language_name
from ivr.phone.ring import RequestedCall, play_call
from ivr.phone.simulation import AUTH_TOKEN, OUR_NUMBER, PUBLIC_URL, contact_numbers, language_numbers
from ivr.settings.env_file import environment
from ivr.settings.read import Settings, requires_approval, speech_mode
from ivr.speech.engines import VOICE_SOURCES
from ivr.speech.estimate import seconds_by_locale
from ivr.speech.offer import Offer, offer_of
from ivr.speech.voices import NO_AUDIO, Audio, VoiceSelector

if TYPE_CHECKING:
    from flask import Flask

    from ivr.phone.clip_builder import ClipBuilder


SIP_ADDRESS = "127.0.0.1:5060"
"""Where real telephones ring the line, unless another address is written."""


@click.command()
@click.option("--at", metavar='"YYYY-MM-DD HH:MM"', help="When the call takes place, in the office's time zone.")
@click.option("--keys", default="", help='What the caller does, for example "3,1" or "3,wait,early 0,hang up".')
@click.option("--lang", help="Choose this language first, for example sv.")
@click.option("--dials", metavar="LANG", help="Dial a number that belongs to this language; it needs no menu.")
@click.option("--contact", "contacts", multiple=True, metavar="NAME=WHAT", help="For example on_call=no_answer.")
@click.option("--waiting", is_flag=True, help="Also offer the languages that real callers cannot choose yet.")
@click.option("--golden", is_flag=True, help="Print the call as a golden call for tests/calls/; offers all languages.")
@click.pass_context
def call(
    context: click.Context,
    at: str | None,
    keys: str,
    lang: str | None,
    dials: str | None,
    contacts: tuple[str, ...],
    waiting: bool,
    golden: bool,
) -> None:
    """Ring the line in the terminal. With --keys it plays at once; without, your keyboard is the phone."""
    site = this_site(context)
    content, audio = site.content_to_hear(), site.audio
    try:
        wanted = RequestedCall.read(content, moment_of(at, content), keys, lang, dials, contacts)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    offer = RealLine(site, content).offer()
    named = [code for code in (lang, dials) if code and code in offer.waiting]
    drafts = draft_voices(site, content, [code for code in offer.waiting if code in named or waiting])
    offered = {*offer.now, *named} | (content.offered if waiting or golden else frozenset())
    said_by_clips = cache(lambda: VoiceSelector(content, audio, wanted.at.date()))
    if not golden:
        click.echo(_which_languages(offer, content, named, all_of_them=waiting), err=True)
    try:
        play_call(
            wanted,
            replace(content, offered=content.offered & offered),
            partial(simulated_app, audio=audio),
            seconds_by_locale(content.languages),
            lambda name: said_by_clips().subtitle(name),
            as_golden=golden,
            live=not keys and sys.stdin.isatty(),
            remarks=dict.fromkeys(drafts, words(ENGLISH)["mark_draft"]),
        )
    except CarrierError as error:
        raise click.ClickException(f"the line broke a rule of telephony: {error}") from None


class RealLine:
    """What a real line would offer from this site, by the voices and approvals that are there at the time."""

    def __init__(self, site: Site, content: Content) -> None:
        env = environment(Path.cwd())
        required = requires_approval(env)
        self._content = content
        self._voices = VoiceSelector(content, site.audio, site.today, speech_mode(env), require_approval=required)
        recordings = site.audio.recordings(content)
        if recordings.clips:  # one that is too long is not spoken (rule M0)
            from ivr.proof.prove import made_now
            from ivr.proof.recordings import must_fall

            self._voices.proved(must_fall(made_now(content, site.today, site.audio), recordings))
        self._looking = threading.Lock()

    def offer(self) -> Offer:
        """Look at the clips, and say what a caller could choose now."""
        with self._looking:
            self._voices.look()
            return offer_of(self._content, self._voices)


def _which_languages(offer: Offer, content: Content, named: Sequence[str], *, all_of_them: bool) -> str:
    """One line: what a real line offers, and what this call offers."""
    here = ""
    if all_of_them and offer.can_be_shown:
        here = " This call offers those too."
    elif named:
        here = f" This call offers {language_name(content, named[0], ENGLISH)} too, as you named it."
    elif offer.can_be_shown:
        here = " This call offers the same as a real line; --waiting adds the others."
    return in_words(offer, content).line + here


@click.command()
@click.option("--port", default=8123, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
@click.option("--no-open", is_flag=True, help="Do not open the page.")
@click.option("--typed", default="ivr phone", hidden=True, help="What was typed to start it: the page names it.")
@click.option(
    "--sip",
    metavar="[HOST[:PORT]]",
    is_flag=False,
    flag_value=SIP_ADDRESS,
    help=f"No page: telephones ring the line, by SIP at {SIP_ADDRESS} or another address. Port 0: any free one.",
)
@click.option(
    "--contact",
    "contacts",
    multiple=True,
    metavar="NAME=sip:...",
    help="With --sip: a contact's telephone, such as on_call=sip:duty@127.0.0.1:5080. Others ring in the terminal.",
)
@click.option("--allow", multiple=True, metavar="NETWORK", help="With --sip: who may ring, such as 192.168.1.0/24.")
@click.option("--at", metavar='"YYYY-MM-DD HH:MM"', help="With --sip: when the line's clock begins, in its time zone.")
@click.option("--waiting", is_flag=True, help="With --sip: also the languages that real callers cannot choose yet.")
@click.pass_context
def phone(
    context: click.Context,
    port: int,
    no_open: bool,
    typed: str,
    sip: str | None,
    contacts: tuple[str, ...],
    allow: tuple[str, ...],
    at: str | None,
    waiting: bool,
) -> None:
    """Hear whole calls in a browser on this machine, or ring the line by real telephones (`--sip`).

    Nobody else is called.
    """
    site = this_site(context)
    if sip is not None:
        of_page = [f"--{name.replace('_', '-')}" for name in ("port", "no_open") if _is_typed(context, name)]
        if of_page:
            raise click.UsageError(f"{', '.join(of_page)}: only without --sip; write --sip HOST")
        from ivr.commands.phone_sip import serve_telephones
        from ivr.commands.sip_options import SipOptions

        serve_telephones(site, SipOptions(sip, contacts, allow, at, waiting))
        return
    of_sip = {"--contact": contacts, "--allow": allow, "--at": at, "--waiting": waiting}
    if given := [name for name, value in of_sip.items() if value]:
        raise click.UsageError(f"{', '.join(given)}: only with --sip; the page asks for the same itself")
    _serve_page(site, port, typed, opened=not no_open)


def _is_typed(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE


def _serve_page(site: Site, port: int, typed: str, *, opened: bool) -> None:
    """Serve the page of the browser phone until Ctrl-C."""
    echo_reading(site)
    from ivr.commands.going_live import going_live_page
    from ivr.commands.phone_room import add_room_here
    from ivr.phone.browser.app import create_phone, serve_page
    from ivr.phone.browser.shown import SimulatedLine
    from ivr.phone.clip_builder import ClipBuilder, Drafts
    from ivr.speech.draft_voice import draft_folder

    content, audio = site.content_to_hear(), site.audio
    click.echo("looking at the voices that are there (a few seconds)", err=True)
    real_line = RealLine(site, content)
    line = SimulatedLine(
        content,
        closed_set(content, site.today),
        partial(simulated_app, audio=audio),
        lambda: VoiceSelector(content, audio, site.today, "text").subtitle,
        seconds_by_locale(content.languages),
        real_line.offer,
    )
    drafts = Drafts(heard_draft_voices(site, content), draft_folder(audio))
    builder = ClipBuilder(content, line.script, audio.rendered, VOICE_SOURCES["offline"].make, drafts)
    app = create_phone(line, builder, typed)
    app.register_blueprint(going_live_page(site))
    add_room_here(app, site)
    builder.start()
    click.echo(in_words(real_line.offer(), content).line, err=True)
    echo_making(builder, "the page shows how far it is")
    if waiting := [*content.unapproved(required=requires_approval(environment(Path.cwd())))]:
        names, (first, *others) = " or ".join(map(content.name_of, waiting)), waiting
        told = f"real callers cannot choose {names}: nobody has approved their safety sentences"
        same = f"; the same with {', '.join(others)}" if others else ""
        click.echo(f"{told}. {once_read('them', first, '--safety')}{same}", err=True)

    def ready(address: str) -> None:
        click.echo(f"the phone is at {address}   (Ctrl-C ends it)", err=True)
        if opened:
            webbrowser.open(address)

    try:
        serve_page(app, port, ready)
    except OSError as error:
        raise click.ClickException(f"cannot listen on port {port}: {error.strerror}. Remedy: another --port.") from None
    finally:
        builder.close()


def echo_reading(site: Site) -> None:
    """Say what takes the first seconds."""
    click.echo(f"reading the site {site.folder} (a few seconds)", err=True)


def echo_making(builder: ClipBuilder, progress: str) -> None:
    """Say how many clips are being made, and where that is told on."""
    made, to_make, _ = builder.progress()
    if made < to_make:
        click.echo(
            f"making {to_make - made} of {to_make} sentences by the offline voice: about a minute, on a busy machine "
            f"several. You can call meanwhile; {progress}",
            err=True,
        )


class _Unread(io.TextIOBase):
    """Forgets what is written: nobody reads the journal of a simulated line, and one for telephones runs for days."""

    def write(self, text: str, /) -> int:
        """Forget it."""
        return len(text)


def simulated_app(
    content: Content,
    clock: Callable[[], datetime],
    audio: Audio = NO_AUDIO,
    speech: SpeechMode = "text",
    *,
    require_approval: bool = False,
    journal: Journal | None = None,
) -> Flask:
    """The application with made-up numbers, in which every language has a number of its own.

    `journal`: see `unread_journal`, for whoever makes one application after another; each has a thread that writes.
    """
    dialled = {number: code for code, number in language_numbers(content.languages.languages).items()}
    content = content.with_dialled(dialled)
    numbers = contact_numbers(content.office.contacts)
    settings = Settings(
        PUBLIC_URL, OUR_NUMBER, (AUTH_TOKEN,), numbers, speech=speech, require_approval=require_approval
    )
    return create_app(settings, content, clock, journal or unread_journal(), audio)


def unread_journal() -> Journal:
    """A journal that nobody reads."""
    return Journal(_Unread())


def moment_of(at: str | None, content: Content) -> datetime:
    """The time of `--at`, in the office's time zone unless it names another; now without it. Raises BadParameter.

    A day alone is refused: it would be midnight, and whoever wrote it has most likely forgotten the hour.
    """
    zone = ZoneInfo(content.office.zone)
    if at is None:
        return datetime.now(zone)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or _is_day(at):
        raise click.BadParameter(f"'{at}' is no date and time; write \"2026-12-24 10:00\"", param_hint="--at")
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _is_day(written: str) -> bool:
    with suppress(ValueError):
        date.fromisoformat(written)
        return True
    return False
