"""Flask, with the vendor's library. To be run by gunicorn, which Flask's documentation names first."""

from __future__ import annotations

import os

from flask import Flask, Response, abort, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

app = Flask(__name__)
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])


@app.post("/voice")
@app.post("/voice/<path:node>")
def voice(node: str = "") -> Response:
    """A menu, for whoever is Twilio."""
    if not validator.validate(request.url, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403)
    response = VoiceResponse()
    gather = Gather(action="/voice/menu", input="dtmf", num_digits=1)
    gather.say(f"You pressed {request.form.get('Digits', 'nothing')}. Press a number, or wait.", language="en-GB")
    response.append(gather)
    response.hangup()
    return Response(str(response), content_type="text/xml")
