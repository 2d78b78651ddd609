"""The simulated network: a carrier like Twilio, its clock, and people who ring and are rung."""
