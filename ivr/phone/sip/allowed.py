"""Who may reach the gateway: this machine, and private networks that were named.

IPv4 only. Linux drops what comes from elsewhere before the SIP stack sees it, so that it is never answered: a filter
(SO_ATTACH_FILTER) on each socket of the stack, of its signalling and of its sound alike.
"""

import ctypes
import os
import re
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import Path

LOOPBACK = IPv4Network("127.0.0.0/8")
PRIVATE = tuple(IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
MOST_NETWORKS = 50
_SIP_ADDRESS = re.compile(r"sip:(?:(?P<user>[\w.+*#-]+)@)?(?P<host>[0-9.]+)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


def check_reach(listen: tuple[str, int], allowed: Sequence[IPv4Network], phones: Mapping[str, str]) -> None:
    """ValueError that tells all that is wrong with where to listen, who may call and whom to ring, and what to do."""
    reached = who_may_ring(listen[0], allowed)
    faults = [*_listen_faults(listen), *_network_faults(allowed)]
    faults += [fault for number, address in phones.items() if (fault := _phone_fault(number, address, listen, reached))]
    if faults:
        raise ValueError("\n".join(faults))


def who_may_ring(host: str, allowed: Sequence[IPv4Network]) -> tuple[IPv4Network, ...]:
    """The networks whose telephones get an answer: this machine, by the address that is listened on too, and others.

    The kernel itself drops a packet that comes from outside with an address of this machine as its sender.
    """
    try:
        own = IPv4Network(host)
    except AddressValueError:
        return LOOPBACK, *allowed
    return LOOPBACK, own, *allowed


def _listen_faults(listen: tuple[str, int]) -> Iterator[str]:
    host, port = listen
    if not 0 <= port <= 65535:
        yield f"port {port}: use 0 (any free port) to 65535"
    try:
        address = IPv4Address(host)
    except AddressValueError:
        yield f"{host}: write an IPv4 address of this machine, such as 127.0.0.1"
        return
    if address in LOOPBACK:
        return
    if not any(address in network for network in PRIVATE):
        yield f"{host}: listen on 127.0.0.1 or on this machine's address in a private network, such as 192.168.1.10"
    if not sys.platform.startswith("linux"):
        yield f"{host}: only Linux can leave other networks without an answer; listen on 127.0.0.1 here"


def _network_faults(allowed: Sequence[IPv4Network]) -> Iterator[str]:
    for network in allowed:
        if not any(network.subnet_of(private) for private in (LOOPBACK, *PRIVATE)):
            yield f"{network}: only private networks may call: within {', '.join(map(str, PRIVATE))}"
    if len(allowed) > MOST_NETWORKS:
        yield f"{len(allowed)} networks: name at most {MOST_NETWORKS}"


def _phone_fault(number: str, address: str, listen: tuple[str, int], reached: Sequence[IPv4Network]) -> str | None:
    """What is wrong with a contact's SIP address."""
    match = _SIP_ADDRESS.fullmatch(address)
    try:
        host = IPv4Address(match["host"]) if match else None
    except AddressValueError:
        host = None
    if match is None or host is None or not 0 < int(match["port"] or 5060) <= 65535:
        return f"{number}: {address} is no SIP address that can be rung: write sip:name@IPV4-ADDRESS:PORT (by UDP)"
    if not any(host in network for network in reached):
        return f"{number}: {address} is outside the networks that are allowed; name its network with --allow"
    if (host in LOOPBACK) != listen[0].startswith("127."):
        return f"{number}: {address} cannot be rung from {listen[0]}: both must be on this machine, or neither"
    return None


_INSTRUCTION = struct.Struct("=HBBI")
"""One instruction: code, jump if true, jump if false, value (struct sock_filter of linux/filter.h)."""
_LOAD_WORD, _AND, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x54, 0x15, 0x06
_SOURCE_ADDRESS = 0xFFF00000 + 12
"""Where classic BPF finds the sender in the IPv4 header, whatever the socket's own packets begin with (SKF_NET_OFF)."""
_SO_ATTACH_FILTER = 26


def only_from(networks: Sequence[IPv4Network]) -> bytes:
    """A program of classic BPF that lets packets from these networks pass and drops all others."""
    program: list[tuple[int, int, int, int]] = []
    for network in networks:
        program += [
            (_LOAD_WORD, 0, 0, _SOURCE_ADDRESS),
            (_AND, 0, 0, int(network.netmask)),
            (_JUMP_IF_EQUAL, 0, 1, int(network.network_address)),
            (_RETURN, 0, 0, 0xFFFFFFFF),
        ]
    program.append((_RETURN, 0, 0, 0))
    return b"".join(_INSTRUCTION.pack(*instruction) for instruction in program)


def attach(sock: socket.socket, program: bytes) -> None:
    """Let the kernel drop what the program does not let pass; OSError if it cannot."""
    code = ctypes.create_string_buffer(program, len(program))
    count = len(program) // _INSTRUCTION.size
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", count, ctypes.addressof(code)))


def own_sockets(wanted: Callable[[socket.socket], bool]) -> Iterator[socket.socket]:
    """The sockets of this process that are wanted, each as a copy until the next; none elsewhere than on Linux."""
    for entry in _descriptors():
        try:
            copy = os.dup(entry)
        except OSError:  # closed meanwhile
            continue
        try:
            sock = socket.socket(fileno=copy)
        except OSError:  # meanwhile it is another file, and no socket
            os.close(copy)
            continue
        with sock:
            if wanted(sock):
                yield sock


def _descriptors() -> list[int]:
    found = []
    for entry in Path("/proc/self/fd").iterdir() if sys.platform.startswith("linux") else ():
        try:
            if str(entry.readlink()).startswith("socket:"):
                found.append(int(entry.name))
        except OSError:  # closed meanwhile
            continue
    return found
