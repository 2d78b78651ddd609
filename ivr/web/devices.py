"""What a device is called in the list of devices: its browser and its system, in plain words."""

from __future__ import annotations

BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "Chromebook",
    "Mac OS": "Mac",
    "Linux": "Linux",
}
"""By a word of the `User-Agent`; the first that is there, as browsers also name others, to be taken for them."""


def device_name(user_agent: str) -> str:
    """Such as "Chrome, Android"; empty if nothing of it is known. No other word of the header is kept."""
    found = (next((name for word, name in kinds.items() if word in user_agent), None) for kinds in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, found))
