#!/usr/bin/env bash
# webrtcvad: the ringing and the busy tone are speech, at the strictest setting too.
#
# A good guess: a voice activity detector in its strictest mode, 3, tells a voice from the plain tone of 425 Hz that a Finnish
#   network sends while it rings (1 s on, 4 s off) or is busy (0.3 s on and off).
# What happens: at a usual level (a fifth of full scale) every frame of the tone is speech, in all four modes, and the frames just
#   after it as well: of a busy line, half of which is tone, 70 % is speech in mode 3 and 80 % in modes 0 and 1. A fax answer tone
#   is speech throughout, and a key held down in modes 0 to 2. Only a tone that is much softer is mostly let go.
# Seen: 2026-11-28, webrtcvad-wheels 2.0.14.post1, 8000 Hz, frames of 30 ms; frames that are speech in modes 0, 1, 2, 3:
#   ringing, 66 of 200 are tone: [73, 73, 71, 71]        busy, 100 of 200 are tone: [160, 160, 140, 140]
#   ringing, a quarter as loud: [73, 13, 9, 3]           key 1, all of 33: [33, 33, 33, 3]
#   fax answer, all of 33: [33, 33, 33, 33]              silence: [0, 0, 0, 0]
#   Noise taken for speech is known: wiseman/py-webrtcvad issues #24 and #70 (of tones none was found).
# For a phone line: "somebody spoke, so a person has picked up" is true while it still rings, and a busy tone keeps a dead call
#   alive. Have whoever picks up press a key.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q webrtcvad-wheels==2.0.14.post1
"$T/v/bin/python" - <<'PY'
from array import array
from math import pi, sin

import webrtcvad

def tone(seconds, level, *hertz):
    return [level * sum(sin(2 * pi * f * n / 8000) for f in hertz) for n in range(int(8000 * seconds))]

def speech(sound):
    pcm = array("h", (round(32767 * s) for s in sound)).tobytes()
    frames = [pcm[i:i + 480] for i in range(0, len(pcm) // 480 * 480, 480)]
    detectors = [webrtcvad.Vad(mode) for mode in range(4)]
    return len(frames), [sum(detector.is_speech(frame, 8000) for frame in frames) for detector in detectors]

def off(seconds):
    return [0] * int(8000 * seconds)

expected = {
    "ringing": (tone(1, 0.2, 425) + off(4) + tone(1, 0.2, 425), (200, [73, 73, 71, 71])),
    "ringing, a quarter as loud": (tone(1, 0.05, 425) + off(4) + tone(1, 0.05, 425), (200, [73, 13, 9, 3])),
    "busy": ((tone(0.3, 0.2, 425) + off(0.3)) * 10, (200, [160, 160, 140, 140])),
    "key 1": (tone(1, 0.25, 697, 1209), (33, [33, 33, 33, 3])),
    "fax answer": (tone(1, 0.3, 2100), (33, [33, 33, 33, 33])),
    "silence": (off(1), (33, [0, 0, 0, 0])),
}
for name, (sound, frames) in expected.items():
    print(name, *speech(sound))
for name, (sound, frames) in expected.items():
    assert speech(sound) == frames, name
PY
echo "as seen"
