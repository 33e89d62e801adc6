"""Run mixtui, and note each garbage collection in a file.

    python garbage_watch.py FILE [ARGUMENTS…]

A line of the file is a generation, when its collection began (monotonic clock), and how many
seconds it took: for all threads, as Python's lock is held.
"""

from __future__ import annotations

import gc
import os
import sys
import time

from mixtui.__main__ import main


def _watch(path: str) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    began = 0.0

    def note(phase: str, info: dict[str, int]) -> None:
        nonlocal began
        now = time.monotonic()
        if phase == "start":
            began = now
        else:
            os.write(file, f"{info['generation']} {began} {now - began}\n".encode())

    gc.callbacks.append(note)


if __name__ == "__main__":
    _watch(sys.argv.pop(1))
    sys.exit(main())
