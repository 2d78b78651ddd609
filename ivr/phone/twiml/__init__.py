"""A strict interpreter of TwiML, independent of what writes it."""
