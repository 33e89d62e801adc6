"""Child processes for tests: started as from a fresh shell, never left running."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

PATIENCE = 60
"""Seconds to wait for one thing, on a machine that is busy; a test may take five times that."""


def restore_interrupts() -> None:
    """Make the child die of ctrl+c and its kin again: for `preexec_fn`.

    A parent that was started in the background, or by nohup, ignores them, and POSIX lets
    its children inherit that.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


_AT_ONCE = """
import importlib, os, sys
module, name, count, *arguments = sys.argv[1:]
act = getattr(importlib.import_module(module), name)
start, go = os.pipe()
children = []
for number in range(int(count)):
    child = os.fork()
    if not child:
        os.close(go)
        os.read(start, 1)
        try:
            os._exit(act(number, *arguments) or 0)
        finally:
            os._exit(70)
    children.append(child)
os.close(go)  # All of them go on at the end of the pipe.
print(*(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""


def run_at_once(
    act: Callable[..., int | None], count: int, *arguments: str
) -> list[int]:
    """Call a function in so many processes at the same time; return how they exit.

    Args:
        act: Of a module; gets a number from 0 and the arguments.
        count: How many processes.
        arguments: For the function.
    """
    command = [sys.executable, "-c", _AT_ONCE, act.__module__, act.__name__]
    done = subprocess.run(
        [*command, str(count), *arguments],
        cwd=Path(__file__).parents[1],
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE * 2,
        check=True,
    )
    return [int(status) for status in done.stdout.splitlines()[-1].split()]
