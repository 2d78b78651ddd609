#!/usr/bin/env bash
# aiortp: of the keys that are sent as its documentation shows, its own receiver hears the first and no other.
#
# A good guess: send_dtmf("1"), half a second, send_dtmf("2") are two presses; the session, which counts timestamps for its sound, stamps
#   them, and its receiver reports both.
# What happens: `timestamp` is a parameter whose default is 0, also in the README's example. Every press has the timestamp 0, and the
#   receiver takes what has the same timestamp for the same press: another key too. With sound before it the 0 is a time long past.
#   All packets of a press leave at once: a key of 160 ms is over as soon as it begins. The marker bit, which belongs on the first
#   packet of a press (RFC 4733, 2.5.1.1), is on its first end packet.
# Seen: 2026-11-29, aiortp 0.8.0, Python 3.11. No report of it was found.
#   sent 1 1 2 3: heard 1
#   sent 1 1 2 3 with timestamps of their own: heard 1 1 2 3
#   packets of a key of 160 ms: 10 within 20 ms, marker on number 8
# For a phone line: a double of a phone that is built on it presses once a call, and a menu behind the first is never tested. A receiver
#   that goes by the marker hears its keys at the release.
# Talks to 127.0.0.1 only.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install aiortp==0.8.0
cat >keys.py <<'PY'
import asyncio
import socket
import time

from aiortp import RTPSession


def here():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()


async def heard(stamps):
    phone_at, line_at, keys = here(), here(), []
    phone = await RTPSession.create(local_addr=phone_at, remote_addr=line_at, payload_type=0)
    line = await RTPSession.create(local_addr=line_at, remote_addr=phone_at, payload_type=0)
    line.on_dtmf = lambda digit, duration: keys.append(digit)
    for number, key in enumerate("1123"):
        phone.send_dtmf(key, **({"timestamp": 8000 * (number + 1)} if stamps else {}))
        await asyncio.sleep(0.3)
    await phone.close()
    await line.close()
    return " ".join(keys)


async def packets():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(1)
        phone = await RTPSession.create(local_addr=here(), remote_addr=line.getsockname(), payload_type=0)
        begun, got = time.monotonic(), []
        phone.send_dtmf("1", duration_ms=160)
        while len(got) < 10:
            got.append((await asyncio.to_thread(line.recv, 2048), time.monotonic() - begun))
        await phone.close()
    marked = [number + 1 for number, (packet, _) in enumerate(got) if packet[1] & 128]
    quick = "within 20 ms" if got[-1][1] < 0.02 else "over a time"
    return f"{len(got)} {quick}, marker on number {' '.join(map(str, marked))}"


async def main():
    print("sent 1 1 2 3: heard", await heard(False))
    print("sent 1 1 2 3 with timestamps of their own: heard", await heard(True))
    print("packets of a key of 160 ms:", await packets())


asyncio.run(main())
PY
v/bin/python keys.py | tee seen
diff seen - <<'SEEN'
sent 1 1 2 3: heard 1
sent 1 1 2 3 with timestamps of their own: heard 1 1 2 3
packets of a key of 160 ms: 10 within 20 ms, marker on number 8
SEEN
echo "as seen"
