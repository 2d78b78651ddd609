"""What the settings of all pages have in common: their address, the proxy in front, and a key that they keep."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from ivr.files import alone, open_ours, write_atomically
from ivr.settings.env_file import SettingsError

PROXY = "IVR_TRUSTED_PROXY"
KEY_BYTES = 32
WRITE_PROXY = "write the address or the network of the proxy in front, such as 127.0.0.1 or 10.0.0.0/24"


def https_address(env: Mapping[str, str], variable: str, example: str, faults: list[str]) -> str | None:
    """The address of a variable, if it is set, without a slash at its end; what is wrong is added to the faults."""
    written = env.get(variable, "").strip().rstrip("/")
    if not written:
        return None
    try:
        parts = urlsplit(written)
        plain = parts.scheme == "https" and parts.hostname and parts.port != 0 and written == f"https://{parts.netloc}"
    except ValueError:
        plain = False
    if not plain or set(written) & set("@<>{}$ ") or not written.isascii():
        faults.append(
            f"{variable} is not a plain https address. Remedy: write the address of the pages alone: {example}."
        )
    return written.lower().removesuffix(":443")


def trusted_proxy(env: Mapping[str, str], faults: list[str]) -> IPv4Network | IPv6Network | None:
    """Who may say for whom it asks (`IVR_TRUSTED_PROXY`), if it is set; what is wrong is added to the faults."""
    written = env.get(PROXY, "").strip()
    if not written:
        return None
    with suppress(ValueError):
        network = ip_network(written)
        if network.prefixlen:
            return network
    faults.append(f"{PROXY} is no address and no network, or everybody's. Remedy: {WRITE_PROXY}.")
    return None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host that is listened on."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def own_key(path: Path) -> bytes:
    """A key in a file, which is made when first asked for: what it has signed stays good after a restart."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
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
