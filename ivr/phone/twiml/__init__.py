"""A strict reader of TwiML, independent of the code that writes it."""
