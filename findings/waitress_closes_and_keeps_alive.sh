#!/usr/bin/env bash
# waitress: an error page for an HTTP/1.0 client that keeps its connection says both "close" and "Keep-Alive", and closes.
#
# A good guess: a connection that the server is about to close is announced by "Connection: close", and by nothing else.
# What happens: where the application raises, waitress answers 500 and closes. A request by HTTP/1.1 is told "close". One by HTTP/1.0
#   that asked for keep-alive is told "close" and, in a second field, "Keep-Alive": whether it sends the next request into the closed
#   connection depends on which of the two it believes.
# Seen: 2026-11-28, waitress 3.0.2.
#   HTTP/1.1             ['close']
#   HTTP/1.0 keep-alive  ['close', 'Keep-Alive']
# For a phone line: some proxies and load tools speak HTTP/1.0 to a server and keep connections. After one failed step the next webhook
#   may go into a connection that is gone, and looks like a second fault. Speak HTTP/1.1 behind the proxy, or answer errors yourself.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q waitress==3.0.2
"$T/v/bin/python" - <<'PY'
import logging
import socket
import threading

from waitress.server import create_server

logging.getLogger("waitress").setLevel(logging.CRITICAL)


def app(environ, start_response):
    raise ValueError("a step of the application fails")


server = create_server(app, host="127.0.0.1", port=0)
threading.Thread(target=server.run, daemon=True).start()


def connection_fields(request):
    with socket.create_connection(("127.0.0.1", server.effective_port), 10) as link:
        link.sendall(request)
        answer = b"".join(iter(lambda: link.recv(65536), b""))  # until it is closed
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    assert " 500 " in head[0], head
    return sorted((f.partition(": ")[2] for f in head if f.startswith("Connection: ")), reverse=True)


new = connection_fields(b"GET / HTTP/1.1\r\nHost: line.example\r\n\r\n")
old = connection_fields(b"GET / HTTP/1.0\r\nHost: line.example\r\nConnection: keep-alive\r\n\r\n")
print(f"HTTP/1.1             {new}")
print(f"HTTP/1.0 keep-alive  {old}")
assert new == ["close"]
assert old == ["close", "Keep-Alive"]
PY
echo "as seen"
