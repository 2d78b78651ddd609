"""The options of `ivr phone --sip`, and all that can be wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network
from typing import TypeVar

import click

from ivr.commands.phone import SIP_ADDRESS, moment_of
from ivr.core.content import Content

SIP_PORT = 5060
T = TypeVar("T")


@dataclass(frozen=True)
class SipOptions:
    """The options as they were typed: where to listen, `NAME=sip:...`, networks, the time, whether all is offered."""

    address: str
    contacts: tuple[str, ...]
    networks: tuple[str, ...]
    at: str | None
    waiting: bool


@dataclass(frozen=True)
class WantedLine:
    """What the options mean. `phones`: contact name -> SIP address; `at`: None for now."""

    listen: tuple[str, int]
    phones: Mapping[str, str]
    allowed: Sequence[IPv4Network]
    at: datetime | None
    waiting: bool


def read_options(content: Content, options: SipOptions) -> WantedLine:
    """Check the options; ValueError tells all that is wrong, a line each, and what to write."""
    from ivr.phone.sip.allowed import check_reach

    faults = list[str]()

    def read(reader: Callable[[str], T], texts: Sequence[str]) -> list[T]:
        found = list[T]()
        for text in texts:
            try:
                found.append(reader(text))
            except ValueError as error:
                faults.extend(str(error).splitlines())
        return found

    at = read(lambda text: _moment(text, content), [options.at] if options.at is not None else [])
    allowed = read(_network, options.networks)
    named = read(lambda text: _phone(text, content), options.contacts)
    phones = dict(named)
    faults += [f"--contact: {name} is named twice" for name in phones if [each for each, _ in named].count(name) > 1]
    for listen in read(_listen, [options.address]):
        read(lambda _text: check_reach(listen, allowed, phones), [""])  # noqa: B023 - called at once
        faults += _to_itself(listen, phones)
        if not faults:
            return WantedLine(listen, phones, allowed, at[0] if at else None, options.waiting)
    raise ValueError("\n".join(faults))


def _moment(text: str, content: Content) -> datetime:
    try:
        return moment_of(text, content)
    except click.BadParameter as error:
        raise ValueError(f"--at: {error.message}") from None


def _listen(text: str) -> tuple[str, int]:
    """Where to listen; the port is 5060 unless one is named."""
    host, colon, port = text.partition(":")
    if not colon and "." in host:
        return host, SIP_PORT
    if not (host and port.isascii() and port.isdecimal() and len(port) <= 5):
        raise ValueError(f"--sip: '{text}': write HOST or HOST:PORT, such as {SIP_ADDRESS}")
    return host, int(port)


def _network(text: str) -> IPv4Network:
    try:
        network = IPv4Network(text, strict=False)
    except ValueError:
        raise ValueError(f"--allow: '{text}': write a network such as 192.168.1.0/24") from None
    if text.partition("/")[0] != str(network.network_address):
        raise ValueError(f"--allow: '{text}': write the network of that address, {network}")
    return network


def _phone(text: str, content: Content) -> tuple[str, str]:
    name, _, address = text.partition("=")
    if name not in content.office.contacts or not address:
        known = ", ".join(sorted(content.office.contacts))
        raise ValueError(f"--contact: '{text}': write NAME=sip:..., where NAME is one of {known}")
    return name, address


def _to_itself(listen: tuple[str, int], phones: Mapping[str, str]) -> Iterator[str]:
    for name, address in phones.items():
        host, _, port = address.removeprefix("sip:").rpartition("@")[2].partition(":")
        if (host, int(port) if port.isdecimal() else SIP_PORT) == listen:
            yield f"{name}: {address} is where the line itself listens; name the contact's telephone"
