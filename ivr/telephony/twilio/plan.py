"""What is set at our numbers, what would be set, and why a number is left alone: values in, values out, no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import NamedTuple

from ivr.telephony.twiml.urls import CONNECTION


@dataclass(frozen=True)
class Webhooks:
    """What Twilio asks for the calls of a number, by the names of its API; an address that is not set is empty."""

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"


FIELDS = tuple(each.name for each in fields(Webhooks))


class Change(NamedTuple):
    """A field of a number that differs from what is wanted."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class OurNumber:
    """A number as the account holds it.

    `application`, `trunk`: whether one of these takes its calls instead. `papers`: the SID of its regulatory bundle, or
    nothing.
    """

    number: str
    sid: str = field(repr=False)
    webhooks: Webhooks
    application: bool = False
    trunk: bool = False
    papers: str = field(default="", repr=False)
    takes_calls: bool = True


@dataclass(frozen=True)
class Found:
    """What the account says of a number that we want to connect.

    `matches`: what it holds under exactly this number. `region`: where Twilio handles its calls, or None where it was
    never routed.
    """

    number: str
    matches: tuple[OurNumber, ...]
    region: str | None = None


@dataclass(frozen=True)
class Planned:
    """A number of ours, and what would be changed."""

    held: OurNumber
    wanted: Webhooks

    @property
    def changes(self) -> tuple[Change, ...]:
        """What differs; nothing where all is as it should be."""
        return differences(self.held.webhooks, self.wanted)


def line_webhooks(public_url: str, fallback_url: str) -> Webhooks:
    """What the line needs. The fallback is asked by GET, as many hosts of files answer no POST."""
    return Webhooks(
        voice_url=f"{public_url}/voice{CONNECTION}",
        voice_fallback_url=fallback_url,
        voice_fallback_method="GET",
        status_callback=f"{public_url}/voice/status",
    )


def differences(now: Webhooks, wanted: Webhooks) -> tuple[Change, ...]:
    """The fields that differ, in the order in which they are shown."""
    before, after = asdict(now), asdict(wanted)
    return tuple(Change(name, before[name], after[name]) for name in FIELDS if before[name] != after[name])


def lost_connection(missing: Sequence[Change]) -> bool:
    """Whether all that was not kept is what follows # in the voice URL, which sets how patiently it is asked."""
    return [(each.field, each.before) for each in missing] == [
        ("voice_url", each.after.partition("#")[0]) for each in missing
    ]


def planned(found: Sequence[Found], wanted: Mapping[str, Webhooks]) -> tuple[Planned, ...]:
    """What would be set at numbers that nothing was refused of."""
    return tuple(Planned(each.matches[0], wanted[each.number]) for each in found)


def refusals(found: Sequence[Found], region: str) -> Iterator[str]:
    """Why numbers are left alone, each with its remedy: what we do not understand, we do not change."""
    for each in found:
        for what, remedy in why_left_alone(each, region):
            yield f"{each.number} {what}. Remedy: {remedy}."


def why_left_alone(found: Found, region: str) -> Iterator[tuple[str, str]]:
    """Why a number is not understood, and the remedy: nothing where it is."""
    if not found.matches:
        yield (
            "is no number of this account",
            "look whether it is bought, whether TWILIO_ACCOUNT_SID is its (sub)account, and for a slip in "
            "IVR_CALLER_ID, office.yaml or connect-before.json",
        )
    elif len(found.matches) > 1:
        yield f"is there {len(found.matches)} times", "ask Twilio's support which one takes calls; nothing is guessed"
    else:
        yield from _held_otherwise(found.matches[0])
    if (found.region or region) != region:
        yield (
            f"is handled in the region {found.region}, and TWILIO_REGION says {region}",
            f"write TWILIO_REGION={found.region} with an API key of that region, or route the number to {region}",
        )


def _held_otherwise(held: OurNumber) -> Iterator[tuple[str, str]]:
    for holds, what in ((held.application, "an application (TwiML App)"), (held.trunk, "a SIP trunk")):
        if holds:
            yield f"is held by {what}, so its own addresses are ignored", "take the number out of it in the console"
    if not held.takes_calls:
        yield "takes no voice calls", "set it to voice in the console, or use a number with voice"
