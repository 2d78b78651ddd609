"""What others write for the same webhook: small applications, each as the public documentation of its parts shows.

Each verifies the signature by the vendor's own validator, reads the form, and returns TwiML that the vendor's own
library builds: one menu, the same for every caller. Each runs by itself, in one process that answers.
"""
