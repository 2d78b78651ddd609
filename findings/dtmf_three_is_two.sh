#!/usr/bin/env bash
# dtmf (PyPI): the tones that it generates for 2 and 3 have the same two frequencies, and no key of it is a standard one.
#
# A good guess: `generate(parse("123"))` is the sound of the keys 1, 2 and 3, at the frequencies of the table in its documentation.
# What happens: each sine is one period, rounded up to whole samples and repeated. At 8000 Hz 1477 Hz becomes 6 samples, as 1336 Hz
#   does: both are 1333 Hz. 697, 770, 852 and 941 Hz become 667, 727, 800 and 889: 4 to 6 % too low, where a receiver has to accept
#   1.5 % and refuse 3.5 % (ITU-T Q.24). Of all sixteen keys a decoder by Asterisk's rules hears "22A": the 2, the 3 as a 2, the A.
# Seen: 2026-11-29, dtmf 1.1.0, PyDTMF 1.0.0, 8000 Hz, the two strongest frequencies of each key. No report of it was found.
#   key 1: 667 and 1143 Hz; standard 697 and 1209 Hz
#   key 2: 667 and 1333 Hz; standard 697 and 1336 Hz
#   key 3: 667 and 1333 Hz; standard 697 and 1477 Hz
#   key 6: 727 and 1333 Hz; standard 770 and 1477 Hz
#   key #: 889 and 1333 Hz; standard 941 and 1477 Hz
#   heard of 123A456B789C*0#D as generated: 22A
#   heard of 123A456B789C*0#D as sines: 123A456B789C*0#D
# For a phone line: a strict receiver hears none of these keys (multimon-ng 1.2.0 does not), a lenient one takes the menu entry 2
#   for 3, and the line is blamed. Make them of two sines of your own, or with sox, and check them with somebody else's decoder.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q dtmf==1.1.0 PyDTMF==1.0.0
"$T/v/bin/python" - <<'PY' | tee "$T/seen"
from cmath import exp
from math import pi, sin

from dtmf import generate, parse
from dtmf._generator import GenerationParams
from PyDTMF import from_pcm

ROWS, COLUMNS, KEYS = (697, 770, 852, 941), (1209, 1336, 1477, 1633), "123A456B789C*0#D"

def theirs(key):  # half a second of it, without the pause
    return list(generate(parse(key), GenerationParams(mark_duration=0.5, space_duration=0)))

def standard(key):
    row, column = ROWS[KEYS.index(key) // 4], COLUMNS[KEYS.index(key) % 4]
    return [sin(2 * pi * row * n / 8000) + sin(2 * pi * column * n / 8000) for n in range(4000)]

def strongest(sound, low, high):  # the strongest frequency of a range, in whole Hz
    return max(range(low, high), key=lambda f: abs(sum(s * exp(-2j * pi * f * n / 8000) for n, s in enumerate(sound[:2000]))))

def heard(sound):
    return from_pcm([round(12000 * s) for s in sound])[0]

for key in "1236#":
    pair = [strongest(sound, *band) for sound in (theirs(key), standard(key)) for band in ((600, 1000), (1100, 1700))]
    print("key {}: {} and {} Hz; standard {} and {} Hz".format(key, *pair))
print("heard of", KEYS, "as generated:", heard(generate(parse(KEYS))))
print("heard of", KEYS, "as sines:", heard([s for key in KEYS for s in standard(key) + [0] * 4000]))
PY
diff "$T/seen" - <<'SEEN'
key 1: 667 and 1143 Hz; standard 697 and 1209 Hz
key 2: 667 and 1333 Hz; standard 697 and 1336 Hz
key 3: 667 and 1333 Hz; standard 697 and 1477 Hz
key 6: 727 and 1333 Hz; standard 770 and 1477 Hz
key #: 889 and 1333 Hz; standard 941 and 1477 Hz
heard of 123A456B789C*0#D as generated: 22A
heard of 123A456B789C*0#D as sines: 123A456B789C*0#D
SEEN
echo "as seen"
