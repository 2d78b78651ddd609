"""`python -m ivr` is `ivr`."""

from ivr.commands import main

main()
