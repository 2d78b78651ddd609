"""The error of the simulated network."""


class CarrierError(Exception):
    """The line broke a rule: a real call would fail, or a caller be lost. Names the URL and the rule."""
