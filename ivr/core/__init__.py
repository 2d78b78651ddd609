"""Values in, values out: no I/O, no clock, no web framework, no telephony provider (see README.md)."""
