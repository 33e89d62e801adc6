"""The one place for unexpected exceptions: a report, a sentence, a living app.

Textual ends an app at the first one, and prints a traceback with the values of local
variables, which here may be typed credentials. Three ways lead to
`App._handle_exception`, which `MixtuiApp` overrides:

- a worker, a timer or an idle handler: the app can go on, so it does;
- a message handler: Textual then stops the widget's message loop, so the exception is
  caught one step earlier, by `keep_message_pumps_running`;
- composing, mounting or drawing a widget: what is on the screen cannot be trusted. If
  there is no screen yet, or exceptions do not stop, the app ends with the sentence.

To be reported to Textual: there is no public hook for unhandled exceptions.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual.events import Compose, Mount
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from pathlib import Path

    from textual.message import Message

_FLOOD = 10
_FLOOD_SECONDS = 5.0
"""So many exceptions in so many seconds do not stop by themselves."""


class CrashReporter:
    """Writes reports of unforeseen exceptions.

    Args:
        state: The state folder.
    """

    def __init__(self, state: Path) -> None:
        self._state = state
        self._times: deque[float] = deque(maxlen=_FLOOD)
        self.first_sentence = ""
        """About the first exception; what follows it is often its consequence."""

    @property
    def is_flooded(self) -> bool:
        """Whether exceptions come so fast that the app cannot go on."""
        times = self._times
        return len(times) == _FLOOD and times[-1] - times[0] < _FLOOD_SECONDS

    def report(self, error: Exception) -> str:
        """Write a report; return a sentence for the user, without any data."""
        from mixtui.storage.crash_report import report_crash

        self._times.append(time.monotonic())
        sentence = report_crash(error, self._state)
        self.first_sentence = self.first_sentence or sentence
        return sentence


@contextmanager
def keep_message_pumps_running() -> Iterator[None]:
    """Let a widget go on after one of its message handlers has raised."""
    dispatch = MessagePump._dispatch_message

    async def dispatch_and_report(pump: MessagePump, message: Message) -> None:
        try:
            await dispatch(pump, message)
        except Exception as error:  # Any: nobody further up could report it.
            if isinstance(message, Compose | Mount):
                raise
            pump.app._handle_exception(error)

    name = "_dispatch_message"  # Of every pump, those of Textual's own widgets too.
    setattr(MessagePump, name, dispatch_and_report)
    try:
        yield
    finally:
        setattr(MessagePump, name, dispatch)
