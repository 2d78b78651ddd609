#!/usr/bin/env bash
# phonenumbers: in Finnish text, opening hours and a business ID are found as VALID phone numbers.
#
# A good guess: PhoneNumberMatcher, at its default leniency VALID, finds the number of an office on its page and nothing else;
#   hours such as 09.00-11.30 are no number.
# What happens: hours that open before ten are written with a leading 0 in Finland, and 09 is the area code of Helsinki: the
#   hours become a Helsinki landline. A business ID that starts with 02 becomes a company number (020...). "/2" after a number
#   ("two lines") is added to it, and the longer number is valid too. Hours from ten on are left alone, so a test with those
#   shows nothing.
# Seen: 2026-11-28, phonenumbers 9.0.43, region FI. German dates are hit alike: google/libphonenumber issue #708 (closed).
#   klo 09.00-11.30 ja 12.15-15.00 -> '09.00-11.30' +358 9 001130 FIXED_LINE
#   Y-tunnus 0201234-5 -> '0201234-5' +358 20 12345 UAN
#   puh. 016 123456/2 -> '016 123456/2' +358 16 1234562 FIXED_LINE
#   (each is_valid_number; number and ID are made up, the ID with a wrong check digit)
# For a phone line: whoever masks numbers in a log, or takes the number to ring from a text, masks or rings the opening hours.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q phonenumbers==9.0.43
"$T/v/bin/python" - <<'PY'
from phonenumbers import (PhoneNumberFormat, PhoneNumberMatcher, PhoneNumberType, format_number, is_valid_number,
                          number_type)

texts = {
    "klo 09.00-11.30 ja 12.15-15.00": [("09.00-11.30", "+358 9 001130", "FIXED_LINE")],
    "Y-tunnus 0201234-5": [("0201234-5", "+358 20 12345", "UAN")],
    "puh. 016 123456/2": [("016 123456/2", "+358 16 1234562", "FIXED_LINE")],
}
for text, expected in texts.items():
    found = []
    for match in PhoneNumberMatcher(text, "FI"):
        assert is_valid_number(match.number)
        kind = PhoneNumberType.to_string(number_type(match.number))
        found.append((match.raw_string, format_number(match.number, PhoneNumberFormat.INTERNATIONAL), kind))
        print(f"{text} -> {found[-1][0]!r} {found[-1][1]} {kind}")
    assert found == expected, found
PY
echo "as seen"
