"""Which provider the line talks to. Another one is a folder beside `twilio/`, and this line."""

from ivr.telephony.twilio.provider import Twilio

PROVIDER = Twilio
"""Makes the provider from the content, our numbers, the secrets that sign its requests, and how utterances sound."""
