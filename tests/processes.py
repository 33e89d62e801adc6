"""Child processes for tests: started as from a fresh shell, never left running."""

from __future__ import annotations

import signal

PATIENCE = 20
"""Seconds to wait for one thing of a child; the limit of a test allows for three."""


def restore_interrupts() -> None:
    """Make the child die of ctrl+c again: for `preexec_fn`.

    A parent that was started in the background ignores SIGINT, and POSIX lets its
    children inherit that.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
