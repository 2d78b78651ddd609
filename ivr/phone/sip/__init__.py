"""A second network under the interpreter: real telephones on the office's own network, over SIP."""
