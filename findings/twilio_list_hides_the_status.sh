#!/usr/bin/env bash
# twilio: an error of list() is of another class than the same error of fetch(), and has no status.
#
# A good guess: the library raises TwilioRestException where the API refuses, with .status (401) and .code (20003), whatever is asked.
# What happens: fetch(), create() and update() do. list(), stream() and pages raise the bare TwilioException, of which that class is a
#   kind: `except TwilioRestException` lets it pass, .status and .code are not there. They can still be had: the second of its args is
#   the answer, with .status_code and .text.
# Seen: 2026-11-28, twilio 9.13.0, against a server on this machine that answers as the API documents its errors. No issue found.
#   fetch  TwilioRestException  status 401  code 20003
#   list   TwilioException      status none, in args[1]: 401  code none, in args[1].text: 20003
# For a phone line: a check of an account that catches the documented class works for the account itself and breaks with a traceback at
#   its list of numbers; and str() of the error carries the whole answer, with the account in it, into a log.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q twilio==9.13.0
NO_PROXY=127.0.0.1 "$T/v/bin/python" - <<'PY'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client


class Refuses(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"code": 20003, "message": "Authenticate", "status": 401}).encode()
        self.send_response(401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Here(TwilioHttpClient):
    """The documented way to speak HTTP otherwise: here to this machine."""

    def request(self, method, url, *args, **more):
        return super().request(method, base + url.split("twilio.com", 1)[1], *args, **more)


server = HTTPServer(("127.0.0.1", 0), Refuses)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
account = "AC" + "0" * 32
client = Client(account, "0" * 32, http_client=Here(timeout=10))

try:
    client.api.accounts(account).fetch()
except TwilioException as error:
    print(f"fetch  {type(error).__name__}  status {error.status}  code {error.code}")
    assert type(error) is TwilioRestException and (error.status, error.code) == (401, 20003)
else:
    raise SystemExit("fetch is no longer refused")
try:
    client.incoming_phone_numbers.list(limit=1)
except TwilioException as error:
    answer = error.args[1]
    told = json.loads(answer.text)["code"]
    print(f"list   {type(error).__name__}      status none, in args[1]: {answer.status_code}  code none, in args[1].text: {told}")
    assert type(error) is TwilioException and not isinstance(error, TwilioRestException)
    assert not hasattr(error, "status") and not hasattr(error, "code")
    assert (answer.status_code, told) == (401, 20003)
else:
    raise SystemExit("list is no longer refused")
server.shutdown()
PY
echo "as seen"
