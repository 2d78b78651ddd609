"""The numbers that an administrator has prepared for a contact, by their labels: `IVR_SPARE_<CONTACT>`."""

from __future__ import annotations

from collections.abc import Mapping

SPARE = "IVR_SPARE_"
"""Prefix of the variable with the prepared numbers of a contact."""


def spare_labels(env: Mapping[str, str], contact: str) -> tuple[str, ...]:
    """The labels of the prepared numbers of a contact, in their order. `read_settings` tells what is wrong."""
    written = env.get(SPARE + contact.upper(), "").split(",")
    return tuple(dict.fromkeys(label for each in written if (label := each.partition(":")[0].strip()) and ":" in each))
