"""The settings of the account at Twilio, for the commands that ask its REST API. `ivr serve` needs none of them.

Every fault is reported at once, each with its remedy and without its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.settings.env_file import SettingsError
from ivr.settings.twilio import IN_QUOTES, QUOTES, REACHABLE, Unfit, unfit_account, unfit_address, unfit_fallback

ACCOUNT, KEY, SECRET, REGION = "TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_REGION"
US = "us1"
EDGES = {US: None, "ie1": "dublin", "au1": "sydney"}
"""Region -> the edge that its REST API is asked at; None: at the plain address."""
MAKE_KEY = "make a Standard API key in the Twilio console (Account, API keys)"


@dataclass(frozen=True)
class Access:
    """With what the REST API is asked: an API key of an account, in one region."""

    account: str = field(repr=False)
    key: str = field(repr=False)
    secret: str = field(repr=False)
    region: str = US

    @property
    def place(self) -> tuple[str, str] | None:
        """Region and edge of its REST API; None where that has the plain address."""
        edge = EDGES[self.region]
        return (self.region, edge) if edge else None


def read_access(env: Mapping[str, str]) -> Access:
    """Read and validate the account, its API key and its region; SettingsError lists every fault."""
    account, key, secret, region = (env.get(name, "").strip() for name in (ACCOUNT, KEY, SECRET, REGION))
    unfit = {
        ACCOUNT: unfit_account(account)
        if account
        else Unfit("is missing", "copy it from the console of your account at twilio.com: AC and 32 digits or letters"),
        KEY: _unfit_key(key),
        SECRET: _unfit_secret(secret),
        REGION: None
        if region in ("", *EDGES)
        else Unfit("is no region of Twilio", f"write one of {', '.join(EDGES)}, or leave it out for {US}"),
    }
    if faults := [f"{name} {each.what}. Remedy: {each.remedy}." for name, each in unfit.items() if each]:
        raise SettingsError(faults)
    return Access(account, key, secret, region or US)


def read_public(env: Mapping[str, str]) -> str:
    """The address of the line, if Twilio can reach it: `ivr serve` alone may also have one of this machine."""
    url = env.get("IVR_PUBLIC_URL", "").strip()
    unfit = unfit_address(url)
    if unfit is None and not url.lower().startswith("https:"):
        unfit = Unfit("is no address that Twilio can reach", REACHABLE)
    if unfit:
        raise SettingsError([f"IVR_PUBLIC_URL {unfit.what}. Remedy: {unfit.remedy}."])
    return url.rstrip("/")


def read_fallback(env: Mapping[str, str]) -> str:
    """The address of the document that takes over where the line does not answer; SettingsError where it is unfit."""
    url = env.get("IVR_FALLBACK_URL", "").strip()
    if unfit := unfit_fallback(url, env.get("IVR_PUBLIC_URL", "").strip()):
        raise SettingsError([f"IVR_FALLBACK_URL {unfit.what}. Remedy: {unfit.remedy}."])
    return url


def _unfit_key(key: str) -> Unfit | None:
    if not key:
        return Unfit("is missing", f"{MAKE_KEY}, and copy its SID, which begins with SK")
    if re.fullmatch("SK[0-9a-fA-F]{32}", key):
        return None
    if key.startswith("AC"):
        return Unfit("is the SID of an account, and no API key", f"{MAKE_KEY}, and copy its SID, which begins with SK")
    if {key[0], key[-1]} & set(QUOTES):
        return IN_QUOTES
    return Unfit("is no API key", f"{MAKE_KEY}, and copy its SID: SK and 32 digits or letters")


def _unfit_secret(secret: str) -> Unfit | None:
    remedy = f"{MAKE_KEY}; its secret is shown only then"
    if not secret:
        return Unfit("is missing", remedy)
    if {secret[0], secret[-1]} & set(QUOTES):
        return IN_QUOTES
    if re.fullmatch("(AC|SK)[0-9a-fA-F]{32}", secret):
        return Unfit("is the SID of an account or a key, and no secret", remedy)
    if not re.fullmatch("[0-9A-Za-z]+", secret):
        return Unfit("has a space or a sign that no secret has", remedy)
    return None
