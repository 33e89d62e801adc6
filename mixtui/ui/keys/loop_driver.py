"""Read the terminal on the event loop when it has sent something, and write to it at once.

Textual 8.2's `LinuxDriver` reads in a thread. It wakes up ten times a second, hands each key
to the event loop by way of a coroutine, which costs a switch of threads and two turns of the
loop, and ends the app with a traceback when the terminal is gone. It writes in another one,
which gets to run when the event loop has done what else a key has started. To be reported
upstream.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from textual.drivers.linux_driver import LinuxDriver

from mixtui.ui.keys.paste import PasteParser

if TYPE_CHECKING:
    from textual.app import App
    from textual.message import Message

_READ = 64 * 1024
"""Bytes; a terminal gives 4 KB at most, a pipe as much as is there."""


def utf8_decoder() -> codecs.IncrementalDecoder:
    """Return a decoder that replaces what is not UTF-8, which a terminal may send."""
    return codecs.getincrementaldecoder("utf-8")(errors="replace")


class _AppWithInput(Protocol):
    def end_without_input(self) -> None: ...


class _ThreadOutput:
    """The file of the thread that writes: counts what it has written.

    Nothing is raised if the terminal is gone: the thread would end, and Textual wait for it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._taken = 0
        self.written = 0
        """Bytes that the terminal has."""

    def encode(self, text: str) -> bytes:
        return text.encode(self._stream.encoding, self._stream.errors or "strict")

    def write(self, data: bytes) -> None:
        with contextlib.suppress(OSError):
            self._stream.buffer.write(data)
        self._taken += len(data)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.buffer.flush()
        self.written = self._taken

    def fileno(self) -> int:
        return self._stream.fileno()


class LoopDriver(LinuxDriver):
    """A driver for an `OrderedInputApp`."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._parser: PasteParser | None = None
        """None = the terminal is not read."""
        self._timer: asyncio.TimerHandle | None = None
        """Until an escape was the key, not the beginning of a sequence."""
        assert self._file is not None  # The app needs a terminal.
        self._output = _ThreadOutput(self._file)
        self._file = self._output  # type: ignore[assignment]
        self._queued = 0
        """Bytes that were left to the thread."""
        self._terminal: int | None = None
        """A file that takes what fits into the terminal's buffer; None = there is none."""

    def start_application_mode(self) -> None:
        self._key_thread = None
        if self._terminal is None:
            self._terminal = self._open_terminal()
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._key_thread is not None:  # Else it is stopped: it has no terminal yet.
            self._start_reading()

    def close(self) -> None:
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None
        super().close()

    # Writing

    def write(self, data: str) -> None:
        """Write what fits at once, if nothing waits; leave the rest to the thread."""
        rest = self._output.encode(data)
        if self._terminal is not None and self._output.written == self._queued:
            with contextlib.suppress(OSError):  # It is full, or gone.
                rest = rest[os.write(self._terminal, rest) :]
        if rest:
            assert self._writer_thread is not None, "Driver must be in application mode"
            self._queued += len(rest)
            self._writer_thread.write(rest)  # type: ignore[arg-type]

    def _open_terminal(self) -> int | None:
        # Opened again: the shell shares the file that is open, and would get O_NONBLOCK, too.
        try:
            name = os.ttyname(self._output.fileno())
            return os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        except OSError:  # It is not one, or that of another user, as after su.
            return None

    # Reading

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
