#!/usr/bin/env bash
# dateparser: in Swedish "10.12.2026" is the tenth of December, and "9.12.2026" the twelfth of September.
#
# A good guess: languages=["sv"] reads day.month.year as people write it, as languages=["fi"] does; or the order is wrong always, so that
#   the first test shows it.
# What happens: the order for Swedish is year, month, day. A day of two digits is tried as a year first, and the rest then falls into
#   place: 10.12., 09.12. and 24.12. come out right. A day of one digit is taken for the month. So every date from the 1st to the 9th of
#   a month has day and month swapped (but for 1.1., 2.2. ...), and no other date has. "sv-FI" is known as a locale and does the same,
#   though the short date there is d.M.y: Babel writes "9.12.2026" and reads it back. "den 9.12.2026" is swapped too. Persian does it
#   alike. Finnish, Russian, Ukrainian, Somali and Swahili are right; settings={"DATE_ORDER": "DMY"} makes Swedish right.
# Seen: 2026-11-29, dateparser 1.5.0, with Babel 2.19.0 beside it. No issue found on this; that a date in the order year, month, day is
#   misread by languages that put the day first was known (scrapinghub/dateparser #1199, open, and #1352, merged).
#   sv-FI:  9.12.2026 -> 2026-09-12    09.12.2026 -> 2026-12-09    10.12.2026 -> 2026-12-10
#   of the 365 days of 2026, as Babel writes them: sv-FI 99 wrong, fi 0 wrong, sv-FI with DATE_ORDER 0 wrong
# For a phone line: the office writes "closed 7.9.2026" into the list of each language. In Finnish the line is closed on that day; in
#   Swedish it is open then, and closed on the 9th of July. A test with the 24th of December finds nothing.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install dateparser==1.5.0 babel==2.19.0
cat >t.py <<'PY'
from datetime import date, timedelta

import dateparser
from babel.dates import format_date, parse_date

def read(text, locale, **settings):
    return dateparser.parse(text, locales=[locale], settings=settings).date()

for text in ("9.12.2026", "09.12.2026", "10.12.2026", "6.12.2026", "06.12.2026", "24.12.2026", "den 9.12.2026"):
    print(f"{text:14} {read(text, 'sv-FI')}")
days = [date(2026, 1, 1) + timedelta(day) for day in range(365)]
wrong = {}
for name, locale, settings in (("sv-FI", "sv-FI", {}), ("sv-FI DMY", "sv-FI", {"DATE_ORDER": "DMY"}), ("fi", "fi", {})):
    babel_locale = {"sv-FI": "sv_FI", "fi": "fi_FI"}[locale]
    wrong[name] = []
    for day in days:
        text = format_date(day, "short", babel_locale)
        assert text == f"{day.day}.{day.month}.{day.year}" and parse_date(text, babel_locale) == day
        got = read(text, locale, **settings)
        if got != day:
            assert (got.day, got.month) == (day.month, day.day)
            wrong[name].append(day)
    print(f"{name}: {len(wrong[name])} of 365 are wrong")
assert wrong["sv-FI"] == [day for day in days if day.day < 10 and day.day != day.month] and len(wrong["sv-FI"]) == 99
assert wrong["sv-FI DMY"] == wrong["fi"] == []
PY
v/bin/python t.py | tee seen
diff seen - <<'SEEN'
9.12.2026      2026-09-12
09.12.2026     2026-12-09
10.12.2026     2026-12-10
6.12.2026      2026-06-12
06.12.2026     2026-12-06
24.12.2026     2026-12-24
den 9.12.2026  2026-09-12
sv-FI: 99 of 365 are wrong
sv-FI DMY: 0 of 365 are wrong
fi: 0 of 365 are wrong
SEEN
echo "as seen"
