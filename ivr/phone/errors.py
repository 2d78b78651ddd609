"""What the simulated carrier raises."""


class CarrierError(Exception):
    """A real carrier would have failed or a caller been lost: names the URL and the rule broken."""
