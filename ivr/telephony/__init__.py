"""Calls over webhooks: what a telephony provider asks, what we answer, in each provider's own words."""
