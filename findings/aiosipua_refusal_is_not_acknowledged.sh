#!/usr/bin/env bash
# aiosipua: a phone that is busy or declines is never told that its refusal has come, and a repeated INVITE rings a second time.
#
# A good guess: a library with a transaction layer acknowledges a refusal (RFC 3261, 17.1.1.3: the client transaction must, whatever
#   the program does), and gives a repeated INVITE to nobody, as it belongs to the transaction that is there (17.2.1).
# What happens: an ACK follows a 200 only. The phone sends its 486 again and again, for 32 seconds, to a call that the library has
#   forgotten. And the same INVITE, sent twice as UDP phones do when an answer is late, is given to the program as two calls.
# Seen: 2026-11-29, aiosipua 0.7.1, Python 3.11 (on which it also logs a failed assertion at each start, and goes on).
#   486 sent 4 times: 0 ACK came, the caller knows: 486
#   200 sent once: 1 ACK came
#   one INVITE sent twice: 2 calls
# For a phone line: a desk phone that declines stays off the hook for half a minute and is busy for the next caller; and where one
#   datagram is late, two callers are counted and two phones ring for one person.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T"
python3 -m venv v
v/bin/pip -q --disable-pip-version-check install aiosipua==0.7.1
cat >phones.py <<'PY'
import asyncio
import socket

from aiosipua import SipUAC, SipUAS
from aiosipua.transport import UdpSipTransport


class Phone(asyncio.DatagramProtocol):
    """A desk phone of our own: answers each INVITE by one status, as often as it is told to."""

    def __init__(self, status, times):
        self.status, self.times, self.acks = status, times, 0

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        head = data.decode().split("\r\n")
        if head[0].startswith("ACK"):
            self.acks += 1
        if head[0].startswith("INVITE"):
            kept = [line for line in head if line.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))]
            kept = [line + ";tag=phone" if line.lower().startswith("to:") else line for line in kept]
            contact = "Contact: <sip:phone@127.0.0.1:%d>" % self.transport.get_extra_info("sockname")[1]
            reply = "\r\n".join([f"SIP/2.0 {self.status}", *kept, contact, "Content-Length: 0", "", ""]).encode()
            for turn in range(self.times):
                asyncio.get_running_loop().call_later(0.3 * turn, self.transport.sendto, reply, address)


def here():
    """An address of this machine with a port that is free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()


async def rings(status, times):
    loop = asyncio.get_running_loop()
    link, phone = await loop.create_datagram_endpoint(lambda: Phone(status, times), local_addr=("127.0.0.1", 0))
    transport = UdpSipTransport(local_addr=here())
    uac = SipUAC(transport)
    uas = SipUAS(transport, uac=uac)
    await uas.start()
    call = uac.send_invite("sip:line@127.0.0.1", "sip:phone@127.0.0.1", link.get_extra_info("sockname"))
    await asyncio.sleep(2)
    link.close()
    await uas.stop()
    return phone.acks, call._reject_code


async def is_rung_twice():
    transport = UdpSipTransport(local_addr=here())
    uas, calls = SipUAS(transport), []
    uas.on_invite = calls.append
    await uas.start()
    host, port = transport.local_addr
    invite = "\r\n".join([
        f"INVITE sip:line@{host}:{port} SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK-one;rport",
        "Max-Forwards: 70", "From: <sip:phone@127.0.0.1>;tag=one", f"To: <sip:line@{host}:{port}>",
        "Call-ID: one@127.0.0.1", "CSeq: 1 INVITE", "Contact: <sip:phone@127.0.0.1:5099>", "Content-Length: 0", "", "",
    ]).encode()
    link, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=(host, port)
    )
    for _ in range(2):
        link.sendto(invite)
        await asyncio.sleep(0.5)
    link.close()
    await uas.stop()
    return len(calls)


async def main():
    acks, code = await rings("486 Busy Here", 4)
    print(f"486 sent 4 times: {acks} ACK came, the caller knows: {code}")
    acks, _ = await rings("200 OK", 1)
    print(f"200 sent once: {acks} ACK came")
    print(f"one INVITE sent twice: {await is_rung_twice()} calls")


asyncio.run(main())
PY
v/bin/python phones.py 2>told | tee seen
diff seen - <<'SEEN'
486 sent 4 times: 0 ACK came, the caller knows: 486
200 sent once: 1 ACK came
one INVITE sent twice: 2 calls
SEEN
echo "as seen"
