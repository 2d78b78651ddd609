"""`python -m ivr` is `ivr`."""

from ivr.commands.line import main

main()
