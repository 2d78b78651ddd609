"""Twilio: how its requests are verified, and the provider put together."""
