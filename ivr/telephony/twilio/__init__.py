"""Twilio: its requests to our events, our steps to TwiML. Its words live only here."""
