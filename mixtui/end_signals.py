"""Signals that end the program: an interrupt like ctrl+c, with an exit status of its own.

Nothing but a handler stands between such a signal and the end of the process, which would
leave the terminal in raw mode, temporary files on the disk, and no word about a write that
was in flight.
"""

from __future__ import annotations

import signal

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from types import FrameType

_NAMES = ("SIGTERM", "SIGHUP", "SIGQUIT")


def end_signals() -> list[int]:
    """Return the numbers of the signals; one that was ignored at the start stays ignored."""
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    return [n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN]


def exit_status(number: int) -> int:
    """Return what a shell reports of a program that a signal ended."""
    return 128 + number


class EndSignals:
    """Turns each of them into an interrupt."""

    first = 0
    """The number of the first one that came to this process; 0 = none."""

    def install(self) -> None:
        """Handle them from now on; for the main thread."""
        for number in end_signals():
            signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        EndSignals.first = EndSignals.first or number
        # An event loop has a handler of its own for ctrl+c, which cancels its main task.
        on_interrupt = signal.getsignal(signal.SIGINT)
        if callable(on_interrupt):
            on_interrupt(number, frame)
        else:
            raise KeyboardInterrupt
