#!/usr/bin/env bash
# parse-opening-hours: 12am (midnight) is read as noon, and a week that goes over Sunday loses its days.
#
# A good guess: "Mon-Fri 10am-12am" is open from ten until midnight, as "Mon-Fri 10am-midnight" is, "Friday to Monday" is four days, and
#   what is not understood is an error, as "Every day except Sunday 9am-3pm" is.
# What happens: 12am is 12:00, and so is 12pm. Until midnight is until noon, and a night line, "12am-6am", is open from 12:00 to 18:00. Days
#   that go past Sunday are cut short: Friday to Monday is Friday, Saturday to Tuesday is the week-end, Sunday to Thursday has no Thursday.
#   All that follows the first pair of hours is dropped without an error: the afternoon, the Saturday, the day that is closed.
# Seen: 2026-11-29, parse-opening-hours 0.4.2, pyparsing 3.3.3; the same hours in the words of OpenStreetMap in opening_hours_py 2.1.4:
#   Mon-Fri 10am-12am: Mo-Fr 10:00-12:00
#   Mon-Fri 10am-midnight: Mo-Fr 10:00-0:00
#   Mon-Fri 12am-6am: Mo-Fr 12:00-18:00
#   Friday to Monday 9am-3pm: Fr 9:00-15:00
#   Saturday to Tuesday 9am-3pm: Sa,Su 9:00-15:00
#   Sunday to Thursday 9am-3pm: Su,Mo,Tu,We 9:00-15:00
#   Mon-Fri 9am-3pm, closed on Wednesday: Mo-Fr 9:00-15:00
#   Mon-Fri 9am-11am, 1pm-3pm: Mo-Fr 9:00-11:00
#   Mon-Fri 9am-3pm; Sat 10am-2pm: Mo-Fr 9:00-15:00
#   No issue found. Its older self, jsonify-opening-hours 0.4.0, reads 12pm as 24:00 besides.
# For a phone line: the evening line closes at noon, the night line answers in the afternoon only, and a line for the week-end is open on
#   Friday. Write "noon" and "midnight", give it one pair of hours at a time, and read the hours back day by day.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
cat >hours.txt <<'TXT'
Mon-Fri 10am-12am|Mo-Fr 10:00-24:00
Mon-Fri 10am-midnight|Mo-Fr 10:00-24:00
Mon-Fri 12am-6am|Mo-Fr 00:00-06:00
Mon-Fri 9am-12pm|Mo-Fr 09:00-12:00
Friday to Monday 9am-3pm|Fr-Mo 09:00-15:00
Saturday to Tuesday 9am-3pm|Sa-Tu 09:00-15:00
Sunday to Thursday 9am-3pm|Su-Th 09:00-15:00
Saturday to Sunday 9am-3pm|Sa-Su 09:00-15:00
Mon-Fri 9am-3pm, closed on Wednesday|Mo-Fr 09:00-15:00; We off
Mon-Fri 9am-11am, 1pm-3pm|Mo-Fr 09:00-11:00,13:00-15:00
Mon-Fri 9am-3pm; Sat 10am-2pm|Mo-Fr 09:00-15:00; Sa 10:00-14:00
TXT
# both packages call their module opening_hours, so each has a venv
for name in parse oracle; do python3 -m venv "$name"; done
parse/bin/pip -q --disable-pip-version-check install parse-opening-hours==0.4.2 pyparsing==3.3.3
oracle/bin/pip -q --disable-pip-version-check install opening_hours_py==2.1.4
parse/bin/python - <<'PY' | tee seen
from itertools import groupby

from opening_hours import OpeningHours
from pyparsing import ParseException

try:
    OpeningHours.parse("Every day except Sunday 9am-3pm")
    raise SystemExit("no error")
except ParseException:
    pass  # it can refuse
WEEK = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
with open("hours.txt") as file:
    for line in file:
        text = line.split("|")[0]
        found = OpeningHours.parse(text).json()
        print(f"{text}:", " and ".join(
            f"{','.join(day['day'][:2].capitalize() for day in days)} {hours[0]}-{hours[1]}".replace(",".join(WEEK[:5]), "Mo-Fr")
            for hours, days in ((hours, list(days)) for hours, days in groupby(found, key=lambda day: (day["opens"], day["closes"])))))
PY
diff seen - <<'SEEN'
Mon-Fri 10am-12am: Mo-Fr 10:00-12:00
Mon-Fri 10am-midnight: Mo-Fr 10:00-0:00
Mon-Fri 12am-6am: Mo-Fr 12:00-18:00
Mon-Fri 9am-12pm: Mo-Fr 9:00-12:00
Friday to Monday 9am-3pm: Fr 9:00-15:00
Saturday to Tuesday 9am-3pm: Sa,Su 9:00-15:00
Sunday to Thursday 9am-3pm: Su,Mo,Tu,We 9:00-15:00
Saturday to Sunday 9am-3pm: Sa,Su 9:00-15:00
Mon-Fri 9am-3pm, closed on Wednesday: Mo-Fr 9:00-15:00
Mon-Fri 9am-11am, 1pm-3pm: Mo-Fr 9:00-11:00
Mon-Fri 9am-3pm; Sat 10am-2pm: Mo-Fr 9:00-15:00
SEEN
oracle/bin/python - <<'PY'
from datetime import datetime, timedelta

from opening_hours import OpeningHours

DAYS, MONDAY = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"], datetime(2026, 11, 30)
with open("hours.txt") as file:
    wanted = dict(line.rstrip("\n").split("|") for line in file)
with open("seen") as file:
    for line in file:
        text, read = line.rstrip("\n").split(": ")
        days, hours = read.replace("Mo-Fr", "Mo,Tu,We,Th,Fr").split(" ")
        (a, b), (c, d) = (map(int, time.split(":")) for time in hours.split("-"))
        opens, closes = 60 * a + b, 60 * c + d or 1440
        right = OpeningHours(wanted[text])
        wrong = 0
        for minute in range(7 * 1440):
            day, of_day = divmod(minute, 1440)
            is_open = DAYS[day] in days.split(",") and opens <= of_day < closes
            wrong += is_open != right.is_open(MONDAY + timedelta(minutes=minute))
        print(f"wrong in the week: {wrong / 60:g} h, {text}")
        assert (wrong == 0) == (text in ("Mon-Fri 10am-midnight", "Mon-Fri 9am-12pm", "Saturday to Sunday 9am-3pm")), text
PY
echo "as seen"
