"""Django, with the vendor's library. To be run by gunicorn, which Django's documentation names first."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Gather, VoiceResponse

settings.configure(
    ALLOWED_HOSTS=["line.example.fi"],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.urandom(32).hex(),
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
)
validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])


def voice(request: HttpRequest) -> HttpResponse:
    """A menu, for whoever is Twilio."""
    given = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(request.build_absolute_uri(), request.POST, given):
        return HttpResponseForbidden()
    response = VoiceResponse()
    gather = Gather(action="/voice/menu", input="dtmf", num_digits=1)
    gather.say(f"You pressed {request.POST.get('Digits', 'nothing')}. Press a number, or wait.", language="en-GB")
    response.append(gather)
    response.hangup()
    return HttpResponse(str(response), content_type="text/xml")


urlpatterns = [re_path("^voice(?:/.*)?$", csrf_exempt(require_POST(voice)))]
app = get_wsgi_application()
