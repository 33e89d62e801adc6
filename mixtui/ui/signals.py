"""Signals for the app: it ends as if it was quit, and stops and goes on for a shell.

Textual's own handlers for SIGTSTP and SIGCONT run in the middle of whatever the event loop
does, where a lock of the output's queue may be held, and take every SIGCONT for the end of
a stop of their own: after a SIGSTOP from outside two threads would read the keys, and the
terminal be left as it was found in the middle. To be reported upstream.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from mixtui.end_signals import EndSignals, end_signals, exit_status

if TYPE_CHECKING:
    from mixtui.ui.keys.input_queue import OrderedInputApp

_END_PATIENCE = 5.0
"""Seconds for what is in flight to be stored, and for an editor to end."""


class AppSignals:
    """Handles the signals of an app that has a process of its own."""

    def __init__(
        self, app: OrderedInputApp[Any], end: Callable[[], Awaitable[None]]
    ) -> None:
        """Handle nothing yet.

        Args:
            app: The app.
            end: Stores what was typed and what is in flight.
        """
        self.end_signal = 0
        """The number of the signal that ends the app; 0 = none."""
        self._app, self._end = app, end
        self._task: asyncio.Task[None] | None = None

    def install(self) -> None:
        """Handle them from now on; once the app has its terminal."""
        if sys.platform == "win32":
            return
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, *end_signals()):
            loop.add_signal_handler(number, self._ended_by, number)
        loop.add_signal_handler(signal.SIGTSTP, self._stop)
        loop.add_signal_handler(signal.SIGCONT, self._continued)
        # One that came before may have been lost: Python drops an interrupt in places
        # where nothing may be raised, such as the end of an object.
        if EndSignals.first:
            self._ended_by(EndSignals.first)

    def hang_up(self) -> None:
        """End as if the terminal was closed."""
        self._ended_by(signal.SIGHUP)

    def _ended_by(self, number: int) -> None:
        if not self.end_signal:
            self.end_signal = number
            self._task = asyncio.create_task(self._end_app())

    async def _end_app(self) -> None:
        self._leave_lost_terminal()
        from mixtui.ui.dialogs.external import end_program

        end_program()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_END_PATIENCE):
                    await self._end()
                    await self._app.has_terminal.wait()
        finally:
            self._app.exit(return_code=exit_status(self.end_signal))

    def _stop(self) -> None:
        """Give the terminal back, and stop until the shell lets the app go on."""
        if not self._app.has_terminal.is_set():
            os.kill(os.getpid(), signal.SIGSTOP)
            return
        with self._app.suspend():
            os.kill(os.getpid(), signal.SIGSTOP)
            self._leave_lost_terminal()

    def _continued(self) -> None:
        """Take the terminal again, if a shell has had it."""
        if self._app.has_terminal.is_set() and _is_for_lines():
            with self._app.suspend():
                pass

    def _leave_lost_terminal(self) -> None:
        """If the terminal is gone, write to nowhere: Textual would wait for ever."""
        if not _is_lost():
            return
        self._app.stop_reading()  # Else it is polled for ever, and is always ready.
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            if stat.S_ISCHR(os.fstat(descriptor).st_mode):
                os.dup2(nowhere, descriptor)
        os.close(nowhere)
        if self._app.has_terminal.is_set():
            with self._app.suspend():
                pass  # It comes back with another thread that writes, and reads nothing.


def _is_lost() -> bool:
    return _local_modes() is None


def _is_for_lines() -> bool:
    """Whether the terminal is as a shell leaves it to programs: line by line."""
    import termios

    modes = _local_modes()
    return modes is not None and bool(modes & termios.ICANON)


def _local_modes() -> int | None:
    """Return the local modes of the terminal; None = it is gone."""
    import termios

    try:
        modes: int = termios.tcgetattr(0)[3]
    except termios.error:
        return None
    return modes
