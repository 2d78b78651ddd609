"""The provider that the line uses. To add another: a folder beside `twilio/`, and its class here."""

from ivr.telephony.twilio.provider import Twilio

PROVIDER = Twilio
"""Called with the content, our numbers, the secrets that sign requests, and the function from utterance to sound."""
