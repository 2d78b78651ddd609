"""Words that came over the network, made fit to be read by a person at a terminal."""

MOST_SIGNS = 200
"""A name is shorter; what is longer is cut."""


def presentable(text: str) -> str:
    """The text with "?" for each sign that a terminal would obey, or that would turn the words around; not too long."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in text[:MOST_SIGNS])
    return shown if len(text) <= MOST_SIGNS else f"{shown}..."
