"""What the terminal can do: what it replies, what tmux says of it, and what variables say.

Only what nobody can ask is told by the name of a terminal, each with its source.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping

from mixtui.cli.doctor.finding import Finding
from mixtui.cli.doctor.replies import (
    BRACKETED_PASTE,
    SYNCHRONIZED_OUTPUT,
    Replies,
    ask_terminal,
)
from mixtui.cli.terminal import problem_of_terminal
from mixtui.text import sanitize

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from mixtui.cli.console import Console

_TMUX_SECONDS = 2
_LEAST = (40, 12)
"""Columns and rows below which the app shows only a message."""
_CLIPBOARD = "clipboard (OSC 52)"
_SYNCHRONIZED = "synchronized output"
_BY_MOUSE = "no: copy with the mouse, or save to a file"
_TOLD = {
    # https://github.com/1jehuang/jcode/issues/505: it silently discards it.
    ("Apple_Terminal", _CLIPBOARD): _BY_MOUSE,
    # textual/drivers/linux_driver.py, _request_terminal_sync_mode_support
    ("Apple_Terminal", _SYNCHRONIZED): "no",
    # console_codes(4): of all OSC, it has only those for its palette.
    ("linux", _CLIPBOARD): _BY_MOUSE,
    # https://github.com/skaji/remote-pbcopy-iterm2: the third step.
    (
        "iTerm.app",
        _CLIPBOARD,
    ): "yes, if “Applications in terminal may access clipboard” is on",
}
"""By the name of a terminal, in TERM_PROGRAM or TERM, and that of an ability."""


def find_terminal(console: Console) -> Iterator[Finding]:
    """Report what the terminal can do."""
    variables = console.variables
    term = variables.get("TERM", "")
    yield Finding("TERM", term or "not set")
    program = " ".join(
        filter(None, map(variables.get, ("TERM_PROGRAM", "TERM_PROGRAM_VERSION")))
    )
    if program:
        yield Finding("program", program)
    yield Finding("streams", _streams(console))
    yield _size()
    encoding = getattr(console.stdout, "encoding", "") or "unknown"
    problem = problem_of_terminal(variables, encoding)
    yield Finding("encoding", encoding)
    if problem:
        # Not a problem of a script, and the report may be made by one.
        what, _, remedy = problem.partition(". ")
        yield Finding("app", what, remedy)
    replies = ask_terminal(console)
    if replies.name:
        yield Finding("calls itself", sanitize(replies.name))
    yield _colors(variables, replies)
    yield from _inside(variables)
    yield _clipboard(variables, replies)
    for ability, known in (
        (_SYNCHRONIZED, replies.has_mode(SYNCHRONIZED_OUTPUT)),
        ("bracketed paste", replies.has_mode(BRACKETED_PASTE)),
        # Who has it replies to it: "Detection of support" in kitty's keyboard protocol.
        ("kitty keyboard", None if replies.silence else replies.reads_kitty_keys),
    ):
        if known is None:
            yield Finding(ability, _told(variables, ability) or _not_known(replies))
        else:
            yield Finding(ability, "yes" if known else "no")


def _told(variables: Mapping[str, str], ability: str) -> str:
    """Return what is told of a terminal by its name; empty = nothing."""
    names = (variables.get("TERM_PROGRAM", ""), variables.get("TERM", ""))
    return next(filter(None, (_TOLD.get((name, ability)) for name in names)), "")


def _not_known(replies: Replies) -> str:
    return f"not known: {replies.silence or 'the terminal does not say'}"


def _streams(console: Console) -> str:
    terminals = {
        "stdin": console.can_prompt,
        "stdout": console.stdout_is_terminal,
        "stderr": console.stderr_is_terminal,
    }
    shown = [name for name, is_terminal in terminals.items() if is_terminal]
    return f"{', '.join(shown)} in a terminal" if shown else "not in a terminal"


def _size() -> Finding:
    for number in (1, 2, 0):
        try:
            columns, rows = os.get_terminal_size(number)
        except (OSError, ValueError):
            continue
        if columns < _LEAST[0] or rows < _LEAST[1]:
            remedy = f"The app needs {_LEAST[0]}×{_LEAST[1]} cells: enlarge the window."
            return Finding("size", f"{columns}×{rows}", remedy)
        return Finding("size", f"{columns}×{rows}")
    return Finding("size", "unknown: no stream is a terminal")


def _colors(variables: Mapping[str, str], replies: Replies) -> Finding:
    """Report the colors that the app uses, which are those that variables say."""
    text = "none: NO_COLOR is set"
    term = variables.get("TERM", "")
    if not variables.get("NO_COLOR"):
        if variables.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
            text = f"16 million (COLORTERM={variables['COLORTERM']})"
        elif term.endswith("-direct"):
            text = "16 million"
        else:
            count = _terminfo_colors(term)
            text = f"{count} (terminfo)" if count else "16 or fewer"
            if not count and "256" in term:
                text = "256"
            if replies.has_true_color:
                text = f"{text}; the terminal has 16 million"
                return Finding("colors", text, "To use them, set COLORTERM=truecolor.")
    return Finding("colors", text)


def _inside(variables: Mapping[str, str]) -> Iterator[Finding]:
    """Report what lies between the terminal and the app."""
    layers = [
        name
        for name, variable in (
            ("tmux", "TMUX"),
            ("screen", "STY"),
            ("zellij", "ZELLIJ"),
            ("SSH", "SSH_CONNECTION"),
            ("mosh", "MOSH_KEY"),
            ("WSL", "WSL_DISTRO_NAME"),
        )
        # Only that they are set: the values name hosts and users.
        if variables.get(variable)
    ]
    yield Finding("inside", ", ".join(layers) or "none of tmux, screen, zellij, SSH")


def _clipboard(variables: Mapping[str, str], replies: Replies) -> Finding:
    """Report whether a copy reaches the clipboard through the terminal (OSC 52)."""
    if variables.get("TMUX"):
        return _clipboard_of_tmux()
    if replies.writes_clipboard:
        return Finding(_CLIPBOARD, "yes")
    if variables.get("STY"):
        return Finding(_CLIPBOARD, "not known: screen does not say")
    text = _told(variables, _CLIPBOARD) or _not_known(replies)
    return Finding(_CLIPBOARD, text)


def _clipboard_of_tmux() -> Finding:
    """Report whether tmux passes on a copy.

    It does with ``set-clipboard on`` (input_osc_52 in its input.c, up to tmux 3.5; tried
    with 3.3), to a terminal that it knows the capability Ms of (its wiki, "Clipboard").
    """
    setting = _ask_tmux("show-options", "-gsv", "set-clipboard")
    if setting in ("off", "external"):
        return Finding(
            _CLIPBOARD,
            f"no: tmux has set-clipboard {setting}, so programs in it cannot copy",
            "To copy through tmux, run: tmux set -s set-clipboard on.",
        )
    features = _ask_tmux("display-message", "-p", "#{client_termfeatures}")
    if setting != "on" or not features:
        return Finding(_CLIPBOARD, "not known: tmux does not say")
    if "clipboard" in features.split(","):
        return Finding(_CLIPBOARD, "yes, through tmux")
    return Finding(
        _CLIPBOARD,
        "no: tmux does not know that its terminal can",
        "If yours can, run: tmux set -as terminal-features '*:clipboard', and attach "
        "again.",
    )


def _ask_tmux(*words: str) -> str:
    """Run a command of tmux that says something in a word; empty = it does not."""
    if shutil.which("tmux") is None:
        return ""
    try:
        done = subprocess.run(
            ["tmux", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TMUX_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("ascii", "replace").strip()


def _terminfo_colors(term: str) -> int:
    """Return how many colors terminfo says that a terminal has; 0 = it does not."""
    try:
        import curses

        # Any descriptor will do: it is asked for the speed of the line, nothing is sent.
        curses.setupterm(term, 2)
        return max(int(curses.tigetnum("colors")), 0)
    except Exception:  # Any: some systems have no curses, many terminals no entry.
        return 0
