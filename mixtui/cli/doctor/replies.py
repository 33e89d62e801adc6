"""Ask the terminal what it can do, and leave no trace of it: no byte in the input, no mode.

The last question is for the primary device attributes (DA1), which every terminal replies
to: what it has not replied to until then, it does not know (xterm's control sequences, "Send
Device Attributes"; kitty's keyboard protocol, "Detection of support for this protocol").
"""

from __future__ import annotations

import os
import select
import time

from msgspec import Struct

from mixtui.patterns import compile_late

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from mixtui.cli.console import Console

SYNCHRONIZED_OUTPUT = 2026
"""https://github.com/contour-terminal/vt-extensions/blob/master/synchronized-output.md"""
BRACKETED_PASTE = 2004
"""xterm's control sequences, "Bracketed Paste Mode"."""
_MODES = (SYNCHRONIZED_OUTPUT, BRACKETED_PASTE)
_CLIPBOARD = 52
"""https://github.com/contour-terminal/vt-extensions/blob/master/clipboard-extension.md: the
attribute of terminals that now let a program write to the clipboard."""
_SECONDS = 2.0
"""To wait for all replies; they cross the network with ssh."""
_LONGEST = 4096
"""Bytes that are read at most: longer replies are to no question of these."""
_LONGEST_NAME = 60

_QUESTIONS = (
    b"\x1b7"  # Where the cursor is, and its colors.
    + b"".join(b"\x1b[?%d$p" % mode for mode in _MODES)  # DECRQM
    + b"\x1b[>0q"  # XTVERSION
    + b"\x1b[?u"  # Kitty's keyboard protocol.
    # A color, and what became of it (DECRQSS): termstandard/colors, "Querying The Terminal".
    + b"\x1b[48;2;1;2;3m\x1bP$qm\x1b\\"
    + b"\x1b[c"
)
_ERASED = b"\x1b8\x1b[K"
"""Back to where the cursor was, without what a terminal that knows no question has shown."""

_ATTRIBUTES = compile_late(rb"\x1b\[\?([0-9;]*)c")
_MODE = compile_late(rb"\x1b\[\?([0-9]{1,5});([0-4])\$y")
_NAME = compile_late(rb"\x1bP>\|([^\x1b\x9c]*)(?:\x1b\\|\x9c)")
_KEYBOARD = compile_late(rb"\x1b\[\?[0-9]+u")
_COLORS = compile_late(rb"\x1bP1\$r([0-9:;]*)m(?:\x1b\\|\x9c)")
_TRUE_COLOR = compile_late(rb"48[:;]2[:;](?:[0-9]*:)?1[:;]2[:;]3(?![0-9])")


class Replies(Struct, frozen=True):
    """What a terminal has replied."""

    silence: str = ""
    """Why nothing is known; empty = it has replied."""
    name: str = ""
    """What it calls itself, with its version: foreign text. Empty = it does not say."""
    modes: tuple[tuple[int, int], ...] = ()
    """Each mode that it has replied about, and its state (DECRPM): 0 and 4 = it has no such."""
    writes_clipboard: bool = False
    """Whether it says that it does (OSC 52); who does not say it may, too."""
    reads_kitty_keys: bool = False
    """Whether it has kitty's keyboard protocol."""
    has_true_color: bool = False
    """Whether it has kept a color of 24 bits; who does not say it may, too."""

    def has_mode(self, number: int) -> bool | None:
        """Return whether it has a mode; None = not known."""
        state = dict(self.modes).get(number)
        return None if state is None else state in (1, 2, 3)


def ask_terminal(console: Console) -> Replies:
    """Ask the terminal of a console, if there is one that nobody else reads from.

    Takes up to `_SECONDS`; usually a few milliseconds.
    """
    if not (console.can_prompt and console.stdout_is_terminal):
        return Replies("it is only asked if stdin, stdout and stderr are a terminal")
    if console.variables.get("TERM_PROGRAM") == "Apple_Terminal":
        # It shows questions as text: https://github.com/vim/vim/issues/19852
        return Replies("Terminal.app does not understand the questions")
    try:
        source, target = console.stdin.fileno(), console.stdout.fileno()
        if os.tcgetpgrp(source) != os.getpgrp():
            return Replies("it is not asked from the background")
        console.stdout.flush()
        return ask(source, target)
    except (OSError, ValueError, ImportError, AttributeError):
        # No descriptor; Windows, which has no termios.
        return Replies("it cannot be asked")


def ask(source: int, target: int, seconds: float = _SECONDS) -> Replies:
    """Ask a terminal.

    Args:
        source: A descriptor of the terminal, to read from.
        target: One to write to.
        seconds: To wait for the replies.

    Raises:
        OSError: It is not a terminal, or is gone.
        ImportError: This system has no termios.
    """
    import termios

    try:
        before = termios.tcgetattr(source)
        silent = termios.tcgetattr(source)
        silent[3] &= ~(termios.ECHO | termios.ICANON)  # ctrl+c interrupts as before.
        # What the shell reads next must be no part of a reply, but may be a key.
        when = termios.TCSADRAIN
        termios.tcsetattr(source, termios.TCSANOW, silent)
        try:
            if select.select([source], [], [], 0)[0]:
                # Keys would be read with the replies, and nobody can put them back.
                return Replies("it is not asked after keys were typed")
            when = termios.TCSAFLUSH
            os.write(target, _QUESTIONS)
            replies = _read(source, seconds)
            os.write(target, _ERASED)
            if _is_complete(replies):
                when = termios.TCSADRAIN
        finally:
            termios.tcsetattr(source, when, before)
    except termios.error as error:
        raise OSError(*error.args) from None
    return parse_replies(replies)


def _read(source: int, seconds: float) -> bytes:
    """Return what arrives until the reply to the last question."""
    end = time.monotonic() + seconds
    replies = b""
    while not _is_complete(replies) and len(replies) < _LONGEST:
        rest = end - time.monotonic()
        if rest <= 0 or not select.select([source], [], [], rest)[0]:
            break
        chunk = os.read(source, 1024)
        if not chunk:
            break
        replies += chunk
    return replies


def _is_complete(replies: bytes) -> bool:
    return _ATTRIBUTES.search(replies) is not None


def parse_replies(data: bytes) -> Replies:
    """Read what a terminal has replied; keys or anything else may be in between."""
    attributes = _ATTRIBUTES.search(data)
    if attributes is None:
        return Replies("it does not reply")
    name = _NAME.search(data)
    colors = _COLORS.search(data)
    return Replies(
        name=name[1][:_LONGEST_NAME].decode("utf-8", "replace") if name else "",
        modes=tuple((int(number), int(state)) for number, state in _MODE.findall(data)),
        writes_clipboard=b"%d" % _CLIPBOARD in attributes[1].split(b";"),
        reads_kitty_keys=_KEYBOARD.search(data) is not None,
        has_true_color=bool(colors and _TRUE_COLOR.search(colors[1])),
    )
