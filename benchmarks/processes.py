"""CPU and memory of a process tree, read from /proc."""

from __future__ import annotations

import os
import re
import resource
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """The resource use of a process and its descendants."""

    rss: int
    """Current memory in bytes, summed."""
    peak: int
    """Peak memory of the root process in bytes (VmHWM)."""
    cpu: float
    """User and system time in seconds, including ended children."""
    pids: tuple[int, ...]


def tree(root: int) -> tuple[int, ...]:
    """Return the ids of a process and its descendants."""
    pids: list[int] = []
    queue = [root]
    while queue:
        pid = queue.pop()
        pids.append(pid)
        try:
            for thread in (_PROC / str(pid) / "task").iterdir():
                queue.extend(map(int, (thread / "children").read_text().split()))
        except OSError:
            continue
    return tuple(pids)


def born(pid: int) -> str:
    """Return the start time, which with the id identifies a process; empty = it
    ended.
    """
    try:
        return _stat(pid)[19]
    except OSError:
        return ""


def usage(root: int) -> Usage:
    """Return the usage of a process and its descendants; zero if it has ended."""
    rss = peak = 0
    cpu = 0.0
    pids = tree(root)
    for pid in pids:
        try:
            status = (_PROC / str(pid) / "status").read_text()
            times = _stat(pid)[11:15]
        except OSError:
            continue
        rss += _kilobytes("VmRSS", status)
        if pid == root:
            peak = _kilobytes("VmHWM", status)
        cpu += sum(map(int, times)) / _TICKS
    return Usage(rss, peak, cpu, pids)


def ran(root: int) -> float:
    """Return the CPU seconds of all threads of a process and its descendants, to the
    ns.

    Ended threads are not included: only for a short span in which none ends.
    """
    total = 0
    for pid in tree(root):
        try:
            for thread in (_PROC / str(pid) / "task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0])
        except OSError:
            continue
    return total / 1e9


def cpu_of_children() -> float:
    """Return user and system time of the children of this process that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def is_waiting(root: int) -> bool:
    """Return whether every thread of a process and its descendants sleeps.

    One that has something to do but no turn, or waits for a disk, does not.
    """
    for pid in tree(root):
        try:
            for thread in (_PROC / str(pid) / "task").iterdir():
                state = (thread / "stat").read_text().rsplit(")", 1)[1].split()[0]
                if state in "RD":
                    return False
        except OSError:
            continue
    return True


def _stat(pid: int) -> list[str]:
    return (_PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()


def _kilobytes(name: str, status: str) -> int:
    match = re.search(rf"{name}:\s+(\d+)", status)
    return int(match[1]) * 1024 if match else 0
