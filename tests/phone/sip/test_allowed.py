"""Who may reach the gateway."""

from __future__ import annotations

import socket
import sys
from contextlib import ExitStack
from ipaddress import IPv4Network

import pytest

from ivr.phone.sip.allowed import LOOPBACK, attach, check_reach, only_from, own_sockets, who_may_ring

OFFICE = IPv4Network("192.168.1.0/24")
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has the filter")


@linux
@pytest.mark.parametrize(
    ("networks", "heard"),
    [
        (["127.0.0.2/32"], [False, True]),
        (["127.0.0.1/32", "10.0.0.0/8"], [True, False]),
        (["10.0.0.0/8", "127.0.0.2/31"], [False, True]),
        (["127.0.0.0/8"], [True, True]),
        ([], [False, False]),
    ],
)
def test_only_what_comes_from_an_allowed_network_arrives(networks: list[str], heard: list[bool]) -> None:
    with ExitStack() as stack:
        receiver, *senders = (stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(3))
        receiver.bind(("0.0.0.0", 0))  # noqa: S104 as the stack's sockets for sound are bound
        attach(receiver, only_from([IPv4Network(network) for network in networks]))
        for host, sender in zip(("127.0.0.1", "127.0.0.2"), senders, strict=True):
            sender.bind((host, 0))
            sender.sendto(host.encode(), ("127.0.0.1", receiver.getsockname()[1]))
        receiver.setblocking(False)  # on the loopback what is sent has arrived
        arrived = set()
        while True:
            try:
                arrived.add(receiver.recv(100).decode())
            except BlockingIOError:
                break
    assert [host in arrived for host in ("127.0.0.1", "127.0.0.2")] == heard


@linux
def test_the_sockets_of_this_process_are_found_and_stay_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        ours = sock.getsockname()
        found = own_sockets(lambda other: other.family == socket.AF_INET and other.getsockname() == ours)
        assert [other.fileno() != sock.fileno() for other in found] == [True]
        assert sock.getsockname() == ours


@pytest.mark.parametrize(
    ("listen", "allowed", "phones"),
    [
        (("127.0.0.1", 0), [], {}),
        (("127.0.0.1", 5060), [OFFICE], {"on_call": "sip:duty@127.0.0.1:5080"}),
        (("127.0.0.1", 5060), [LOOPBACK], {"on_call": "sip:127.0.0.9"}),
        (("192.168.1.10", 5060), [], {"on_call": "sip:duty@192.168.1.10:5070"}),
        (("192.168.1.10", 5060), [OFFICE, IPv4Network("10.1.0.0/16")], {"on_call": "sip:+358.40@192.168.1.20"}),
    ],
)
def test_what_can_be_reached(
    listen: tuple[str, int], allowed: list[IPv4Network], phones: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    check_reach(listen, allowed, phones)


@pytest.mark.parametrize(
    ("listen", "allowed", "phones", "told"),
    [
        (("127.0.0.1", -1), [], {}, "port -1: use 0"),
        (("localhost", 5060), [], {}, "localhost: write an IPv4 address"),
        (("0.0.0.0", 5060), [OFFICE], {}, "0.0.0.0: listen on 127.0.0.1 or on"),  # noqa: S104
        (("127.0.0.1", 5060), [IPv4Network("8.8.8.0/24")], {}, "8.8.8.0/24: only private networks"),
        (("127.0.0.1", 5060), [IPv4Network("0.0.0.0/0")], {}, "0.0.0.0/0: only private networks"),
        (("127.0.0.1", 5060), list(IPv4Network("10.0.0.0/24").subnets(6)), {}, "64 networks: name at most 50"),
        (("127.0.0.1", 5060), [], {"a": "tel:+358401234567"}, "a: tel:.* is no SIP address"),
        (("127.0.0.1", 5060), [], {"a": "sip:duty@127.0.0.1:99999"}, "is no SIP address"),
        (("127.0.0.1", 5060), [], {"a": "sip:duty@999.0.0.1"}, "is no SIP address"),
        (("127.0.0.1", 5060), [], {"a": "sip:duty@127.0.0.1;transport=tcp"}, "by UDP"),
        (("127.0.0.1", 5060), [], {"a": "sip:duty@8.8.8.8"}, "outside the networks that are allowed"),
        (("127.0.0.1", 5060), [OFFICE], {"a": "sip:duty@192.168.1.2"}, "cannot be rung from 127.0.0.1"),
        (("192.168.1.10", 5060), [OFFICE], {"a": "sip:duty@127.0.0.1"}, "cannot be rung from 192.168.1.10"),
        (("192.168.1.10", 5060), [], {"a": "sip:duty@192.168.1.2"}, "name its network with --allow"),
    ],
)
def test_what_cannot_be_reached_is_told_with_what_to_do(
    listen: tuple[str, int],
    allowed: list[IPv4Network],
    phones: dict[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(ValueError, match=told) as faults:
        check_reach(listen, allowed, phones)
    assert len(str(faults.value).splitlines()) == 1


def test_elsewhere_than_on_linux_only_this_machine_can_be_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    check_reach(("127.0.0.1", 5060), [], {})
    with pytest.raises(ValueError, match="only Linux"):
        check_reach(("192.168.1.10", 5060), [OFFICE], {})


def test_without_a_network_only_this_machine_may_ring() -> None:
    """By 127.0.0.1 and by the address that is listened on."""
    assert [str(network) for network in who_may_ring("192.168.1.10", [])] == ["127.0.0.0/8", "192.168.1.10/32"]
    assert who_may_ring("192.168.1.10", [OFFICE])[2:] == (OFFICE,)
