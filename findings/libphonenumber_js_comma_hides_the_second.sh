#!/usr/bin/env bash
# libphonenumber-js: of two numbers with a comma between them the second is lost, and its area code becomes an extension of the first.
#
# A good guess: findPhoneNumbersInText("016 123 456, 0400 123 456", "FI") finds two numbers, as the original's PhoneNumberMatcher does,
#   from which it is ported, and as it does itself with "/" or "tai" (or) between them.
# What happens: one number comes back, 016 123 456 with the extension 0400; it is valid, and startsAt and endsAt cover both parts. What
#   is left of the second number, "123 456", is dropped, or it is found as the valid number of somebody else: "234 567" is one in Turku.
#   A semicolon does the same. 112 and opening hours after a comma become extensions too. With +358 in front of the second number, or
#   a line between them, both are found. British, Swedish and German numbers fare alike.
# Seen: 2026-11-29, libphonenumber-js 1.13.16 (npm), with the Python port phonenumbers 9.0.43 of the original beside it. No issue found
#   on it (catamphetamine/libphonenumber-js #403 is about a second extension after commas). The numbers are made up.
#   016 123 456, 0400 123 456        +358 16 123456 ext. 0400                    phonenumbers: both
#   016 123 456, 016 234 567         +358 16 123456 ext. 016, +358 2 34567       phonenumbers: both
#   016 123 456, 112                 +358 16 123456 ext. 112                     phonenumbers: the first
#   016 123 456, 9-15                +358 16 123456 ext. 9                       phonenumbers: the first
#   016 123 456 / 0400 123 456       +358 16 123456, +358 40 0123456             phonenumbers: both
# For a phone line: a mask that works from these results leaves half of the caller's second number in the log, and a list of numbers
#   taken from a page rings a stranger. Split the text at commas and semicolons first.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
npm install --silent --no-audit --no-fund --prefix . libphonenumber-js@1.13.16
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install phonenumbers==9.0.43
cat >texts.json <<'JSON'
[["FI", "016 123 456, 0400 123 456"], ["FI", "016 123 456, 016 234 567"], ["FI", "016 123 456; 0400 123 456"], ["FI", "016 123 456, 112"],
 ["FI", "016 123 456, 9-15"], ["FI", "016 123 456 / 0400 123 456"], ["FI", "016 123 456 tai 0400 123 456"],
 ["FI", "016 123 456, +358 400 123 456"], ["GB", "020 7946 0018, 020 7946 0019"], ["SE", "08-123 456 78, 070-123 45 67"]]
JSON
cat >find.cjs <<'JS'
const { findPhoneNumbersInText } = require("libphonenumber-js/max");
for (const [region, text] of require("./texts.json")) {
  const found = findPhoneNumbersInText(text, region);
  for (const { number } of found) if (!number.isValid()) throw new Error("not valid: " + number.number);
  console.log(text + " -> " + found.map(({ number }) => number.formatInternational()).join(", "));
}
JS
node find.cjs | tee seen
diff seen - <<'SEEN'
016 123 456, 0400 123 456 -> +358 16 123456 ext. 0400
016 123 456, 016 234 567 -> +358 16 123456 ext. 016, +358 2 34567
016 123 456; 0400 123 456 -> +358 16 123456 ext. 0400
016 123 456, 112 -> +358 16 123456 ext. 112
016 123 456, 9-15 -> +358 16 123456 ext. 9
016 123 456 / 0400 123 456 -> +358 16 123456, +358 40 0123456
016 123 456 tai 0400 123 456 -> +358 16 123456, +358 40 0123456
016 123 456, +358 400 123 456 -> +358 16 123456, +358 40 0123456
020 7946 0018, 020 7946 0019 -> +44 20 7946 0018 x020
08-123 456 78, 070-123 45 67 -> +46 8 123 456 78 ext. 070
SEEN
v/bin/python - <<'PY' | tee original
import json

from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher, format_number

with open("texts.json", encoding="utf-8") as file:
    texts = json.load(file)
for region, text in texts:
    found = [match.number for match in PhoneNumberMatcher(text, region)]
    print("phonenumbers:", text, "->", ", ".join(format_number(number, PhoneNumberFormat.INTERNATIONAL) for number in found))
    assert not any(number.extension for number in found)
    assert len(found) == (1 if text.endswith((" 112", "9-15")) else 2), text
PY
echo "as seen"
