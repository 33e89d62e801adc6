"""The streams and surroundings of one run, so that a test can bring its own."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import TextIO


class OutputError(Exception):
    """Standard output cannot be written; its text is a sentence."""


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
        """Whether stdout is a terminal: then bodies are laid out, and made harmless."""
        self.stderr_is_terminal = _is_terminal(stderr)
        self.can_prompt = _is_terminal(stdin) and self.stderr_is_terminal

    @classmethod
    def from_process(cls) -> Console:
        """The process's own."""
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
        from pathlib import Path

        try:
            return Path.cwd()
        except FileNotFoundError:
            from mixtui.model.errors import MixtuiError

            raise MixtuiError(
                "The working folder is gone: change to another."
            ) from None

    def print(self, text: str = "") -> None:
        """A line on stdout."""
        with _OutputErrors():
            self.stdout.write(f"{text}\n")

    def print_untrusted(self, text: str) -> None:
        """A line that others wrote, made harmless where stdout is a terminal."""
        if self.stdout_is_terminal:
            from mixtui.text import sanitize

            text = sanitize(text)
        self.print(text)

    def write(self, data: bytes) -> None:
        """Bytes on stdout, exactly."""
        with _OutputErrors():
            self.stdout.flush()
            self.stdout.buffer.write(data)

    def flush(self) -> None:
        """Put out what is held back."""
        with _OutputErrors():
            self.stdout.flush()

    def report(self, line: str) -> None:
        """A line on stderr, whoever wrote it."""
        from mixtui.text import sanitize

        self.stderr.write(f"{sanitize(line)}\n")
        self.stderr.flush()

    def confirm(self, question: str) -> bool:
        """A yes or no, where `can_ask`."""
        return self.prompt(f"{question} [y/N]").lower() in ("y", "yes")

    def prompt(self, question: str) -> str:
        """A line, where `can_ask`."""
        self.stderr.write(f"{question} ")
        self.stderr.flush()
        return self.stdin.readline().strip()

    def prompt_secret(self, question: str) -> str:
        """A line that is not shown while it is typed; from a pipe, its first line."""
        if self.can_prompt and self.stdin is sys.stdin:
            from getpass import getpass

            return getpass(f"{question} ", self.stderr).strip()
        return self.stdin.readline().strip()

    def abandon_stdout(self) -> None:
        """Nobody reads it any more: what is left must not raise when Python ends."""
        if self.stdout is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())


class _OutputErrors:
    """A disk or terminal that fails becomes a sentence; a closed pipe stays itself."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise OutputError(
                f"Standard output cannot be written: {error.strerror}."
            ) from None


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False
