"""The Kemi guidance line: a phone assistant that always leads to a person."""

import time

STARTED = time.time()
"""When this process began to read the program."""
