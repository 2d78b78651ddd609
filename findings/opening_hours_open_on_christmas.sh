#!/usr/bin/env bash
# opening-hours-py: "PH off" (closed on public holidays) does nothing, silently, unless the country is passed besides.
#
# A good guess: OpeningHours("Mo-Fr 09:00-15:00; PH off") is closed on 25 December, or refuses the expression, or warns, as long as
#   it has no calendar to look PH up in.
# What happens: without a country there are no public holidays at all. The office is open on Christmas Day, next_change() says that
#   it closes at 15:00, and str() and normalize() still print "PH". With country="FI" it is closed, Midsummer Eve and
#   Christmas Eve included, which are customary days off rather than public holidays by law.
# Seen: 2026-11-28, opening_hours_py 2.1.4. The constructor's help says that country loads the calendar, not what happens without.
#   2026-12-25 Christmas Day: open until 15:00 / with FI closed
#   2026-12-24 Christmas Eve: open until 15:00 / with FI closed
#   2026-06-19 Midsummer Eve: open until 15:00 / with FI closed
#   2026-11-30 a Monday: open until 15:00 / with FI open until 15:00
# For a phone line: callers are put through to an empty office on the days when the need is greatest; every test on a plain
#   weekday passes.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q opening_hours_py==2.1.4
"$T/v/bin/python" - <<'PY'
import warnings
from datetime import datetime
from opening_hours import OpeningHours

warnings.simplefilter("error")
hours = "Mo-Fr 09:00-15:00; PH off"
plain, finnish = OpeningHours(hours), OpeningHours(hours, country="FI")

def says(line, when):
    return f"open until {line.next_change(when):%H:%M}" if line.is_open(when) else "closed"

days = {"2026-12-25": "Christmas Day", "2026-12-24": "Christmas Eve", "2026-06-19": "Midsummer Eve", "2026-11-30": "a Monday"}
for day, name in days.items():
    when = datetime.fromisoformat(day + "T10:00")
    print(f"{day} {name}: {says(plain, when)} / with FI {says(finnish, when)}")
    assert says(plain, when) == "open until 15:00"
    assert says(finnish, when) == ("open until 15:00" if name == "a Monday" else "closed")
print(plain, "|", plain.normalize())
assert "PH" in str(plain) and "PH" in str(plain.normalize())
PY
echo "as seen"
