"""Hold the standard streams and environment of one run, so that a test can provide its own."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TextIO


class OutputError(Exception):
    """Standard output cannot be written; the message is a sentence."""


class Console:
    """Standard streams, environment variables and working folder."""

    def __init__(
        self,
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        variables: Mapping[str, str],
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.variables = variables
        self.stdout_is_terminal = _is_terminal(stdout)
        """Bodies are then formatted and stripped of control sequences."""
        self.stderr_is_terminal = _is_terminal(stderr)
        self.can_prompt = _is_terminal(stdin) and self.stderr_is_terminal

    @classmethod
    def from_process(cls) -> Console:
        """Return the console of this process; a stream that is closed gets a stand-in."""
        if None in (sys.stdin, sys.stdout, sys.stderr):
            _open_closed_streams()
        for stream in (sys.stdout, sys.stderr):
            # A terminal that has no such character gets a question mark, not a crash.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        return cls(sys.stdin, sys.stdout, sys.stderr, os.environ)

    @property
    def folder(self) -> Path:
        """The working folder.

        Raises:
            MixtuiError: It was deleted.
        """
        from mixtui.system import working_folder

        try:
            return working_folder()
        except FileNotFoundError:
            from mixtui.model.errors import MixtuiError

            raise MixtuiError(
                "The current folder was deleted. Change to another one."
            ) from None

    def print(self, text: str = "") -> None:
        """Write a line to stdout."""
        with _OutputErrors():
            self.stdout.write(f"{text}\n")

    def print_untrusted(self, text: str) -> None:
        """Write text of other people to stdout, sanitized where that is a terminal."""
        if self.stdout_is_terminal:
            from mixtui.text import sanitize

            text = sanitize(text)
        self.print(text)

    def print_json(self, value: object) -> None:
        """Write a value to stdout as JSON, on lines of its own.

        On a terminal, escape what it would act on: JSON itself leaves C1 controls and
        bidi marks as they are.
        """
        import json

        text = json.dumps(value, indent=2, ensure_ascii=False)
        if self.stdout_is_terminal:
            from mixtui.text import escape_json

            text = escape_json(text)
        self.print(text)

    def print_columns(self, rows: Sequence[tuple[str, ...]]) -> None:
        """Write a table to stdout, each column as wide as its longest cell."""
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (f"{c:<{w}}" for c, w in zip(row, widths, strict=True))
            self.print_untrusted("  ".join(cells).rstrip())

    def write(self, data: bytes) -> None:
        """Write bytes to stdout unchanged."""
        with _OutputErrors():
            self.stdout.flush()
            self.stdout.buffer.write(data)

    def flush(self) -> None:
        """Flush stdout."""
        with _OutputErrors():
            self.stdout.flush()

    def report(self, line: str) -> None:
        """Write a line to stderr, sanitized; a terminal that is gone reads nothing."""
        from mixtui.text import sanitize

        try:
            self.stderr.write(f"{sanitize(line)}\n")
            self.stderr.flush()
        except OSError:
            pass

    def confirm(self, question: str) -> bool:
        """Ask yes or no; only where `can_prompt`."""
        return self.prompt(f"{question} [y/N]").lower() in ("y", "yes")

    def prompt(self, question: str) -> str:
        """Ask for a line; only where `can_prompt`."""
        self.stderr.write(f"{question} ")
        self.stderr.flush()
        return self.stdin.readline().strip()

    def ask(self, question: str, *, secret: bool = False) -> str:
        """Ask for a line, kept as typed; only where `can_prompt`.

        Args:
            question: Sanitized: it may be someone else's text.
            secret: Do not echo the answer.

        Raises:
            EOFError: The input has ended.
        """
        from mixtui.text import sanitize

        question = sanitize(question)
        if secret and self.stdin is sys.stdin:
            from getpass import getpass

            with _HiddenAfterStop():
                return getpass(f"{question} ", self.stderr)
        self.stderr.write(f"{question} ")
        self.stderr.flush()
        line = self.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    def prompt_secret(self, question: str) -> str:
        """Ask for a line without echoing it; from a pipe, read its first line."""
        if self.can_prompt and self.stdin is sys.stdin:
            from getpass import getpass

            with _HiddenAfterStop():
                return getpass(f"{question} ", self.stderr).strip()
        return self.stdin.readline().strip()

    def abandon_stdout(self) -> None:
        """Discard what is buffered: stdout is closed, and Python's flush at exit must not raise."""
        if self.stdout is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())


def _open_closed_streams() -> None:
    """Open what the program was started without, so that no other file takes its number.

    Nothing is read from stdin, a report to stderr is lost, and writing to stdout fails.
    """
    for name, mode, flags in (
        ("stdin", "r", os.O_RDONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            file = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(file, mode, encoding="utf-8"))


class _OutputErrors:
    """Turns a failing disk or terminal into `OutputError`, but not a closed pipe."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise OutputError(f"Cannot write to stdout: {error.strerror}.") from None


class _HiddenAfterStop:
    """Keeps what is typed hidden when the program goes on after ctrl+z.

    The shell has turned the echo on meanwhile, and getpass does not look again.
    """

    def __enter__(self) -> None:
        if sys.platform != "win32":
            import signal

            self._before = signal.signal(signal.SIGCONT, self._hide)

    def __exit__(self, *_: object) -> None:
        if sys.platform != "win32":
            import signal

            signal.signal(signal.SIGCONT, self._before)

    def _hide(self, *_: object) -> None:
        if sys.platform != "win32":
            import termios

            modes = termios.tcgetattr(sys.stdin)
            modes[3] &= ~termios.ECHO
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, modes)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
