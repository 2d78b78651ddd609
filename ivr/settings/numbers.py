"""Which phone numbers the line may dial, and how they are written."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberType

COSTLY = (PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST)
HARD_TO_REACH = (PhoneNumberType.TOLL_FREE, PhoneNumberType.UAN)


def refusal(number: str, country: str) -> str | None:
    """Why the line may not dial a number, or None if it may: an ordinary, valid phone number in E.164.

    `country`: of a number without +, in two letters (ISO 3166-1).
    """
    try:
        parsed = phonenumbers.parse(number, None if number.startswith("+") else country)
    except phonenumbers.NumberParseException:
        return "is not a phone number"
    national = phonenumbers.national_significant_number(parsed)
    countries = {country, *phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(parsed.country_code or 0, ())}
    if any(phonenumbers.is_emergency_number(national, its) for its in countries):
        return "is an emergency number; the caller dials those, never the line"
    if phonenumbers.is_possible_short_number(parsed) and not phonenumbers.is_valid_number(parsed):
        return "is a short number"
    if number != phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164):
        return "is not in international form: + and the code of the country, then the number without its first 0"
    if not phonenumbers.is_valid_number(parsed):
        return "is not a number that exists"
    if phonenumbers.number_type(parsed) in COSTLY:
        return "is a premium number"
    return None


def to_e164(spoken: str, country: str) -> str:
    """A number as the office writes it, in E.164: `0400 291 141` -> `+358400291141`; any other text is unchanged."""
    try:
        parsed = phonenumbers.parse(spoken, country)
    except phonenumbers.NumberParseException:
        return spoken
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_hard_to_reach(number: str) -> bool:
    """Whether a number in E.164 is of a kind that may not be reachable from abroad, where the provider dials."""
    return phonenumbers.number_type(phonenumbers.parse(number)) in HARD_TO_REACH
