"""What a server costs: the CPU time and the memory of all of its processes, as Linux tells (proc(5))."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

PROC = Path("/proc")
Memory = Literal["Pss", "Pss_Anon"]


def processes(root: int, proc: Path = PROC) -> list[int]:
    """A process and all that descend from it."""
    parents = {int(path.parent.name): fields[1] for path in proc.glob("[0-9]*/stat") if (fields := _fields(path))}
    found = [root]
    for pid in found:  # grows while it is walked
        found += [child for child, parent in parents.items() if int(parent) == pid]
    return found


def cpu_seconds(root: int, proc: Path = PROC) -> float:
    """CPU seconds, in user mode and in the kernel, of a process and all that descend from it, also of those that ended.

    Its unit is a tick, a hundredth of a second: measure over a second or more.
    """
    found = (_fields(proc / str(pid) / "stat") for pid in processes(root, proc))
    # utime, stime, then the same of children that have ended and were waited for
    return sum(sum(map(int, fields[11:15])) for fields in found) / os.sysconf("SC_CLK_TCK")


def megabytes(root: int, what: Memory = "Pss", proc: Path = PROC) -> float:
    """Memory of a process and all that descend from it; a page that several processes share counts in parts (PSS).

    `Pss_Anon`: without the pages of files, whose part changes with who else on the machine has opened them.
    """
    kilobytes = 0
    for pid in processes(root, proc):
        rollup = (proc / str(pid) / "smaps_rollup").read_text(encoding="ascii")
        kilobytes += int(re.findall(rf"(?m)^{what}:\s+(\d+) kB", rollup)[0])
    return kilobytes / 1024


def _fields(stat: Path) -> list[str]:
    """The fields after the name of the program, which may hold blanks; none of a process that has gone."""
    try:
        return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
