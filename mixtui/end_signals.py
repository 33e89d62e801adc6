"""Handle signals that end the program like ctrl+c, with their own exit status.

Without a handler, such a signal ends the process immediately, which would leave the terminal
in raw mode, temporary files on disk, and no message about a write in flight.
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
    """Return the status that a shell reports for a program ended by a signal."""
    return 128 + number


class EndSignals:
    """Turns each signal into an interrupt."""

    first = 0
    """The number of the first one that came to this process; 0 = none."""

    def install(self) -> None:
        """Handle the signals from now on; main thread only."""
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
