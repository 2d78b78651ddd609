"""The line without I/O: values in, values out; no clock, no web framework, no telephony provider (see README.md)."""
