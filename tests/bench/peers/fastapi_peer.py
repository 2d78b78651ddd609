"""FastAPI, with the vendor's library. To be run by uvicorn[standard], as FastAPI's documentation says."""

from __future__ import annotations

import os

from fastapi import FastAPI, HTTPException, Request, Response
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

app = FastAPI()
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])


async def voice(request: Request) -> Response:
    """A menu, for whoever is Twilio."""
    form = dict(await request.form())
    if not validator.validate(str(request.url), form, request.headers.get("X-Twilio-Signature", "")):
        raise HTTPException(403)
    response = VoiceResponse()
    gather = Gather(action="/voice/menu", input="dtmf", num_digits=1)
    gather.say(f"You pressed {form.get('Digits', 'nothing')}. Press a number, or wait.", language="en-GB")
    response.append(gather)
    response.hangup()
    return Response(str(response), media_type="text/xml")


app.add_api_route("/voice", voice, methods=["POST"])
app.add_api_route("/voice/{node:path}", voice, methods=["POST"])
