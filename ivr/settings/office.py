"""The settings of the pages of the office: where they are reached, and whom they believe what others say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from ivr.settings.env_file import SettingsError
from ivr.settings.pages import https_address, own_key, trusted_proxy
from ivr.settings.read import state_folder

URL = "IVR_OFFICE_URL"
PORT = 8090
"""Where the pages are on this machine, unless they are told otherwise."""
KEY_FILE = "office.key"
"""Its name in `IVR_STATE`."""
EXAMPLE = "https://office.example.fi"


@dataclass(frozen=True)
class OfficeSettings:
    """The validated settings.

    `key`: what cookies and forms are signed with. `url`: where the pages are reached from other machines, without a
    slash at its end; None where this machine alone reaches them. `proxy`: who may say for whom it asks.
    """

    key: bytes = field(repr=False)
    url: str | None = None
    proxy: IPv4Network | IPv6Network | None = None


def read_office_settings(env: Mapping[str, str]) -> OfficeSettings:
    """Read and validate the settings; SettingsError lists every fault, each with its remedy."""
    faults = list[str]()
    url, proxy = office_url(env, faults), trusted_proxy(env, faults)
    if faults:
        raise SettingsError(faults)
    return OfficeSettings(own_key(state_folder(env) / KEY_FILE), url, proxy)


def office_url(env: Mapping[str, str], faults: list[str]) -> str | None:
    """`IVR_OFFICE_URL`, if it is set; what is wrong with it is added to the faults."""
    return https_address(env, URL, EXAMPLE, faults)
