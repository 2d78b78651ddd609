"""Calls over webhooks: reads the requests of a telephony provider and writes our answers, in its own format."""
