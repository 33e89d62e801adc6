"""Read the terminal on the event loop, and only when it has sent something.

Textual 8.2's `LinuxDriver` has a thread for that. It wakes up ten times a second, hands each
key to the event loop by way of a coroutine, which costs a switch of threads and two turns of
the loop, and ends the app with a traceback when the terminal is gone. To be reported upstream.
"""

from __future__ import annotations

import asyncio
import codecs
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from textual.drivers.linux_driver import LinuxDriver

from mixtui.ui.keys.paste import PasteParser

if TYPE_CHECKING:
    from textual.message import Message

_READ = 64 * 1024
"""Bytes; a terminal gives 4 KB at most, a pipe as much as is there."""


def utf8_decoder() -> codecs.IncrementalDecoder:
    """Return a decoder that replaces what is not UTF-8, which a terminal may send."""
    return codecs.getincrementaldecoder("utf-8")(errors="replace")


class _AppWithInput(Protocol):
    def end_without_input(self) -> None: ...


class LoopDriver(LinuxDriver):
    """A driver for an `OrderedInputApp`."""

    _parser: PasteParser | None = None
    """None = the terminal is not read."""
    _timer: asyncio.TimerHandle | None = None
    """Until an escape was the key, not the beginning of a sequence."""

    def start_application_mode(self) -> None:
        self._key_thread = None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is not None:  # Else it is stopped: it has no terminal yet.
            self._start_reading()

    def _run_input_thread(self) -> None:
        """Leave the reading to the event loop."""

    def disable_input(self) -> None:
        self.stop_reading()
        super().disable_input()

    def send_message(self, message: Message) -> None:
        self._app.post_message(message)

    def stop_reading(self) -> None:
        """Leave the terminal alone: it is given to another program, or gone."""
        if self._parser is None:
            return
        self._loop.remove_reader(self.fileno)
        self._parser = None
        if self._timer is not None:
            self._timer.cancel()

    def _start_reading(self) -> None:
        self._parser = PasteParser(self._debug)
        self._decoder = utf8_decoder()
        try:
            self._loop.add_reader(self.fileno, self._read)
        except OSError:  # It is a file or the null device, which nobody types in.
            self._end()

    def _end(self) -> None:
        self.stop_reading()
        app: _AppWithInput = self._app  # type: ignore[assignment]
        self._loop.call_soon(app.end_without_input)

    def _read(self) -> None:
        try:
            data = os.read(self.fileno, _READ)
        except BlockingIOError:
            return  # Another program of this terminal was quicker.
        except OSError:
            data = b""
        if not data:
            self._end()
        elif self._parser is not None and (text := self._decoder.decode(data)):
            self._post(self._parser.feed(text))

    def _tick(self) -> None:
        if self._parser is not None:
            self._post(self._parser.tick())

    def _post(self, messages: Iterable[Message]) -> None:
        try:
            for message in messages:
                self.process_message(message)
        except Exception as error:  # As one in a widget.
            self._parser = PasteParser(self._debug)
            self._app._handle_exception(error)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._parser is not None and (due := self._parser.due) is not None:
            self._timer = self._loop.call_at(due, self._tick)
