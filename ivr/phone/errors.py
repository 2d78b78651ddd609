"""The errors of the simulated network."""


class CarrierError(Exception):
    """The line broke a rule: a real call would fail, or a caller be lost. Names the URL and the rule."""

    def within(self, place: str, shown: str = "") -> "CarrierError":
        """The same error, told with its place in front and what is shown behind it."""
        return CarrierError(f"{place}: {self}{shown}")


class ProviderFault(CarrierError):
    """What the provider itself does not take; `code` is the error that it records (docs/twilio.md, Faults)."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code

    def within(self, place: str, shown: str = "") -> "ProviderFault":
        """The same fault, told with its place in front and what is shown behind it."""
        return ProviderFault(self.code, f"{place}: {self}{shown}")
