#!/usr/bin/env bash
# twilio: appending text to <Say> throws away the text that was there before it.
#
# A good guess: Say("In danger, hang up.") with append("Ring one one two.") says both; append() is how everything else is added.
# What happens: until the element has a child, each appended string takes the place of the one before, the text given to the
#   constructor included: only the last is spoken. After a child (a <break>) each appended string takes the place of the one after
#   that child, in the same way. append() of anything but a string or a TwiML object raises TwiMLException, a lost sentence nothing.
# Seen: 2026-11-28, twilio 9.13.0. Text nodes came with twilio/twilio-python pull request #422; no issue found.
#   <Say>Ring one one two.</Say>
#   <Say>In danger, hang up.<break time="1s" />It is open day and night.</Say>   ("Ring one one two." is gone)
#   <Say>In danger, hang up. <s>Ring one one two.</s><s>It is open day and night.</s></Say>
# For a phone line: a prompt put together from parts is valid TwiML, is spoken, and lacks the first half; here the number to ring.
#   Join the text before it goes in, or give each sentence an element of its own: s() as above.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q twilio==9.13.0
"$T/v/bin/python" - <<'PY'
from twilio.twiml import TwiMLException
from twilio.twiml.voice_response import Say

first, second, third = "In danger, hang up.", "Ring one one two.", "It is open day and night."

lost = Say(first)
lost.append(second)

after_break = Say(first)
after_break.break_(time="1s")
after_break.append(second)
after_break.append(third)

kept = Say(first + " ")
kept.s(second)
kept.s(third)

for say, expected in {
    lost: f"<Say>{second}</Say>",
    after_break: f'<Say>{first}<break time="1s" />{third}</Say>',
    kept: f"<Say>{first} <s>{second}</s><s>{third}</s></Say>",
}.items():
    print(say.to_xml(xml_declaration=False))
    assert say.to_xml(xml_declaration=False) == expected
try:
    lost.append(112)
except TwiMLException as refused:
    print(f"{type(refused).__name__}: {refused}")
else:
    raise SystemExit("a number is no longer refused")
PY
echo "as seen"
