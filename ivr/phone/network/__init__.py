"""The simulated network: a carrier like Twilio, its clock, callers and contacts."""
