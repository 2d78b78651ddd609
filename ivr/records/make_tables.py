"""Makes the tables of the records, or brings them up to date: a process of its own, as a line never loads what does."""

from __future__ import annotations

import os
import sys

from ivr.records.faults import NOT_INSTALLED, RecordsFault


def main() -> int:
    """Do it for the settings in the environment; what is wrong stands on standard output."""
    try:
        from ivr.records.sql import SqlRecords
    except ImportError:
        return NOT_INSTALLED
    try:
        SqlRecords.open(os.environ)
    except RecordsFault as fault:
        sys.stdout.write(str(fault))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
