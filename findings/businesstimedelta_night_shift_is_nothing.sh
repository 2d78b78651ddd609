#!/usr/bin/env bash
# businesstimedelta: a night shift has no hours for whoever asks from its first minute on; asked from earlier, it has all eight.
#
# A good guess: WorkDayRule(start_time=22:00, end_time=06:00) is the night shift of its README ("Overnight Shifts"), so from 22:00 to 06:00
#   there are eight hours of it, from 02:00 to 06:00 four, and two hours counted from 23:00 end at 01:00.
# What happens: a night is found only from before its beginning. From the minute it begins until it ends there is no shift at all, and the
#   count starts with the next night: zero hours, and "two hours from 23:00" end at midnight of the following day, 23 hours too late.
#   Its README starts at 09:00, where all is right. Day shifts are right from each hour.
# Seen: 2026-11-29, businesstimedelta 1.0.1, pytz 2026.6; the oracle counts the minutes between 22:00 and 06:00, Europe/Helsinki. Issues #5
#   and #6 asked for shifts across midnight; they are closed, as done in 1.0.1. No issue found on this.
#   Tue 21:00 - Wed 07:00: 8 h, counted 8 h
#   Tue 22:00 - Wed 06:00: 0 h, counted 8 h
#   Tue 23:00 - Wed 02:00: 0 h, counted 3 h
#   Wed 02:00 - Wed 06:00: 0 h, counted 4 h
#   Wed 02:00 - Wed 23:00: 1 h, counted 5 h
#   2 h of duty from Tue 21:00: Wed 00:00, from Tue 22:00: Thu 00:00, from Tue 23:00: Thu 00:00
# For a phone line: "is somebody on duty now" is false all night long, "answer within two hours" becomes the next night, and what a night
#   on call is paid by is zero. Make two rules of each night, 22:00 to 23:59:59 and 00:00 to 06:00 (a second short), and test at night.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" -q --disable-pip-version-check install businesstimedelta==1.0.1 pytz==2026.6 holidays==0.109
"$T/v/bin/python" - <<'PY' | tee "$T/seen"
from datetime import datetime, time, timedelta

import pytz
from businesstimedelta import BusinessTimeDelta, Rules, WorkDayRule

helsinki = pytz.timezone("Europe/Helsinki")
nights = Rules([WorkDayRule(start_time=time(22), end_time=time(6), working_days=[0, 1, 2, 3, 4, 5, 6], tz=helsinki)])
days = Rules([WorkDayRule(start_time=time(9), end_time=time(15), working_days=[0, 1, 2, 3, 4, 5, 6], tz=helsinki)])

def at(day, hour):
    return helsinki.localize(datetime(2026, 12, day, hour))  # the 1st is a Tuesday

def counted(start, end, on_duty):
    minutes = (start + timedelta(minutes=n) for n in range(int((end - start).total_seconds()) // 60))
    return sum(on_duty(minute.hour) for minute in minutes) / 60

def hours(rule, start, end):
    found = rule.difference(start, end)
    return found.hours + found.seconds / 3600

for start, end in ((at(1, 21), at(2, 7)), (at(1, 22), at(2, 6)), (at(1, 23), at(2, 2)), (at(2, 2), at(2, 6)), (at(2, 2), at(2, 23))):
    night = counted(start, end, lambda hour: hour >= 22 or hour < 6)
    print(f"{start:%a %H:%M} - {end:%a %H:%M}: {hours(nights, start, end):g} h, counted {night:g} h")
print("2 h of duty", ", ".join(f"from {start:%a %H:%M}: {start + BusinessTimeDelta(nights, hours=2):%a %H:%M}"
                               for start in (at(1, 21), at(1, 22), at(1, 23))))
for hour in range(24):  # the day shift, and the night shift asked from before it begins
    start, end = at(1, hour), at(2, 12)
    assert hours(days, start, end) == counted(start, end, lambda h: 9 <= h < 15), hour
    if 6 <= hour < 22:
        assert hours(nights, start, end) == counted(start, end, lambda h: h >= 22 or h < 6), hour
print("by day: right from each hour")
PY
diff "$T/seen" - <<'SEEN'
Tue 21:00 - Wed 07:00: 8 h, counted 8 h
Tue 22:00 - Wed 06:00: 0 h, counted 8 h
Tue 23:00 - Wed 02:00: 0 h, counted 3 h
Wed 02:00 - Wed 06:00: 0 h, counted 4 h
Wed 02:00 - Wed 23:00: 1 h, counted 5 h
2 h of duty from Tue 21:00: Wed 00:00, from Tue 22:00: Thu 00:00, from Tue 23:00: Thu 00:00
by day: right from each hour
SEEN
echo "as seen"
