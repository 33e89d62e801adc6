"""A real terminal for tests: a program in a pty, its screen read by pyte."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pexpect
import pyte

from mixtui.storage.first_start import SETUP_OFFERED
from tests.processes import PATIENCE, restore_interrupts

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
}


_COLORS = {"xterm-256color": "truecolor"}


def mixtui_command() -> list[str]:
    """The installed program if there is one beside this Python, else the module."""
    script = Path(sys.executable).with_name("mixtui")
    return [str(script)] if script.exists() else [sys.executable, "-m", "mixtui"]


class Terminal:
    """A program in a terminal of its own."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: Path,
        size: tuple[int, int] = (120, 40),
        term: str = "xterm-256color",
    ) -> None:
        columns, rows = size
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.bytes = b""
        self.process = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env={**env, "TERM": term, "COLORTERM": _COLORS.get(term, "")},
            cwd=str(cwd),
            dimensions=(rows, columns),
            timeout=PATIENCE,
            preexec_fn=restore_interrupts,
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.close(force=True)

    @property
    def text(self) -> str:
        """The screen as lines of text."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def resize(self, size: tuple[int, int]) -> None:
        """Change the size, which the program is told by SIGWINCH."""
        columns, rows = size
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def press(self, *keys: str) -> None:
        """Press keys by name; ``ctrl+x`` and single characters as they are."""
        for key in keys:
            if key.startswith("ctrl+"):
                self.process.send(chr(ord(key[-1].upper()) - 64))
            else:
                self.process.send(KEYS.get(key, key))

    def type(self, text: str) -> None:
        """Type a text."""
        self.process.send(text)

    def wait_for(self, *texts: str) -> str:
        """Wait until every text is on the screen; returns the screen."""
        return self.wait_until(lambda: all(t in self.text for t in texts), texts)

    def wait_until(self, condition: Callable[[], bool], what: object = "") -> str:
        """Read what the program writes until a condition holds."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"not on the screen: {what}\n{self.text}")
            self._read()
        return self.text

    def wait_for_exit(self) -> int:
        """Read until the program has ended; returns its exit status."""
        while True:
            try:
                self._feed(self.process.read_nonblocking(65536, timeout=PATIENCE))
            except pexpect.EOF:
                break
        self.process.wait()
        status = self.process.exitstatus
        return -1 if status is None else status

    def _read(self) -> None:
        try:
            self._feed(self.process.read_nonblocking(65536, timeout=0.2))
        except pexpect.TIMEOUT:
            pass
        except pexpect.EOF:
            raise AssertionError(f"the program has ended\n{self.text}") from None

    def _feed(self, data: bytes) -> None:
        self.bytes += data
        self._stream.feed(data)


def clean_environment(home: Path) -> dict[str, str]:
    """Variables of a person without files, who has left the first setup once."""
    state = home / "state" / "mixtui"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    (state / SETUP_OFFERED).touch()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "LINES")
        and not name.startswith(("MP_", "MIXPANEL_", "MIXTUI_", "XDG_"))
        and not name.upper().endswith("_PROXY")
    }
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
    }
