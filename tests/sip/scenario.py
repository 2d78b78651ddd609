"""Scenarios of SIPp, put together from single messages instead of whole XML files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
LAW = {"PCMU": 0, "PCMA": 8}
KEYS = 101
"""The payload type under which the tests' phones take keys."""
GO_ON = "INFO"
"""The request by which a test lets SIPp go on; no telephone of these tests sends one."""
_HERE = "<sip:phone-[call_number]@[local_ip]:[local_port]>"
_TAG = ";tag=[pid]-[call_number]"


def scenario(*parts: str) -> str:
    """The whole XML of a scenario that does these parts in order."""
    body = "\n".join(parts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="test">\n{body}\n</scenario>\n'


def sdp(port: int | str, *, law: str = "PCMU", direction: Direction = "sendrecv", version: int = 1) -> str:
    """A session description; `port`: where sound is wanted, or a keyword of SIPp such as [field0]."""
    lines = (
        "v=0",
        f"o=- 1 {version} IN IP4 127.0.0.1",
        "s=-",
        "c=IN IP4 127.0.0.1",
        "t=0 0",
        f"m=audio {port} RTP/AVP {LAW[law]} {KEYS}",
        f"a=rtpmap:{LAW[law]} {law}/8000",
        f"a=rtpmap:{KEYS} telephone-event/8000",
        f"a=fmtp:{KEYS} 0-15",
        "a=ptime:20",
        f"a={direction}",
        "",
    )
    return "\n".join(lines)


def request(
    method: str,
    number: int = 1,
    body: str = "",
    *,
    name: str = "kemi",
    of: str = "",
    headers: Sequence[str] = (),
    again: int | None = None,
) -> str:
    """One request of the phone that calls.

    `number`: of CSeq. `name`: who is dialled. `of`: the request whose transaction it belongs to ("INVITE 1": its
    CANCEL, or the ACK of its refusal). `again`: milliseconds after which SIPp repeats it until it is answered.
    """
    line = f"sip:{name}@[remote_ip]:[remote_port]"
    in_dialog = not of and (method, number) != ("INVITE", 1)
    ends = [f"From: {_HERE}{_TAG}", f"To: <{line}>{'[peer_tag_param]' if in_dialog or method == 'ACK' else ''}"]
    return _request(method, number, body, "[next_url]" if in_dialog else line, ends, of, headers, again)


def request_by_called(method: str, number: int, body: str = "", *, headers: Sequence[str] = ()) -> str:
    """One request of the phone that was called, in the dialog of its call; needs `rung` before it."""
    return _request(method, number, body, "[next_url]", [f"From: [$us]{_TAG}", "To: [$them]"], "", headers, 500)


def _request(
    method: str,
    number: int,
    body: str,
    uri: str,
    ends: Sequence[str],
    of: str,
    headers: Sequence[str],
    again: int | None,
) -> str:
    transaction = (of or f"{method} {number}").replace(" ", "")
    lines = [
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP [local_ip]:[local_port];rport;branch=z9hG4bK-[pid]-[call_number]-{transaction}",
        *ends,
        "Call-ID: [call_id]",
        f"CSeq: {number} {method}",
        f"Contact: {_HERE}",
        "Max-Forwards: 70",
        *headers,
    ]
    return _send(lines, body, "" if again is None else f' retrans="{again}"')


def response(status: str, body: str = "", *, headers: Sequence[str] = (), again: int | None = None) -> str:
    """An answer to the last request, such as "200 OK"; to a request that begins a call it gives a tag."""
    lines = [f"SIP/2.0 {status}", "[last_Via:]", "[last_From:]", f"[last_To:]{_TAG}", "[last_Call-ID:]", "[last_CSeq:]"]
    return _send([*lines, f"Contact: {_HERE}", *headers], body, "" if again is None else f' retrans="{again}"')


def response_in_dialog(status: str, body: str = "") -> str:
    """An answer to the last request of a call that has its tags."""
    lines = [f"SIP/2.0 {status}", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]"]
    return _send([*lines, f"Contact: {_HERE}"], body, "")


def response_to_invite(status: str, body: str = "", *, again: int | None = None) -> str:
    """An answer to the INVITE that `rung` kept, though another request has come since, such as its CANCEL.

    `again`: milliseconds after which SIPp repeats it; it sends nothing else until the ACK has come.
    """
    ends = [f"Via: [$via]\nFrom: [$them]\nTo: [$us]{_TAG}", "Call-ID: [call_id]", "CSeq: [$cseq]"]
    retrans = "" if again is None else f' retrans="{again}"'
    return _send([f"SIP/2.0 {status}", *ends, f"Contact: {_HERE}"], body, retrans)


def _send(lines: Sequence[str], body: str, attributes: str) -> str:
    kind = ["Content-Type: application/sdp"] if body else []
    text = "\n".join([*lines, *kind, "Content-Length: [len]", "", body])
    return f"<send{attributes}><![CDATA[\n\n{text}\n]]></send>"


def expect(status: int, *, optional: bool = False, route: bool = False) -> str:
    """An answer that must come; `route`: it tells where the later requests of the call go."""
    return f'<recv response="{status}" optional="{str(optional).lower()}" rrs="{str(route).lower()}"></recv>'


def answered() -> str:
    """What comes before an answer, and the answer."""
    return "\n".join([expect(100, optional=True), expect(180, optional=True), expect(200, route=True)])


def receive(method: str, *, optional: bool = False) -> str:
    """A request that must come."""
    return f'<recv request="{method}" optional="{str(optional).lower()}"></recv>'


def told_to_go_on() -> str:
    """Wait until the test says so (`Sipp.go_on`)."""
    return receive(GO_ON)


def rung() -> str:
    """The INVITE of a phone that is called; keeps what later requests and answers of it need."""
    kept = {"them": "From:", "us": "To:", "via": "Via:", "cseq": "CSeq:"}
    actions = "".join(
        f'<ereg regexp="[^ ].*" search_in="hdr" header="{header}" assign_to="{name}"/>' for name, header in kept.items()
    )
    names = ",".join(kept)
    return f'<recv request="INVITE" rrs="true"><action>{actions}</action></recv>\n<Reference variables="{names}"/>'


def pause(seconds: float) -> str:
    """Nothing, for so long."""
    return f'<pause milliseconds="{round(seconds * 1000)}"/>'
