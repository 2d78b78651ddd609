"""The settings of the pages of the office."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from ivr.settings.env_file import SettingsError
from ivr.settings.office import KEY_FILE, OfficeSettings, read_office_settings
from ivr.settings.pages import is_loopback


def read(folder: Path, **env: str) -> OfficeSettings:
    return read_office_settings({"IVR_STATE": str(folder), **env})


def test_without_any_this_machine_alone_reaches_them(tmp_path: Path) -> None:
    found = read(tmp_path / "var")
    assert (found.url, found.proxy, len(found.key)) == (None, None, 32)
    assert repr(found.key) not in repr(found)


def test_the_key_stays_after_a_restart_and_is_made_anew_where_it_is_broken(tmp_path: Path) -> None:
    first = read(tmp_path).key
    assert read(tmp_path).key == first
    (tmp_path / KEY_FILE).write_bytes(b"short")
    assert read(tmp_path).key not in (first, b"short")


def test_a_key_that_others_can_write_is_refused(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o666)
    with pytest.raises(SettingsError, match=r"office\.key cannot be read or written: .*Remedy: "):
        read(tmp_path)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("https://Office.Example.fi/", "https://office.example.fi"),
        (" https://office.example.fi:8443 ", "https://office.example.fi:8443"),
        ("https://office.example.fi:443", "https://office.example.fi"),
        ("", None),
    ],
)
def test_the_address(tmp_path: Path, written: str, found: str | None) -> None:
    assert read(tmp_path, IVR_OFFICE_URL=written).url == found


@pytest.mark.parametrize(
    "written",
    [
        "http://office.example.fi",
        "office.example.fi",
        "https://office.example.fi/pages",
        "https://office.example.fi?x",
        "https://anna:secret@office.example.fi",
        "https://",
        "https://office.example.fi:0",
        "https://office.example.fi:no",
        "https://<office>",
        "https://[::1",
        "https://toimistö.fi",
    ],
)
def test_what_is_no_address_of_pages(tmp_path: Path, written: str) -> None:
    with pytest.raises(SettingsError) as told:
        read(tmp_path, IVR_OFFICE_URL=written, IVR_TRUSTED_PROXY="proxy")
    first, second = told.value.faults
    assert first.startswith("IVR_OFFICE_URL is not a plain https address. Remedy: ")
    assert second.startswith("IVR_TRUSTED_PROXY is no address")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("written", ["127.0.0.1", "10.1.0.0/24", "2001:db8::/64", "::1"])
def test_the_proxy(tmp_path: Path, written: str) -> None:
    assert read(tmp_path, IVR_TRUSTED_PROXY=written).proxy == ip_network(written)


@pytest.mark.parametrize("written", ["0.0.0.0/0", "::/0", "10.1.0.5/24", "nginx", "127.0.0.1, 10.0.0.1"])
def test_what_is_no_proxy(tmp_path: Path, written: str) -> None:
    with pytest.raises(SettingsError):
        read(tmp_path, IVR_TRUSTED_PROXY=written)


def test_what_only_this_machine_reaches() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "*", "10.0.0.1", "office", "")))  # noqa: S104
