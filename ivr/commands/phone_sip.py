"""`ivr phone --sip`: real telephones ring the line, for tests and demonstrations on an own network."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

import click

from ivr.commands.phone import echo_reading
from ivr.commands.sip_line import TelephoneLine
from ivr.commands.sip_options import SipOptions, WantedLine, read_options
from ivr.commands.site import Site
from ivr.phone.simulation import contact_numbers
from ivr.phone.sip.native_words import native_words
from ivr.phone.sip.terminal_contacts import KEYS_HERE, TerminalContacts
from ivr.phone.terminal import keyboard
from ivr.program import how_to_install

if TYPE_CHECKING:
    from types import FrameType

TOO_NEW = (3, 14)
"""The first Python for which there is no SIP stack yet."""


def serve_telephones(site: Site, options: SipOptions) -> None:
    """Answer telephones until Ctrl-C or SIGTERM. ClickException for what is missing, and for all wrong options."""
    _check_installed()
    echo_reading(site)
    content = site.content_to_hear()
    try:
        wanted = read_options(content, options)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    click.echo("looking at the voices that are there (a few seconds)", err=True)
    _check_free(wanted.listen)
    with TelephoneLine(site, content, wanted) as line:
        _answer(line, wanted, {name: number for name, (number, *_) in contact_numbers(content.office.contacts).items()})


def _check_installed() -> None:
    """ClickException where the SIP stack is not installed."""
    try:
        import ivr.phone.sip.gateway  # noqa: F401 - only looks whether it can be imported
    except ImportError as error:
        remedy = f"Remedy: {how_to_install('sip')}"
        if sys.version_info >= TOO_NEW:
            remedy = "There is none for this Python yet. Remedy: run the line with Python 3.11, 3.12 or 3.13"
        raise click.ClickException(f"what speaks SIP is not installed ({error}). {remedy}") from None


def _check_free(listen: tuple[str, int]) -> None:
    """ClickException where the line cannot listen there: better now than when voices are being made."""
    from ivr.phone.sip.stack import GatewayFault, free_port

    try:
        free_port(*listen)
    except GatewayFault as fault:
        raise click.ClickException(str(fault)) from None


def _answer(line: TelephoneLine, wanted: WantedLine, numbers: Mapping[str, str]) -> None:
    """Answer calls until the end; `numbers`: of the contacts, by name."""
    from ivr.phone.sip.gateway import Gateway, GatewayFault

    phones = {numbers[name]: address for name, address in wanted.phones.items()}
    here = {number: name for name, number in numbers.items() if number not in phones}
    has_keys = bool(here) and sys.stdin.isatty()
    for told in _who_is_rung(wanted.phones, [*here.values()], has_keys=has_keys):
        click.echo(told, err=True)
    try:
        with keyboard() if has_keys else nullcontext() as keys:
            contacts = TerminalContacts(here, line.calls.ask, keys)
            gateway = Gateway(
                wanted.listen,
                phones=phones,
                allowed=wanted.allowed,
                sound_of=line.sounds.sound_of,
                without_phone=contacts,
                tell=line.calls.ask,
            )
            with (
                line.calls.written(),
                native_words(line.calls.note),
                _ended_by_signals(gateway.stop),
                contacts.working(),
                gateway,
            ):
                click.echo(f"the line is at {gateway.address}   (Ctrl-C ends it)", err=True)
                gateway.serve(line.carry)
                line.calls.note("ending: the calls that go on are hung up from here")
    except GatewayFault as fault:
        raise click.ClickException(str(fault)) from None


def _who_is_rung(phones: Mapping[str, str], here: Sequence[str], *, has_keys: bool) -> Iterator[str]:
    """Which contacts have a telephone, and what becomes of the others."""
    yield from (f"{name}: rung at {address}" for name, address in phones.items())
    if here and has_keys:
        yield f"{', '.join(here)}: no telephone, so you answer here. {KEYS_HERE}"
    elif here:
        yield f"{', '.join(here)}: no telephone, and no terminal here: each call is answered, for a minute"


@contextmanager
def _ended_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal end the line in order, so that no telephone stays in a call."""

    def end(_number: int, _frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
