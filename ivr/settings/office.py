"""The settings of the pages of the office: where they are reached, and whom they believe what others say."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from ivr.files import alone, open_ours, write_atomically
from ivr.settings.env_file import SettingsError
from ivr.settings.read import state_folder

URL, PROXY = "IVR_OFFICE_URL", "IVR_TRUSTED_PROXY"
PORT = 8090
"""Where the pages are on this machine, unless they are told otherwise."""
KEY_FILE = "office.key"
"""Its name in `IVR_STATE`."""
KEY_BYTES = 32
WRITE_URL = "write the address of the pages alone: https://office.example.fi"
WRITE_PROXY = "write the address or the network of the proxy in front, such as 127.0.0.1 or 10.0.0.0/24"


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
    url, proxy = office_url(env, faults), _proxy(env, faults)
    if faults:
        raise SettingsError(faults)
    return OfficeSettings(_key(state_folder(env)), url, proxy)


def office_url(env: Mapping[str, str], faults: list[str]) -> str | None:
    """`IVR_OFFICE_URL`, if it is set; what is wrong with it is added to the faults."""
    written = env.get(URL, "").strip().rstrip("/")
    if not written:
        return None
    try:
        parts = urlsplit(written)
        plain = parts.scheme == "https" and parts.hostname and parts.port != 0 and written == f"https://{parts.netloc}"
    except ValueError:
        plain = False
    if not plain or set(written) & set("@<>{}$ ") or not written.isascii():
        faults.append(f"{URL} is not a plain https address. Remedy: {WRITE_URL}.")
    return written.lower().removesuffix(":443")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host that is listened on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _proxy(env: Mapping[str, str], faults: list[str]) -> IPv4Network | IPv6Network | None:
    written = env.get(PROXY, "").strip()
    if not written:
        return None
    with suppress(ValueError):
        network = ip_network(written)
        if network.prefixlen:
            return network
    faults.append(f"{PROXY} is no address and no network, or everybody's. Remedy: {WRITE_PROXY}.")
    return None


def _key(state: Path) -> bytes:
    """The key of this office, which is made when first asked for: who is signed in stays so after a restart."""
    path = state / KEY_FILE
    try:
        state.mkdir(parents=True, exist_ok=True)
        with alone(path):
            with suppress(FileNotFoundError), open_ours(path) as file:
                if len(key := file.read()) == KEY_BYTES:
                    return key
            write_atomically(path, key := secrets.token_bytes(KEY_BYTES), mode=0o600, durable=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise SettingsError(
            [f"{path} cannot be read or written: {why}. Remedy: let this user, and nobody else, read and write it."]
        ) from None
    return key
