#!/usr/bin/env bash
# libfaketime: with the monotonic clock left real, a setting of its own for programs that wait, Python cannot sleep any more.
#
# A good guess: FAKETIME_DONT_FAKE_MONOTONIC=1 sets the date of a program back by a day and leaves its waiting alone.
# What happens: time.sleep raises "Invalid argument" at once, whether the date is set back or forward. Python (3.11 and later)
#   sleeps until a moment of the monotonic clock: clock_nanosleep with TIMER_ABSTIME.
# Seen: 2026-11-29, Debian 12, libfaketime 0.9.10-2.1, Python 3.11.2.
#   a day ago, monotonic faked: slept 0.2 s
#   a day ago, monotonic real: [Errno 22] Invalid argument
#   three seconds ahead, monotonic real: [Errno 22] Invalid argument
#   a day ago, monotonic real, select: waited 0.2 s
# For a phone line: tests of opening hours run the real server under another clock. A retry that sleeps then fails at once, or a
#   worker dies, and the server is blamed. Waiting by select, poll or a lock is left alone.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
apt-get -qq update || true
apt-get -qq download libfaketime 2>/dev/null
dpkg -x libfaketime_*.deb root
v=$(dpkg-deb -f libfaketime_*.deb Version)
echo "libfaketime $v"
[ "$v" = "0.9.10-2.1" ] || { echo "another version than the one seen"; exit 1; }
library=$(echo root/usr/lib/*/faketime/libfaketimeMT.so.1)

cat >waits.py <<'PY'
import select
import sys
import time

try:
    time.sleep(0.2) if sys.argv[1] == "sleep" else select.select([], [], [], 0.2)
    print("slept 0.2 s" if sys.argv[1] == "sleep" else "waited 0.2 s")
except OSError as error:
    print(error)
PY

at() { LD_PRELOAD="$T/$library" FAKETIME="$1" /usr/bin/python3 waits.py "$2"; }
real() { FAKETIME_DONT_FAKE_MONOTONIC=1 at "$@"; }
{
  echo "a day ago, monotonic faked: $(at -1d sleep)"
  echo "a day ago, monotonic real: $(real -1d sleep)"
  echo "three seconds ahead, monotonic real: $(real +3s sleep)"
  echo "a day ago, monotonic real, select: $(real -1d select)"
} | tee seen
diff seen - <<'SEEN'
a day ago, monotonic faked: slept 0.2 s
a day ago, monotonic real: [Errno 22] Invalid argument
three seconds ahead, monotonic real: [Errno 22] Invalid argument
a day ago, monotonic real, select: waited 0.2 s
SEEN
echo "as seen"
