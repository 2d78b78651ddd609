"""Counts as a table for a spreadsheet."""

from __future__ import annotations

from ivr.records.counts import Figures


def as_csv(figures: Figures) -> str:
    """One table of all of them (RFC 4180), with a header, in an order that is always the same."""
    raise NotImplementedError
