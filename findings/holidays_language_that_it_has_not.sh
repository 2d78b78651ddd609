#!/usr/bin/env bash
# holidays: names in Swedish are asked for by "sv_FI"; by "sv" they come in the language of the process, without an error.
#
# A good guess: language="sv" gives the Finnish holidays in Swedish, as language="fi" gives them in Finnish; or it is refused.
# What happens: the languages of a country are listed as "fi" and "uk", but as "sv_FI" and "en_US". One that is not in the list,
#   a slip too, is taken: the names are then in whatever language the locale of the process has, else in Finnish.
# Seen: 2026-11-29, holidays 0.109. Its page of a class says "supported_languages"; nothing says what another one does.
#   fi       C            Vappu
#   sv_FI    C            Första maj
#   sv       en_US.UTF-8  May Day
#   sv       fi_FI.UTF-8  Vappu
#   xx       fi_FI.UTF-8  Vappu
# For a phone line: a calendar for Swedish-speaking staff is Finnish on the office's machine and English on another, and its
#   tests pass on both as long as they only look for a name.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install holidays==0.109
cat >name.py <<'PY'
import sys
from datetime import date

import holidays

print(holidays.country_holidays("FI", years=2026, language=sys.argv[1])[date(2026, 5, 1)])
PY
for asked in "fi C" "sv_FI C" "sv en_US.UTF-8" "sv fi_FI.UTF-8" "xx fi_FI.UTF-8"; do
  read -r language locale <<<"$asked"
  printf '%-8s %-12s %s\n' "$language" "$locale" "$(env -u LANGUAGE LC_ALL="$locale" LANG="$locale" PYTHONUTF8=1 v/bin/python name.py "$language")"
done | tee seen
diff seen - <<'SEEN'
fi       C            Vappu
sv_FI    C            Första maj
sv       en_US.UTF-8  May Day
sv       fi_FI.UTF-8  Vappu
xx       fi_FI.UTF-8  Vappu
SEEN
echo "as seen"
