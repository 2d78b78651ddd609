"""The settings of the pages of the listening room: where they are reached, and where recordings are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

from ivr.settings.env_file import SettingsError
from ivr.settings.pages import https_address, own_key, trusted_proxy
from ivr.settings.read import recordings_folder

URL = "IVR_ROOM_URL"
PORT = 8091
"""Where the room is on this machine, unless it is told otherwise."""
KEY_FILE = "room.key"
"""Its name in `IVR_RECORDINGS`."""
EXAMPLE = "https://room.example.fi"


@dataclass(frozen=True)
class RoomSettings:
    """The validated settings.

    `recordings`: the folder of recordings. `key`: what names of sounds and cookies are hashed with. `url`: where the
    room is reached from other machines, without a slash at its end; None where this machine alone reaches it.
    `proxy`: who may say for whom it asks.
    """

    recordings: Path
    key: bytes = field(repr=False)
    url: str | None = None
    proxy: IPv4Network | IPv6Network | None = None


def read_room_settings(env: Mapping[str, str]) -> RoomSettings:
    """Read and validate the settings; SettingsError lists every fault, each with its remedy."""
    faults = list[str]()
    url, proxy = room_url(env, faults), trusted_proxy(env, faults)
    if faults:
        raise SettingsError(faults)
    recordings = recordings_folder(env)
    return RoomSettings(recordings, own_key(recordings / KEY_FILE), url, proxy)


def room_url(env: Mapping[str, str], faults: list[str]) -> str | None:
    """`IVR_ROOM_URL`, if it is set; what is wrong with it is added to the faults."""
    return https_address(env, URL, EXAMPLE, faults)


def room_base(env: Mapping[str, str], port: int = PORT) -> str:
    """How the link of an invitation begins, without a slash at its end. SettingsError.

    `port`: where the room is on this machine, which is where the link leads without `IVR_ROOM_URL`.
    """
    faults = list[str]()
    url = room_url(env, faults)
    if faults:
        raise SettingsError(faults)
    return url or f"http://127.0.0.1:{port}"
